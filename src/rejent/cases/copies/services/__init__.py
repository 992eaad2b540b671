"""Everything that changes a copy."""

from rejent.cases.copies.services.making import MOST_PARTS, SERIES, Asked, finish_copies, make_copy

__all__ = ["MOST_PARTS", "SERIES", "Asked", "finish_copies", "make_copy"]
