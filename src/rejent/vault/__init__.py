"""Sealed objects in the age v1 format, their keys, and the stores that hold them. No Django."""
