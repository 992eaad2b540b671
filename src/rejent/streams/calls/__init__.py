"""Recording telephone calls."""
