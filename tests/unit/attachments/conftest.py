"""Offices that make copies, whose cases and commissions take files."""

from tests.unit.copies.conftest import found_office, pleszew

__all__ = ["found_office", "pleszew"]
