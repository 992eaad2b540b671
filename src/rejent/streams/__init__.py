"""The kinds of streams that the program records, one folder a kind."""
