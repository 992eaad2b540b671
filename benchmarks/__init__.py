"""Benchmarks: not tests. `make bench` runs them all, each peer measured in the same run."""
