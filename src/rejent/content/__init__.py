"""From sealed objects to what a browser plays."""
