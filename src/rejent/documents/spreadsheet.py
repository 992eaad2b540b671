"""Tables for spreadsheets as Polish offices open them: UTF-8 with its mark, semicolons, and no cell that is a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

_MARK = "\ufeff"
"""Marks the file as UTF-8 for Excel."""
_FORMULA = frozenset("=+-@＝＋－＠")
"""A cell that begins with one of these is a formula to some spreadsheet, blanks before it or not (CWE-1236)."""
_HARMLESS = "'"
"""Makes text of a cell's content when it stands before it."""


def spreadsheet(titles: Sequence[str], pieces: Iterable[Iterable[Sequence[object]]]) -> Iterator[bytes]:
    """Yield the table piece by piece, as the rows come; RFC 4180 but for the semicolon."""
    yield (_MARK + _lines([titles])).encode()
    for rows in pieces:
        yield _lines(rows).encode()


def escape_formula(cell: object) -> str:
    """Return the cell as text that no spreadsheet computes; a number stays one."""
    text = str(cell)
    if isinstance(cell, int):
        return text
    risky = text[:1] in {"\t", "\r", "\n"} or text.lstrip()[:1] in _FORMULA
    return _HARMLESS + text if risky and text.lstrip() else text


def _lines(rows: Iterable[Sequence[object]]) -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=";").writerows([escape_formula(cell) for cell in row] for row in rows)
    return written.getvalue()
