"""Recorders: the contract, the supervisor, one folder per recorder type."""
