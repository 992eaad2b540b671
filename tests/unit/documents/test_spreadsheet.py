"""Tables for spreadsheets."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as some

from rejent.documents.workbook import escape_formula, spreadsheet


def _read(content: bytes) -> list[list[str]]:
    text = content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def test_a_table_opens_in_a_polish_spreadsheet() -> None:
    """A mark for UTF-8, semicolons, line ends of RFC 4180; semicolons, quotes and line ends inside a cell stay in it."""
    rows = [["Zażółć; gęślą", 'mówi „a” i "b"', "dwie\nlinie"], [7, "", "x"]]
    content = b"".join(spreadsheet(["A", "B", "C"], [rows[:1], rows[1:]]))
    assert content.startswith(b"\xef\xbb\xbfA;B;C\r\n")
    assert _read(content)[1:] == [["Zażółć; gęślą", 'mówi „a” i "b"', "dwie\nlinie"], ["7", "", "x"]]


def test_the_titles_come_before_the_first_row_is_asked_for() -> None:
    """What is sent first needs no row, so that a long register begins at once."""
    pieces = spreadsheet(["A"], (pytest.fail("asked too early") for _ in range(1)))
    assert next(pieces) == b"\xef\xbb\xbfA\r\n"


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+48 600", "-2", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\u00a0=HYPERLINK(1)", "＝1", "\n-1", '="a";=2'],
)  # fmt: skip
def test_a_cell_that_begins_like_a_formula_is_text(cell: str) -> None:
    """It gets an apostrophe, and nothing of it is lost."""
    assert escape_formula(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", "Jan", "1-2", "a=b", "§ 7", "'=1", " "])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    """What no spreadsheet would compute is not touched."""
    assert escape_formula(cell) == cell


def test_a_number_stays_a_number() -> None:
    """A negative count is no formula."""
    assert escape_formula(-3) == "-3"


@given(some.lists(some.lists(some.text(), min_size=1, max_size=4), max_size=5))
def test_no_cell_of_any_table_begins_a_formula(rows: list[list[str]]) -> None:
    """Whatever people write, read back with the csv module: as many cells, none dangerous, none changed otherwise."""
    found = _read(b"".join(spreadsheet(["x"], [rows])))[1:]
    assert [len(row) for row in found if row] == [len(row) for row in rows]
    for row, written in zip(found, rows, strict=True):
        for cell, before in zip(row, written, strict=True):
            assert cell.lstrip()[:1] not in set("=+-@＝＋－＠") or not cell
            assert cell.removeprefix("'") == before.removeprefix("'")
