"""The Session Initiation Protocol as a user agent server needs it (RFC 3261)."""
