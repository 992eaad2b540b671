"""The recorder of calls: recording sessions taken, their packets received, and both kept as one call of a line."""
