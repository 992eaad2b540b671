"""Destruction of what a term ends, and survivors of what holds keep."""
