"""The HTTP interface under /api/v1, and metrics."""
