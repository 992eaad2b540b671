"""Commands about calls and lines."""
