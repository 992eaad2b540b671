"""What the keepers do for calls."""
