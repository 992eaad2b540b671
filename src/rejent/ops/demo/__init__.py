"""The demo: an office with a past, simulated cameras and a PBX that does not exist."""
