"""Deadlines, holds, destruction."""
