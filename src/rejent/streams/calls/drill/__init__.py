"""The drill: a proxy and two parties of its own call each other while the recorder is disturbed, and time is taken."""
