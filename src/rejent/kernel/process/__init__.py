"""The process that the program runs in: one of a name, its capabilities, its imports."""
