"""Importing people: lines of a file or a directory, and what they change of the people that are entered."""
