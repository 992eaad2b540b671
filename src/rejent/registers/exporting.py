"""Taking a register out of the program: entered in the ledger first, then handed on piece by piece, never held as a whole."""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import transaction
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import translation

from rejent.kernel.clock import Clock
from rejent.registers import queries
from rejent.registers.acts import REGISTER_EXPORTED
from rejent.registers.errors import TooManyRowsError
from rejent.registers.queries import EnteredAct
from rejent.registers.services import enter

ROWS_A_PIECE = 500


class Format(StrEnum):
    """File format of an exported register."""

    CSV = "csv"
    PDF = "pdf"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class Selection:
    """The selection of acts; see `queries.acts`."""

    names: Collection[str] = ()
    actor: str | None = None
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None
    machinery: bool = True

    @property
    def criteria(self) -> dict[str, Any]:
        """Return it as the arguments of `queries.acts`."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


@dataclass(frozen=True, slots=True)
class Export:
    """A register's leaving: the index of its entry in the ledger, when it was entered, and how many rows it hands out."""

    entry: int
    at: datetime
    count: int


@dataclass(frozen=True, slots=True)
class ActsExport(Export):
    """The same of the register of actions, with its rows.

    Attributes:
        selection: which acts they are.
        size: how many entries the ledger had before; that of the export itself is not handed out.
    """

    selection: Selection
    size: int

    def pieces(self) -> Iterator[list[EnteredAct]]:
        """Yield the acts, newest first, a few hundred at a time."""
        wanted, before = self.selection.criteria, None
        while True:
            page = queries.acts(**wanted, size=self.size, before=before, limit=ROWS_A_PIECE)
            yield page.acts
            before = page.before
            if before is None:
                return


def export_acts(
    selection: Selection,
    form: Format,
    *,
    narrowed: Mapping[str, object],
    clock: Clock,
    actor: str,
    most: int | None = None,
) -> ActsExport:
    """Enter that the acts of a selection leave the program, and give them out as the ledger stood before that.

    They leave as a ``form``, ``narrowed`` by what the reader chose them by, which is for the record; ``most`` is how many at the
    most, any number where it is missing.

    Raises `TooManyRowsError`: there are more.
    """
    with transaction.atomic():
        size = queries.tree_head().size
        count = queries.count_acts(**selection.criteria, size=size)
        export = _entered("actions", form, count, narrowed, clock=clock, actor=actor, most=most)
    return ActsExport(export.entry, export.at, count, selection, size)


def export_rows(
    register: str,
    form: Format,
    *,
    count: int,
    narrowed: Mapping[str, object] = MappingProxyType({}),
    clock: Clock,
    actor: str,
    most: int | None = None,
) -> Export:
    """Enter that a numbered book leaves the program with so many rows, chosen by what ``narrowed`` says.

    Raises `TooManyRowsError` if there are more than `most`.
    """
    with transaction.atomic():
        return _entered(register, form, count, narrowed, clock=clock, actor=actor, most=most)


def _entered(
    register: str,
    form: Format,
    count: int,
    narrowed: Mapping[str, object],
    *,
    clock: Clock,
    actor: str,
    most: int | None,
) -> Export:
    if most is not None and count > most:
        raise TooManyRowsError(
            "The selection has {count} rows; {most} at most are printed.",
            count=count,
            most=most,
            advice="Choose fewer days, or take the CSV or XLSX file.",
        )
    at = clock.now()
    record = {**narrowed, "register": register, "format": form.value, "count": count}
    entry = enter(REGISTER_EXPORTED, actor=actor, subject=f"register:{register}", record=record, at=at)
    return Export(entry, at, count)


def table_download(request: HttpRequest, pieces: Iterator[bytes], name: str) -> StreamingHttpResponse:
    """Return a CSV file that is made while it is sent, in the language that is spoken now."""
    return download(request, pieces, name, "text/csv; charset=utf-8")


def download(
    request: HttpRequest, pieces: Iterator[bytes], name: str, media_type: str
) -> StreamingHttpResponse:
    """Return a file that is made while it is sent, in the language that is spoken now."""
    spoken = _spoken(pieces, translation.get_language())
    return StreamingHttpResponse(
        _in_turn(spoken) if isinstance(request, ASGIRequest) else spoken,
        content_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _spoken(pieces: Iterator[bytes], language: str | None) -> Iterator[bytes]:
    """Yield the pieces, each made in the language; the request's own is over before they are sent."""
    while True:
        with translation.override(language):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece


async def _in_turn(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Yield each piece made in a thread, so that the server goes on answering others."""
    while (piece := await sync_to_async(_next)(pieces)) is not None:
        yield piece


def _next(pieces: Iterator[bytes]) -> bytes | None:
    return next(pieces, None)
