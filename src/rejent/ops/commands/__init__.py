"""Commands that start the program, make an installation, or show what pages show."""
