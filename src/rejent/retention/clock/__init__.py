"""Judging the clock before anything is destroyed by it."""
