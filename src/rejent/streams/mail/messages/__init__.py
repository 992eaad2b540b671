"""One message: what may be known of it, how it is sealed, how it is read."""
