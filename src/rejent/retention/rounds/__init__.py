"""Rounds of the keepers: what they work with, do and report."""
