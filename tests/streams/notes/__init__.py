"""Text notes as a kind of stream: the smallest that there can be."""
