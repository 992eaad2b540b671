"""Threats in what is received: rules and lists of the office, and its ClamAV; verdicts by name, never content."""
