"""Clips, stills and live pictures of a camera."""
