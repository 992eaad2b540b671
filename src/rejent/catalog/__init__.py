"""Recordings: sources, segments, gaps, clocks, day keys' public halves, storage forecast."""
