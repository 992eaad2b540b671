"""Record calls from a mirror port, passively."""
