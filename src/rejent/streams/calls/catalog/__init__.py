"""Lines of telephone and their calls in the catalogue: announcements, records of exchanges, refusals."""
