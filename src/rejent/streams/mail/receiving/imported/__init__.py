"""Import of mailboxes: history that somebody else received."""
