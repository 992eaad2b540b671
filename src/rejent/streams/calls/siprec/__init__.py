"""The recording server of SIPREC (RFC 7865, RFC 7866)."""
