"""The SIPREC session recording server (RFC 7865, RFC 7866)."""
