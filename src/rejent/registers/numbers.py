"""The shape of numbers in numbered books: ``Z-2026-3`` is the third of the year in the book whose mark is Z.

It stands in addresses and names of files as it is. Books begun by earlier versions hold numbers such as ``O/3/2026``;
they stay what they were and are read as well.
"""


def written_number(mark: str, year: int, count: int) -> str:
    """The number as it stands on pages, documents and in the ledger."""
    return f"{mark}-{year}-{count}"


def read_number(number: str) -> tuple[int, int]:
    """Year and count of a number in either shape. Raises `ValueError` if it has neither."""
    if "/" in number:
        _, count, year = number.split("/")
    else:
        _, year, count = number.split("-")
    return int(year), int(count)
