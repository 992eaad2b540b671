"""The remaining pages: start, sources, holds, keeping, the regulation."""
