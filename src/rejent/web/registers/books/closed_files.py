"""A closed year of a register as files: gathered, written, and laid beside what the register says today.

Its words are those of the installation's language, whoever closes it and whoever reads it later.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from rejent.documents.papers import Book, Column, Letterhead
from rejent.documents.workbook import spreadsheet, workbook
from rejent.registers.books.closing import ClosedContent, Digests, KeyedRow
from rejent.registers.books.numbered_rows import Wanted
from rejent.registers.exporting import Format
from rejent.web.registers.books.register import Register, Row
from rejent.web.registers.volumes import MOST_PRINTED, printed, volume_words
from rejent.web.requests.context import office_name
from rejent.web.words.wording import moment_digits, number


def year_rows(book: Register, year: int) -> list[KeyedRow]:
    """Return the rows of a year in the order of their numbers, as the register says them now.

    Raises:
        LedgerMismatchError: one is not as it was entered.
    """
    with translation.override(settings.LANGUAGE_CODE):
        wanted = Wanted(year=year, newest_first=False)
        rows = [
            (book.named(view), row)
            for piece in book.rows.pieces(wanted)
            for view, row in zip(piece, book.cells(piece), strict=True)
        ]
    return rows[::-1] if book.page else rows


def closing_head(book: Register, year: int, rows: Sequence[KeyedRow], at: datetime) -> dict[str, Any]:
    """Return what stands on the files of a year besides its rows, as JSON values."""
    with translation.override(settings.LANGUAGE_CODE):
        facts = {"year": year, "count": number(len(rows)), "moment": moment_digits(at)}
        said = [gettext("Closed on %(moment)s. Number of rows: %(count)s.") % facts]
        if rows:
            ends = {"first": rows[0][0], "last": rows[-1][0]}
            said.append(gettext("From %(first)s to %(last)s.") % ends)
        return {
            "language": "pl" if settings.LANGUAGE_CODE.startswith("pl") else "en",
            "office": office_name(at),
            "title": gettext("%(register)s, year %(year)s") % {"register": book.title, "year": year},
            "made_at": at.isoformat(),
            "marks": [
                gettext(
                    "The register of actions holds the digest of this file: act of closing, ledger %(origin)s"
                )
                % {"origin": settings.LEDGER.origin}
            ],
            "page": gettext("page {page} of {pages}"),
            "volume": volume_words(),
            "warning": gettext("Test installation. Not for use.") if settings.INSTALLATION.test else "",
            "remarks": said,
            "columns": [[column.title, column.share, column.printed] for column in book.columns()],
            "empty": gettext("There are no entries in this year."),
            "erased": gettext("erased"),
        }


def closing_digests(head: Mapping[str, Any], rows: Sequence[KeyedRow]) -> Digests:
    """Return the digests of a year's files; none of a paper where the year is too long for one."""
    content = ClosedContent(head, list(rows))
    csv = sha256(b"".join(closed_file(content, Format.CSV))).hexdigest()
    pdf = sha256(b"".join(closed_file(content, Format.PDF))).hexdigest() if fits_paper(len(rows)) else ""
    return Digests(csv, pdf)


def fits_paper(count: int) -> bool:
    """Return whether so many rows are printed."""
    return count <= MOST_PRINTED


def closed_file(content: ClosedContent, form: Format) -> Iterator[bytes]:
    """Yield a closed year as a file: the same bytes each time, as long as nothing of it is erased."""
    head = content.head
    book = closed_book(content)
    titles = [column.title for column in book.columns]
    if form is Format.CSV:
        yield from spreadsheet(titles, [book.rows])
    elif form is Format.XLSX:
        yield from workbook(head["title"], titles, [column.share for column in book.columns], [book.rows])
    else:
        yield printed(book, head["volume"])


def closed_book(content: ClosedContent) -> Book:
    """Return a closed year as a book to be printed."""
    head = content.head
    columns = tuple(Column(*each) for each in head["columns"])
    erased: Row = (head["erased"], *[""] * (len(columns) - 1))
    rows = [erased if row is None else row[1] for row in content.rows]
    return Book(_letterhead(head), tuple(head["remarks"]), columns, rows, head["empty"])


def _letterhead(head: Mapping[str, Any]) -> Letterhead:
    language: Literal["pl", "en"] = "pl" if head["language"] == "pl" else "en"
    return Letterhead(
        language=language,
        office=head["office"],
        title=head["title"],
        made_at=datetime.fromisoformat(head["made_at"]),
        marks=tuple(head["marks"]),
        page=head["page"],
        warning=head["warning"],
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that the register tells otherwise today than when its year was closed.

    Attributes:
        name: of the row.
        cells: title of a column, what it said, what it says.
    """

    name: str
    cells: tuple[tuple[str, str, str], ...]


def differences(content: ClosedContent, today: Sequence[KeyedRow]) -> Iterator[Difference]:
    """Yield each row that says something else today, that is gone, or that came since."""
    titles = [title for title, _share, _printed in content.head["columns"]]
    closed = dict(row for row in content.rows if row is not None)
    now = dict(today)
    erased = bool(content.erased)
    for name in closed.keys() | now.keys():
        before, after = closed.get(name), now.get(name)
        if before == after or (before is None and erased):
            continue
        nothing: Row = ("",) * len(titles)
        pairs = zip(titles, before or nothing, after or nothing, strict=False)
        yield Difference(name, tuple(each for each in pairs if each[1] != each[2]))
