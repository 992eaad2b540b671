"""The Session Initiation Protocol, as far as one who is called needs it (RFC 3261)."""
