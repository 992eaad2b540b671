"""Calls recorded by a PBX: its files and call records."""
