"""The demo: an office with a past and simulated sources."""
