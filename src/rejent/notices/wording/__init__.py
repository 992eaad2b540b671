"""Passages in an office's own words: checked, versioned, in force from a day."""
