"""Lines whose calls are recorded, as their addresses describe them."""
