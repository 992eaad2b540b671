"""Sound of recorded calls."""
