"""The recorder of calls: signalling and packets, recorded as calls of a line."""
