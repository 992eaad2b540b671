"""A year of a register: closing it, its files as it was closed, and what changed since."""

from collections.abc import Iterator
from hashlib import sha256

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from rejent.kernel.clock import Clock, FrozenClock, civil_date
from rejent.office.people import standing
from rejent.registers.books.closing import ClosingView, close_year, closed_content, closing
from rejent.registers.books.numbered_rows import Wanted
from rejent.registers.errors import YearClosedError, YearOpenError
from rejent.registers.exporting import Format, export_rows
from rejent.retention import services as retention
from rejent.web.pages.checked import Check, check_page, is_confirmed, is_to_change
from rejent.web.registers.books.closed_files import (
    Difference,
    closed_book,
    closed_file,
    closing_digests,
    closing_head,
    differences,
    fits_paper,
    year_rows,
)
from rejent.web.registers.books.register import Register
from rejent.web.registers.books.register_pages import open_register
from rejent.web.registers.exports import chosen_format, file_response, paper_response
from rejent.web.registers.volumes import MOST_PRINTED
from rejent.web.requests.visitor import PersonRequest, acting, may
from rejent.web.words.acts import Names
from rejent.web.words.wording import number as counted

MOST_DIFFERENCES = 200
_COMPARED = "compare"


@require_http_methods(["GET", "POST"])
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
    """Return whether the files are made anew bit by bit, and what the register says otherwise today."""
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


@require_http_methods(["GET", "POST"])
def register_close(request: PersonRequest, name: str, year: int) -> HttpResponse:
    """Close a year after a page to check it."""
    book = open_register(request, name)
    if is_to_change(request):
        return redirect("register-year", name, year)
    _demand_closable(book, year)
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
    """Close a year with the rows that its register has now, and sign the ledger's head.

    Raises:
        YearOpenError, YearClosedError: it cannot be closed, or was.
        LedgerMismatchError: a row is not as it was entered.
    """
    _demand_closable(book, year)
    clock = FrozenClock(clock)
    rows = year_rows(book, year)
    head = closing_head(book, year, rows, clock.now())
    place = standing.place_taken(actor, clock=clock)
    close_year(
        book.name, year, head, rows, closing_digests(head, rows), clock=clock, actor=actor, place=place
    )
    retention.sign_at_once(settings.LEDGER, clock)


@require_POST
def closed_export(request: PersonRequest, name: str, year: int, written: str) -> HttpResponseBase:
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


def _demand_closable(book: Register, year: int) -> None:
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
            (gettext("Rows"), (counted(count),)),
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
            "most": counted(MOST_PRINTED)
        }
