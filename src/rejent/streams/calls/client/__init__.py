"""A recording client (RFC 7866 §7.1): hands calls over to a recorder, as a session border controller does."""
