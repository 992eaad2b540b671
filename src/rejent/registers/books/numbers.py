"""Numbers in numbered books: ``Z-2026-3`` is the third of the year in the book whose mark is Z."""

import re

_NUMBER = re.compile(r"[A-Z]{1,3}-\d{4}-\d{1,9}")


def written_number(mark: str, year: int, count: int) -> str:
    """Return the number as it stands on pages, in documents, addresses and the ledger."""
    return f"{mark}-{year}-{count}"


def read_number(number: str) -> tuple[int, int]:
    """Return year and count of a number; ValueError where it is none."""
    _, year, count = number.split("-")
    return int(year), int(count)


def is_number(text: str) -> bool:
    """Return whether a text is a whole number of some book."""
    return _NUMBER.fullmatch(text) is not None
