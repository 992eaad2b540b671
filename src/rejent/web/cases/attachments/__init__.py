"""Pages of attached files."""
