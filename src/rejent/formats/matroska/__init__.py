"""The Matroska file of a recorded call (docs/design/0012)."""
