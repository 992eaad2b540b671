"""Supervision: the week's report, samples, viewings and live watching."""
