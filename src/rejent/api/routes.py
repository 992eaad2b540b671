"""The routes of ``/api/v1``: reads for supervision, and holds."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Field, NinjaAPI, Router, Schema, Status

from rejent.access.viewings import protocols as access
from rejent.access.views import ProtocolState
from rejent.api.refusals import READ, WRITE, BearerToken, refuse_in_one_line, requesting_person
from rejent.api.schemas import (
    ActName,
    ActOut,
    DueOut,
    GapOut,
    HoldEnd,
    HoldIn,
    HoldOut,
    Index,
    Instant,
    LedgerOut,
    Number,
    ObjectOut,
    ProtocolOut,
    SourceId,
    SourceOut,
    StatusOut,
    StorageOut,
)
from rejent.catalog import queries as catalog
from rejent.catalog.views import SourceView
from rejent.documents.workbook import spreadsheet
from rejent.kernel.errors import InputRefusedError, NotFoundError
from rejent.registers import queries as registers
from rejent.registers.exporting import Format, Selection, export_acts, table_download
from rejent.registers.queries import EnteredAct
from rejent.registers.signing import checkpoints
from rejent.retention import queries as retention
from rejent.retention import services as retention_services
from rejent.retention.queries import HoldView

F = TypeVar("F", bound=Callable[..., Any])
Out = TypeVar("Out", bound=Schema)
LONGEST_QUESTION = timedelta(days=31)
"""Longest interval of gaps and objects in one request."""
PROTOCOLS = 200
"""Number of the newest protocols listed."""
DOCUMENT = {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "OK"}

TITLES = ("index", "at", "act", "actor", "subject", "sentence", "commitment")
TABLE = {
    "content": {
        "text/csv": {
            "schema": {"type": "string"},
            "example": f"{';'.join(TITLES)}\r\n48212;2026-11-21T13:06:01+00:00;storage.opened;;volume:1;Storage opened;{'9c' * 32}\r\n",
        }
    },
    "description": "UTF-8 with a byte order mark, semicolons; identifiers, never names of people.",
}

api = NinjaAPI(
    title="Rejent",
    version="1",
    description="What an office records, keeps and destroys; content is handed out by viewings only, never here.",
    docs_url=None,
    auth=BearerToken("nobody's"),
    urls_namespace="api-1",
)
router = Router()


def _get(path: str, act: str, answer: Any, tag: str, summary: str) -> Callable[[F], F]:
    """Declare a read by whose role permits an act; its answer is of a type, or a file that the interface describes."""
    described = {"responses": {200: answer}} if isinstance(answer, dict) else None
    response = READ if described else {200: answer, **READ}
    return router.get(
        path, auth=BearerToken(act), response=response, tags=[tag], summary=summary, openapi_extra=described
    )


@_get("/status", "see-status", StatusOut, "supervision", "Everything at a glance")
def status(request: HttpRequest) -> StatusOut:
    """Every source, the ledger's head, storage, and what is overdue."""
    forecast = catalog.storage_forecast(clock=settings.CLOCK)
    room = forecast if forecast.used is not None else settings.VAULT.store.space()
    return StatusOut(
        sources=[_source(each) for each in catalog.sources(clock=settings.CLOCK)],
        ledger=_head(),
        storage=StorageOut(
            used=room.used,
            free=room.free,
            days_left=forecast.days_left,
            per_day=round(forecast.per_day),
            to_come=forecast.to_come,
        ),
        overdue=len(retention.overdue(clock=settings.CLOCK)),
    )


@_get("/sources", "see-status", list[SourceOut], "sources", "Every source")
def sources(request: HttpRequest) -> list[SourceOut]:
    """Every source and how it fares."""
    return [_source(each) for each in catalog.sources(clock=settings.CLOCK)]


@_get("/sources/{source_id}", "see-status", SourceOut, "sources", "One source")
def source(request: HttpRequest, source_id: SourceId) -> SourceOut:
    """A source and how it fares, removed or not."""
    return _source(catalog.source(source_id, clock=settings.CLOCK))


@_get("/sources/{source_id}/gaps", "see-status", list[GapOut], "sources", "Gaps")
def gaps(request: HttpRequest, source_id: SourceId, start: Instant, end: Instant) -> list[GapOut]:
    """Every interval in which the source should have recorded and did not."""
    _at_once(start, end)
    found = catalog.source(source_id)
    return [_out(GapOut, gap) for gap in catalog.gaps(found.id, start, end, clock=settings.CLOCK)]


@_get("/sources/{source_id}/objects", "see-status", list[ObjectOut], "sources", "Sealed objects")
def objects(request: HttpRequest, source_id: SourceId, start: Instant, end: Instant) -> list[ObjectOut]:
    """The sealed objects that cover an interval: names and digests, no content."""
    _at_once(start, end)
    found = catalog.source(source_id)
    return [
        _out(ObjectOut, segment, name=segment.object_name)
        for segment in catalog.segments(found.id, start, end)
    ]


@_get("/holds", "see-holds", list[HoldOut], "holds", "Holds")
def holds(request: HttpRequest, ended: bool = False) -> list[HoldOut]:
    """The holds; with ``ended`` those that ended too."""
    return [_hold(hold) for hold in retention.holds(active=not ended)]


@router.post(
    "/holds",
    auth=BearerToken("place-hold"),
    response={201: HoldOut, **WRITE},
    tags=["holds"],
    summary="Place a hold",
)
def place_hold(request: HttpRequest, hold: HoldIn) -> Status[HoldOut]:
    """Keep an interval of a source for a case; an act in the ledger."""
    person = requesting_person(request)
    _ordered(hold.start, hold.end)
    placed = retention_services.place_hold(
        source_id=catalog.source_by_name(hold.source).id,
        start=hold.start,
        end=hold.end,
        case=hold.case,
        basis=hold.basis,
        review_on=hold.review_on,
        ledger=settings.LEDGER,
        clock=settings.CLOCK,
        actor=str(person.id),
        item=hold.call,
    )
    return Status(201, _hold(placed))


@router.post(
    "/holds/{number}/end",
    auth=BearerToken("end-hold"),
    response={200: HoldOut, **WRITE},
    tags=["holds"],
    summary="End a hold",
)
def end_hold(request: HttpRequest, number: Number, ending: HoldEnd) -> HoldOut:
    """End a hold; what nothing else keeps follows its ordinary term."""
    person = requesting_person(request)
    ended = retention_services.end_hold(
        number, reason=ending.reason, clock=settings.CLOCK, ledger=settings.LEDGER, actor=str(person.id)
    )
    return _hold(ended)


@_get("/retention/due", "see-due", list[DueOut], "retention", "What must go")
def due(request: HttpRequest, at: Instant | None = None) -> list[DueOut]:
    """List what must be destroyed by an instant (now, if none is given), with the rule that says so."""
    return [
        _out(DueOut, item, source=item.source_name, key_dead_by=item.term.key_dead_by)
        for item in retention.due(at or settings.CLOCK.now(), clock=settings.CLOCK)
    ]


@_get("/protocols", "see-viewings", list[ProtocolOut], "supervision", "Protocols of viewings")
def protocols(request: HttpRequest, state: ProtocolState | None = None) -> list[ProtocolOut]:
    """List the newest 200 protocols of viewings: viewer, purpose, state; identifiers, and nothing of what was written."""
    found = access.protocols([state] if state else [], limit=PROTOCOLS)
    return [_out(ProtocolOut, view) for view in found]


@_get("/ledger", "see-ledger", LedgerOut, "ledger", "The ledger's head")
def ledger(request: HttpRequest) -> LedgerOut:
    """Size and root of the ledger as of now."""
    return _head()


@_get("/ledger/entries", "see-ledger", list[ActOut], "ledger", "Register of actions")
def entries(
    request: HttpRequest,
    before: Index | None = None,
    limit: Annotated[int, Field(ge=1, le=1000, examples=[100])] = 100,
) -> list[ActOut]:
    """Entries from the newest on; ``before`` continues below an index."""
    return [
        _out(ActOut, entry, sentence=entry.sentence())
        for entry in registers.acts(before=before, limit=limit).acts
    ]


@_get("/ledger/entries.csv", "see-ledger", TABLE, "ledger", "Register of actions as a table")
def entries_as_table(
    request: HttpRequest,
    since: Instant | None = None,
    until: Instant | None = None,
    act: ActName | None = None,
) -> StreamingHttpResponse:
    """Every entry from the newest on, or those of a time or of one act; an act in the ledger before the first row goes."""
    person = requesting_person(request)
    if since is not None and until is not None:
        _ordered(since, until)
    chosen = {"from": since and since.isoformat(), "until": until and until.isoformat(), "only": act}
    export = export_acts(
        Selection(names=[act] if act else (), since=since, until=until),
        Format.CSV,
        narrowed={name: value for name, value in chosen.items() if value},
        clock=settings.CLOCK,
        actor=str(person.id),
    )
    rows = (map(_row, piece) for piece in export.pieces())
    return table_download(request, spreadsheet(TITLES, rows), "ledger.csv")


@_get("/ledger/checkpoint", "see-ledger", DOCUMENT, "ledger", "The newest checkpoint")
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest signed checkpoint (C2SP tlog-checkpoint), for a witness to keep."""
    published = settings.LEDGER.log.checkpoint()
    if published is None:
        raise NotFoundError("No checkpoint was signed yet.", advice="See that the keeper runs.")
    return HttpResponse(published, content_type="text/plain; charset=utf-8")


@_get("/ledger/proof/{index}", "see-ledger", DOCUMENT, "ledger", "Proof of an entry")
def proof(request: HttpRequest, index: Index) -> HttpResponse:
    """The proof file of an entry, verified by ``rejent ledger verify`` or any reader of the format."""
    return HttpResponse(checkpoints.prove(settings.LEDGER, index), content_type="text/plain; charset=utf-8")


api.add_router("", router)
refuse_in_one_line(api)


def _ordered(start: Instant, end: Instant) -> None:
    if end <= start:
        raise InputRefusedError(
            "The end is not after the start.", advice="Give the earlier instant as start."
        )


def _at_once(start: Instant, end: Instant) -> None:
    _ordered(start, end)
    if end - start > LONGEST_QUESTION:
        raise InputRefusedError(
            "The interval is longer than {days} days.",
            days=LONGEST_QUESTION.days,
            advice="Ask for parts of it.",
        )


def _source(source: SourceView) -> SourceOut:
    health, totals = source.health, catalog.totals(source.id, clock=settings.CLOCK)
    return _out(
        SourceOut,
        source,
        waits_for=[str(each) for each in source.waits_for],
        since=health.since if health else None,
        recorded_s=totals.recorded_s,
        gap_s=totals.gap_s,
        seams=totals.short.seams,
        seams_s=totals.short.seams_s,
        dropped=totals.short.dropped,
        retimed=totals.short.retimed,
        clock_offset_s=health.clock_offset_s if health else None,
        clock_method=health.clock_method if health else "",
        last_picture_at=health.last_picture_at if health else None,
    )


def _hold(hold: HoldView) -> HoldOut:
    return _out(HoldOut, hold, call=hold.item)


def _out(kind: type[Out], view: object, **other: object) -> Out:
    """Return an answer whose fields are those of the same names of a view; ``other`` as they are given."""
    taken: dict[str, Any] = {name: getattr(view, name) for name in kind.model_fields if name not in other}
    return kind(**taken, **other)


def _row(entry: EnteredAct) -> tuple[object, ...]:
    leaf = entry.leaf.hex()
    return entry.index, entry.at.isoformat(), entry.act, entry.actor, entry.subject, entry.sentence(), leaf


def _head() -> LedgerOut:
    head = registers.tree_head()
    return LedgerOut(size=head.size, root=head.root.hex())
