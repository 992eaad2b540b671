"""Django's backend for SQLite, reading cells as they stand (`registers/guard/cells.py`)."""
