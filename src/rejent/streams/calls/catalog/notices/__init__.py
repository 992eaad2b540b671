"""Announcements, and the evidence that they were heard."""
