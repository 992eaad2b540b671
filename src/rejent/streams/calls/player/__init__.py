"""What is heard of recorded calls."""
