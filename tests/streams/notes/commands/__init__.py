"""What the command gets from notes."""
