"""The registers as books: on screen, as files, and closed by year."""
