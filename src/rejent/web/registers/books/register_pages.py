"""The registers: all of them, one as it is printed, and its files."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from rejent.access.errors import AccessRefusedError
from rejent.access.rules.decision import may_administer
from rejent.kernel.clock import civil_date
from rejent.kernel.numbers import read_number
from rejent.office import queries as office
from rejent.registers.books.closing import ClosingView, closings
from rejent.registers.books.numbered_rows import Wanted
from rejent.web.desk import Desk, Found, Sought
from rejent.web.registers.books.kinds import register_called
from rejent.web.registers.books.kinds import registers as every_register
from rejent.web.registers.books.register import Register
from rejent.web.registers.exports import MOST_PRINTED, ROWS_A_VOLUME, chosen_format, handed_out_whole
from rejent.web.requests.visitor import PersonRequest, may

LONGEST_SEARCH = 200
_FIRST_YEAR, _LAST_YEAR = 1, 9998


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of a register's page asks for."""

    wanted: Wanted
    after: str
    begin: str

    def again(self, **changed: str) -> str:
        """Return the address of another page of the same."""
        wanted = self.wanted
        given = {
            "year": str(wanted.year or ""),
            "q": wanted.words,
            "sort": wanted.sort,
            "order": "" if wanted.newest_first else "up",
            **changed,
        }
        return f"?{urlencode({name: value for name, value in given.items() if value})}"


def registers(request: PersonRequest) -> HttpResponse:
    """Return the registers that are open to the person, each with its years."""
    closed: dict[str, list[ClosingView]] = {}
    for each in closings():
        closed.setdefault(each.register, []).append(each)
    prescribed = office.verified_streams(civil_date(settings.CLOCK.now()))
    shown = [each for each in every_register() if may(request, each.act)]
    rows = [(each, each.basis(prescribed), closed.get(each.name, [])) for each in shown]
    return render(request, "registers/registers.html", {"rows": rows})


def register(request: PersonRequest, name: str) -> HttpResponse:
    """Return a page of a register, with its regulation's columns."""
    book = open_register(request, name)
    if book.page:
        return redirect(book.page)
    asked = read_asked(request, book)
    page = book.rows.page(asked.wanted, after=asked.after, begin=asked.begin)
    columns = book.columns()
    titles = [column.title for column in columns]
    in_view = [place for place, column in enumerate(columns) if column.printed and column.in_view]
    context = {
        "book": book,
        "basis": book.basis(office.verified_streams(civil_date(settings.CLOCK.now()))),
        "asked": asked,
        "shares": _shares([columns[place].share for place in in_view]),
        "titles": [titles[place] for place in in_view],
        "cell_titles": [titles[place] for place in in_view[1:]],
        "rows": [
            (
                book.link(view),
                cells[0],
                [cells[place] for place in in_view[1:]],
                list(zip(titles, cells, strict=True)),
            )
            for view, cells in zip(page.rows, book.cells(page.rows), strict=True)
        ],
        "doubted": page.doubted,
        "years": book.rows.years(),
        "closed": {each.year for each in closings(book.name)},
        "older": asked.again(after=page.more) if page.more else "",
        "newest": asked.again() if asked.after or asked.begin else "",
        "missed": bool(asked.begin) and not any(book.named(view) == asked.begin for view in page.rows[:1]),
        "most_printed": MOST_PRINTED,
        "a_volume": ROWS_A_VOLUME,
        "narrowing": asked.again(),
        "narrowed": asked.again() != "?",
    }
    return render(request, "registers/register.html", context)


_FOR_DETAILS = 5
"""Percent of the table's width that the way to the details takes."""


def _shares(shares: list[int]) -> list[str]:
    """Return the widths of the columns in view, in percent of the table."""
    left = 100 - _FOR_DETAILS
    return [f"{left * share / sum(shares):.1f}%" for share in shares]


def register_export(request: PersonRequest, name: str, written: str) -> HttpResponseBase:
    """Return a register as a file, as its page shows it: of a year, or by words, or whole."""
    book, form = open_register(request, name), chosen_format(written)
    asked = read_asked(request, book).wanted
    if book.page:
        asked = replace(asked, words="")
    pieces = book.rows.pieces(asked)
    narrowed = {"year": asked.year, "searched": bool(asked.words)}
    return handed_out_whole(
        request,
        form,
        book.name,
        title=str(book.title),
        columns=book.columns(),
        rows=(row for piece in pieces for row in book.cells(piece)),
        narrowed={key: value for key, value in narrowed.items() if value},
        remarks=_remarks(asked),
    )


def open_register(request: PersonRequest, name: str) -> Register:
    """Return a register that is open to the person. Raises NotFoundError: there is none; AccessRefusedError: it is not theirs to see."""
    book = register_called(name)
    decision = may_administer(request.person.roles, book.act)
    if not decision.allowed:
        raise AccessRefusedError(decision)
    return book


def read_asked(request: PersonRequest, book: Register) -> Asked:
    """Read the address; what it holds wrongly narrows nothing."""
    given = {
        name: request.GET.get(name, "").strip()[:LONGEST_SEARCH] for name in ("year", "q", "sort", "from")
    }
    wanted = Wanted(
        year=read_number(given["year"], least=_FIRST_YEAR, most=_LAST_YEAR),
        words=given["q"].replace("\0", ""),
        sort=given["sort"] if given["sort"] in book.rows.sorts else "",
        newest_first=request.GET.get("order") != "up",
    )
    return Asked(wanted, request.GET.get("after", "")[:80], given["from"])


def _remarks(wanted: Wanted) -> list[str]:
    remarks = []
    if wanted.year is not None:
        remarks.append(gettext("Year: %(year)s") % {"year": wanted.year})
    if wanted.words:
        remarks.append(gettext("Rows that name: %(words)s") % {"words": wanted.words})
    return remarks


MOST_FOUND = 6
"""Rows of a book that a search names; the book's own page has them all."""
_CELLS_TOLD = slice(1, 4)


def _finds(sought: Sought) -> Iterator[Found]:
    """Yield the rows of the books open to the person that name what is sought."""
    for book in every_register():
        if not sought.may(book.act):
            continue
        views = book.rows.find(sought.words, MOST_FOUND + 1)
        for view, cells in zip(views[:MOST_FOUND], book.cells(views[:MOST_FOUND]), strict=True):
            named = book.named(view)
            more = " · ".join(cell for cell in cells[_CELLS_TOLD] if cell)
            address = (
                book.link(view) or f"{reverse('register', args=[book.name])}?{urlencode({'from': named})}"
            )
            yield Found(book.title, cells[0], more, address, exact=named == sought.words)
        if views[MOST_FOUND:]:
            address = f"{reverse('register', args=[book.name])}?{urlencode({'q': sought.words})}"
            yield Found(book.title, gettext("All rows of the register that fit"), "", address)


DESK = Desk(finds=_finds)
