"""The registers as files, and authorisations as papers to be signed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from types import MappingProxyType
from zipfile import ZipFile, ZipInfo

from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from rejent.access import authorisation_queries
from rejent.access.errors import AccessRefusedError
from rejent.access.rules.decision import may_administer
from rejent.documents.papers import Book, Column
from rejent.documents.rendering import render_pdf
from rejent.documents.workbook import spreadsheet, workbook
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import NotFoundError
from rejent.registers.exporting import Export, Format, download, export_acts, export_rows
from rejent.web.people.authorisation_form import authorisation_form
from rejent.web.registers.books.register import Row, cells_of
from rejent.web.registers.letterheads import letterhead
from rejent.web.registers.register_books import actions
from rejent.web.registers.register_filter import read_filter
from rejent.web.requests.visitor import PersonRequest, acting, may
from rejent.web.words import wording
from rejent.web.words.acts import Names

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def ledger_export(request: PersonRequest, written: str) -> HttpResponseBase:
    """Return the register of actions as the page's filter shows it: every row as CSV or XLSX, a bounded number as PDF."""
    wanted, form = read_filter(request), chosen_format(written)
    if wanted.wrong:
        return redirect(f"{reverse('ledger')}?{request.GET.urlencode()}")
    export = export_acts(
        wanted.selection(), form, narrowed=wanted.record(), **acting(request), most=_most_of(form)
    )
    book = cells_of(actions)
    return _handed_out(
        request,
        form,
        export,
        title=gettext("Register of actions"),
        columns=book["columns"](),
        pieces=(list(book["cells"](piece)) for piece in export.pieces()),
        remarks=wanted.words(Names()),
    )


def authorisation_document(request: PersonRequest, number: str) -> HttpResponse:
    """Return an authorisation to be printed and signed: for who may see them all, and for the person themself."""
    seeing = may_administer(request.person.roles, "see-authorisations")
    own = {one.number for one in authorisation_queries.authorisations(person_id=request.person.id)}
    if not seeing.allowed and number not in own:
        raise AccessRefusedError(seeing)
    places = may(request, "see-secret-places")
    paper = authorisation_form(authorisation_queries.authorisation(number), with_secret_places=places)
    return pdf_response(render_pdf(paper), paper.letterhead.title)


def handed_out_whole(
    request: PersonRequest,
    form: Format,
    register: str,
    *,
    title: str,
    columns: list[Column],
    rows: Iterable[Row],
    narrowed: Mapping[str, object] = MappingProxyType({}),
    remarks: Iterable[str] = (),
) -> HttpResponseBase:
    """Enter the export of a register, and return it as a file; every row is read before any leaves.

    Raises TooManyRowsError: more rows than are printed; LedgerMismatchError: one is not as it was entered.
    """
    whole = list(rows)
    actor = str(request.person.id)
    export = export_rows(
        register,
        form,
        count=len(whole),
        narrowed=narrowed,
        clock=settings.CLOCK,
        actor=actor,
        most=_most_of(form),
    )
    return _handed_out(
        request, form, export, title=title, columns=columns, pieces=iter([whole]), remarks=remarks
    )


def _handed_out(
    request: PersonRequest,
    form: Format,
    export: Export,
    *,
    title: str,
    columns: list[Column],
    pieces: Iterator[list[Row]],
    remarks: Iterable[str] = (),
) -> HttpResponseBase:
    name = f"{title} {civil_date(export.at).isoformat()}"
    titles = [column.title for column in columns]
    if form is Format.CSV:
        return file_response(request, spreadsheet(titles, pieces), name, form)
    if form is Format.XLSX:
        made = workbook(title, titles, [column.share for column in columns], pieces)
        return file_response(request, made, name, form)
    book = Book(
        letterhead=letterhead(title, made_at=export.at, entry=export.entry),
        remarks=(*remarks, _counted(export.count, export.at)),
        columns=tuple(columns),
        rows=[row for piece in pieces for row in piece],
        empty=gettext("There are no entries in this selection."),
    )
    return paper_response(book, volume_words(), name)


def paper_response(book: Book, words: str, name: str) -> HttpResponse:
    """Return the paper of a register as a file to be saved; `words` as in `volumes.printed`."""
    content = printed(book, words)
    if not in_volumes(len(book.rows)):
        return pdf_response(content, name)
    response = HttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{file_name(name, "zip")}"'
    return response


def _counted(count: int, at: datetime) -> str:
    facts = {"count": wording.number(count), "moment": wording.moment_digits(at)}
    return gettext("Number of rows: %(count)s. As of %(moment)s.") % facts


def pdf_response(content: bytes, name: str) -> HttpResponse:
    """Return a document as a file to be saved."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{file_name(name, Format.PDF)}"'
    return response


def file_response(
    request: PersonRequest, pieces: Iterator[bytes], name: str, form: Format
) -> StreamingHttpResponse:
    """Return a file of a register that is made while it is sent."""
    media = {Format.CSV: "text/csv; charset=utf-8", Format.XLSX: XLSX, Format.PDF: "application/pdf"}
    return download(request, pieces, file_name(name, form), media[form])


def file_name(name: str, ending: str) -> str:
    """Return a name that every system takes: small ASCII letters, digits and dashes, with its ending."""
    plain = name.translate(str.maketrans("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ", "acelnoszzACELNOSZZ"))
    kept = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in plain)
    return f"{kept.lower()}.{ending}"


def chosen_format(written: str) -> Format:
    """Return the kind of file that an address asks for. Raises NotFoundError: there is none of this name."""
    if written not in set(Format):
        raise NotFoundError("There is nothing at this address.")
    return Format(written)


def _most_of(form: Format) -> int | None:
    return MOST_PRINTED if form is Format.PDF else None


ROWS_A_VOLUME = 2000
"""Rows of a printed book; docs/ref/documents.md says how long they take."""
MOST_PRINTED = 10 * ROWS_A_VOLUME
"""Rows that are printed at all: what is longer nobody reads on paper."""


def volume_words() -> str:
    """Return what each volume says of itself, with places for its number and its rows."""
    return gettext("Volume {volume} of {volumes}: rows {first} to {last}.")


def in_volumes(count: int) -> bool:
    """Return whether so many rows are printed in volumes."""
    return count > ROWS_A_VOLUME


def printed(book: Book, words: str) -> bytes:
    """Return a book as one PDF file, or as a ZIP archive of volumes with these `volume_words`: the same book gives the same bytes."""
    if not in_volumes(len(book.rows)):
        return render_pdf(book)
    archive = BytesIO()
    with ZipFile(archive, "w") as opened:
        for place, volume in enumerate(_volumes(book, words), 1):
            opened.writestr(ZipInfo(f"{place:02}.pdf"), render_pdf(volume))
    return archive.getvalue()


def _volumes(book: Book, words: str) -> Iterator[Book]:
    starts = range(0, len(book.rows), ROWS_A_VOLUME)
    for place, start in enumerate(starts, 1):
        rows = book.rows[start : start + ROWS_A_VOLUME]
        remark = words.format(volume=place, volumes=len(starts), first=start + 1, last=start + len(rows))
        yield replace(book, rows=rows, remarks=(*book.remarks, remark))
