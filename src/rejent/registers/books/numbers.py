"""Numbers in numbered books: ``Z-2026-3`` is the third of the year in the book whose mark is Z."""

import re

_NUMBER = re.compile(r"[A-Z]{1,3}-([0-9]{4})-([0-9]{1,9})")


def written_number(mark: str, year: int, count: int) -> str:
    """Return the number as it stands on pages, in documents, addresses and the ledger."""
    return f"{mark}-{year}-{count}"


def year_and_count(number: str) -> tuple[int, int]:
    """Return year and count of a number; ValueError where it is none."""
    found = _NUMBER.fullmatch(number)
    if found is None:
        raise ValueError(number)
    return int(found[1]), int(found[2])


def is_number(text: str) -> bool:
    """Return whether a text is a whole number of some book."""
    return _NUMBER.fullmatch(text) is not None
