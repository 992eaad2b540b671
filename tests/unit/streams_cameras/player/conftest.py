"""The catalogue's office with a camera, for tests that need booked segments."""

from tests.unit.catalog.conftest import add_source, clock, regulation, source

__all__ = ["add_source", "clock", "regulation", "source"]
