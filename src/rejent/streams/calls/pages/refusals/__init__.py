"""Pages of refused numbers."""
