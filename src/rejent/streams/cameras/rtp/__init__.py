"""Access units from RTP packets."""
