"""Telephone numbers: spelling, suffixes, commitments, refusals."""
