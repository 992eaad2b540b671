"""Registers as books: their rows a page at a time, and the closing of a year."""
