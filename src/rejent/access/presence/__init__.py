"""People present at a viewing: second persons, guests."""
