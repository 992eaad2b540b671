"""Sources that PyAV reads, in a process of their own."""
