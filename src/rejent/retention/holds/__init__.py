"""Holds: placing, reviewing, ending; their journal beside the keys."""
