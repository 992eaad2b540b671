"""The drill: calls through a proxy are timed while the recorder is disturbed."""
