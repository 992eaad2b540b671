"""Pages on which calls are found."""
