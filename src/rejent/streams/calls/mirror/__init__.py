"""Calls recorded from a mirror port: frames in, the calls among them recorded, nothing sent."""
