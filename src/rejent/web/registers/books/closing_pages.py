"""A year of a register: closing it, its files as it was closed, and what changed since.

The words of its files are those of the installation's language, whoever closes it and whoever reads it later.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext

from rejent.documents.papers import Book, Column, Letterhead
from rejent.documents.workbook import spreadsheet, workbook
from rejent.kernel.clock import Clock, FrozenClock, civil_date
from rejent.office.people import standing
from rejent.registers.books.closing import (
    ClosedContent,
    ClosingView,
    Digests,
    KeyedRow,
    close_year,
    closed_content,
    closing,
)
from rejent.registers.books.numbered_rows import Wanted
from rejent.registers.errors import YearClosedError, YearOpenError
from rejent.registers.exporting import Format, export_rows
from rejent.retention import services as retention
from rejent.web.pages.plain_form import Check, check_page, is_confirmed, is_to_change
from rejent.web.registers.books.register import Register, Row
from rejent.web.registers.books.register_pages import open_register
from rejent.web.registers.exports import (
    MOST_PRINTED,
    chosen_format,
    file_response,
    paper_response,
    printed,
    volume_words,
)
from rejent.web.requests.context import office_name
from rejent.web.requests.visitor import PersonRequest, acting, may
from rejent.web.words.acts import Names
from rejent.web.words.wording import moment_digits, number


def year_rows(book: Register, year: int) -> list[KeyedRow]:
    """Return the rows of a year in the order of their numbers, as they are now. Raises LedgerMismatchError: one is not as entered."""
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
        remarks = [gettext("Closed on %(moment)s. Number of rows: %(count)s.") % facts]
        if rows:
            ends = {"first": rows[0][0], "last": rows[-1][0]}
            remarks.append(gettext("From %(first)s to %(last)s.") % ends)
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
            "remarks": remarks,
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
    """A row that the register has otherwise today than when its year was closed: title of a column, what it said, what it says."""

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


MOST_DIFFERENCES = 200
_COMPARED = "compare"


def register_year(request: PersonRequest, name: str, year: int) -> HttpResponse:
    """Return what became of a year: open, to be closed, or closed with its digests; posted, it is compared with the register."""
    book = open_register(request, name)
    done = closing(book.name, year)
    compared = done is not None and request.method == "POST"
    names = Names()
    context = {
        "book": book,
        "year": year,
        "done": done,
        "closed_by": names.person(done.closed_by) if done else "",
        "count": done.count if done else book.rows.count(Wanted(year=year)),
        "over": _is_over(year),
        "may_close": may(request, "close-register"),
        "printed": done is not None and bool(done.digests.pdf),
        "proof": done.entry if done and may(request, "see-ledger") else None,
        "compared": compared,
    }
    if done is not None and compared:
        context |= _comparison(book, done)
    return render(request, "registers/register_year.html", context)


def _comparison(book: Register, done: ClosingView) -> dict[str, object]:
    content = closed_content(done.register, done.year)
    wanted = {Format.CSV: done.digests.csv, Format.PDF: done.digests.pdf}
    made = {
        form: sha256(b"".join(closed_file(content, form))).hexdigest()
        for form, known in wanted.items()
        if known
    }
    found = sorted(differences(content, year_rows(book, done.year)), key=lambda each: each.name)
    shown: list[Difference] = found[:MOST_DIFFERENCES]
    return {
        "files": [(form.value.upper(), made[form] == wanted[form]) for form in made],
        "erased": content.erased,
        "differences": shown,
        "more": len(found) - len(shown),
    }


def register_close(request: PersonRequest, name: str, year: int) -> HttpResponse:
    """Close a year after a page to check it."""
    book = open_register(request, name)
    if is_to_change(request):
        return redirect("register-year", name, year)
    _require_closable(book, year)
    if not is_confirmed(request):
        return check_page(request, _check(book, year))
    try:
        close_as_it_stands(book, year, clock=settings.CLOCK, actor=str(request.person.id))
    except YearClosedError as error:
        messages.warning(request, error.sentence(gettext))
    else:
        messages.success(request, gettext("The year %(year)s is closed.") % {"year": year})
    return redirect("register-year", name, year)


def close_as_it_stands(book: Register, year: int, *, clock: Clock, actor: str) -> None:
    """Close a year with the rows that its register has now, and sign the ledger's head. Errors as of `year_rows` and `_require_closable`."""
    _require_closable(book, year)
    clock = FrozenClock(clock)
    rows = year_rows(book, year)
    head = closing_head(book, year, rows, clock.now())
    place = standing.place_taken(actor, clock=clock)
    close_year(
        book.name, year, head, rows, closing_digests(head, rows), clock=clock, actor=actor, place=place
    )
    retention.sign_at_once(settings.LEDGER, clock)


def register_closed(request: PersonRequest, name: str, year: int, written: str) -> HttpResponseBase:
    """Return a closed year as the file that it was closed with; that it leaves the program is entered first."""
    book, form = open_register(request, name), chosen_format(written)
    content = closed_content(book.name, year)
    most = MOST_PRINTED if form is Format.PDF else None
    narrowed = {"year": year, "closed": True}
    export_rows(book.name, form, count=len(content.rows), narrowed=narrowed, most=most, **acting(request))
    title = str(content.head["title"])
    if form is Format.PDF:
        return paper_response(closed_book(content), content.head["volume"], title)
    return file_response(request, closed_file(content, form), title, form)


def _require_closable(book: Register, year: int) -> None:
    """Raise `YearOpenError` for a year that is not over, or whose numbers have a gap; `YearClosedError` for a closed one."""
    if closing(book.name, year) is not None:
        raise YearClosedError(
            "The year {year} of this register is closed, perhaps in another window.", year=year
        )
    if not _is_over(year):
        raise YearOpenError(
            "The year {year} is not over.", year=year, advice="A year is closed once it is over."
        )
    if book.rows.lacking(year):
        raise YearOpenError(
            "A number of {year} is missing in this register.",
            year=year,
            advice="Let whoever runs the system run rejent fsck: it names the gap.",
        )


def _is_over(year: int) -> bool:
    return year < civil_date(settings.CLOCK.now()).year


def _check(book: Register, year: int) -> Check:
    count = book.rows.count(Wanted(year=year))
    return Check(
        title=gettext("Check before closing the year"),
        facts=[
            (gettext("Register"), (str(book.title),)),
            (gettext("Year"), (str(year),)),
            (gettext("Rows"), (number(count),)),
        ],
        outcome=list(_outcome(count)),
        confirm=gettext("Close the year"),
        icon="lock",
    )


def _outcome(count: int) -> Iterator[str]:
    yield gettext(
        "The register of this year is kept as it stands now; the ledger keeps the digest of its files."
    )
    yield gettext(
        "What changes later is entered as before, stands in the register and never in what was closed. A year is not opened again."
    )
    if not fits_paper(count):
        yield gettext("With more than %(most)s rows it is closed as a table, without a paper.") % {
            "most": number(MOST_PRINTED)
        }
