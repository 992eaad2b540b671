"""Sound from the packets of a call."""
