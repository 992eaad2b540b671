"""Taking a register out of the program."""
