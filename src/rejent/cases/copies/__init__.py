"""Copies of recordings: made under a case, numbered, handed over, destroyed by a commission."""
