"""Numbers in numbered books: ``Z-2026-3`` is the third of the year in the book whose mark is Z."""


def written_number(mark: str, year: int, count: int) -> str:
    """Return the number as it stands on pages, in documents, addresses and the ledger."""
    return f"{mark}-{year}-{count}"


def read_number(number: str) -> tuple[int, int]:
    """Return year and count of a number; ValueError where it is none."""
    _, year, count = number.split("-")
    return int(year), int(count)
