"""A SIPREC session recording client (RFC 7866 §7.1), as in a session border controller."""
