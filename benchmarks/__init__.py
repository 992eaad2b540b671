"""Benchmarks, separate from the tests. `make bench` runs them all, each peer measured in the same run."""
