"""Rejent: records what a public office's regulation allows, keeps it exactly as long, and proves it."""
