"""What the command gets from e-mail."""
