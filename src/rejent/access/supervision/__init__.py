"""Oversight of the use of the system: weekly samples, reviews, reports."""
