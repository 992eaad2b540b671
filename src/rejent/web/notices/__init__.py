"""Pages on telling people: documents, plates, what is published."""
