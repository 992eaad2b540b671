"""Live pictures, from the recorder to whoever watches."""
