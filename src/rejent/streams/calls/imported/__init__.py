"""Calls that a PBX recorded itself: its files, and what it tells of them."""
