"""The routes of ``/api/v1``: reads for supervision, and holds."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Query, Router
from ninja.errors import ValidationError

from rejent.access.errors import AccessRefusedError
from rejent.api.bearer import BearerToken, demand
from rejent.api.schemas import (
    ActOut,
    DueOut,
    GapOut,
    HoldEnd,
    HoldIn,
    HoldOut,
    LedgerOut,
    ObjectOut,
    Refusal,
    SourceOut,
    StatusOut,
    StorageOut,
)
from rejent.catalog import queries as catalog
from rejent.catalog.views import SourceView
from rejent.kernel.errors import ConflictError, InputRefusedError, NotFoundError, RejentError
from rejent.registers import queries as registers
from rejent.retention import queries as retention
from rejent.retention import services as retention_services

REFUSALS = {401: Refusal, 403: Refusal, 404: Refusal, 409: Refusal, 422: Refusal}

api = NinjaAPI(
    title="Rejent",
    version="1",
    description="What an office records, keeps and destroys; content is handed out by viewings only, never here.",
    docs_url=None,
    auth=BearerToken(),
    urls_namespace="api-1",
)
router = Router()


@router.get(
    "/status", response={200: StatusOut, **REFUSALS}, tags=["supervision"], summary="Everything at a glance"
)
def status(request: HttpRequest) -> StatusOut:
    """Every source, the ledger's head, storage, and what is overdue."""
    demand(request, "see-status")
    forecast = catalog.storage_forecast(clock=settings.CLOCK)
    return StatusOut(
        sources=[_source(source) for source in catalog.sources()],
        ledger=_head(),
        storage=StorageOut(used=forecast.used, free=forecast.free, days_left=forecast.days_left),
        overdue=len(retention.overdue(clock=settings.CLOCK)),
    )


@router.get("/sources", response={200: list[SourceOut], **REFUSALS}, tags=["sources"], summary="Every source")
def sources(request: HttpRequest) -> list[SourceOut]:
    """Every source and how it fares."""
    demand(request, "see-status")
    return [_source(source) for source in catalog.sources()]


@router.get(
    "/sources/{source_id}/gaps", response={200: list[GapOut], **REFUSALS}, tags=["sources"], summary="Gaps"
)
def gaps(
    request: HttpRequest, source_id: str, start: datetime = Query(...), end: datetime = Query(...)
) -> list[GapOut]:
    """Every interval in which the source should have recorded and did not."""
    demand(request, "see-status")
    _ordered(start, end)
    source = catalog.source(source_id)
    return [
        GapOut(start=gap.start, end=gap.end, cause=gap.cause)
        for gap in catalog.gaps(source.id, start, end, clock=settings.CLOCK)
    ]


@router.get(
    "/sources/{source_id}/objects",
    response={200: list[ObjectOut], **REFUSALS},
    tags=["sources"],
    summary="Sealed objects",
)
def objects(
    request: HttpRequest, source_id: str, start: datetime = Query(...), end: datetime = Query(...)
) -> list[ObjectOut]:
    """The sealed objects that cover an interval: names and digests, no content."""
    demand(request, "see-status")
    _ordered(start, end)
    source = catalog.source(source_id)
    return [
        ObjectOut(
            name=segment.object_name,
            start=segment.start,
            end=segment.end,
            bytes=segment.bytes,
            sha256=segment.sha256,
            recipient=segment.recipient,
            state=segment.state,
        )
        for segment in catalog.segments(source.id, start, end)
    ]


@router.get("/holds", response={200: list[HoldOut], **REFUSALS}, tags=["holds"], summary="Holds")
def holds(request: HttpRequest, ended: bool = False) -> list[HoldOut]:
    """The holds; with ``ended`` those that ended too."""
    demand(request, "see-holds")
    return [_hold(hold) for hold in retention.holds(active=not ended)]


@router.post("/holds", response={201: HoldOut, **REFUSALS}, tags=["holds"], summary="Place a hold")
def place_hold(request: HttpRequest, hold: HoldIn) -> tuple[int, HoldOut]:
    """Keep an interval of a source for a case; an act in the ledger."""
    person = demand(request, "place-hold")
    _ordered(hold.start, hold.end)
    placed = retention_services.place_hold(
        source_id=catalog.source_by_name(hold.source).id,
        start=hold.start,
        end=hold.end,
        case=hold.case,
        basis=hold.basis,
        review_on=hold.review_on,
        clock=settings.CLOCK,
        actor=str(person.id),
    )
    return 201, _hold(placed)


@router.post(
    "/holds/{path:number}/end", response={200: HoldOut, **REFUSALS}, tags=["holds"], summary="End a hold"
)
def end_hold(request: HttpRequest, number: str, ending: HoldEnd) -> HoldOut:
    """End a hold; what nothing else keeps follows its ordinary term."""
    person = demand(request, "end-hold")
    ended = retention_services.end_hold(
        number, reason=ending.reason, clock=settings.CLOCK, actor=str(person.id)
    )
    return _hold(ended)


@router.get(
    "/retention/due", response={200: list[DueOut], **REFUSALS}, tags=["retention"], summary="What must go"
)
def due(request: HttpRequest, at: datetime | None = None) -> list[DueOut]:
    """What must be destroyed by an instant (now, if none is given), and the rule that says so."""
    demand(request, "see-due")
    if at is not None and at.tzinfo is None:
        raise InputRefusedError(
            "The instant needs an offset.", advice="Write it as 2026-11-21T14:05:00+01:00"
        )
    return [
        DueOut(
            source_id=item.source_id,
            source=item.source_name,
            day=item.day,
            rule=item.rule,
            key_dead_by=item.term.key_dead_by,
            segments=item.segments,
            bytes=item.bytes,
        )
        for item in retention.due(at or settings.CLOCK.now(), clock=settings.CLOCK)
    ]


@router.get("/ledger", response={200: LedgerOut, **REFUSALS}, tags=["ledger"], summary="The ledger's head")
def ledger(request: HttpRequest) -> LedgerOut:
    """Size and root of the ledger as of now."""
    demand(request, "see-ledger")
    return _head()


@router.get(
    "/ledger/entries",
    response={200: list[ActOut], **REFUSALS},
    tags=["ledger"],
    summary="Register of actions",
)
def entries(
    request: HttpRequest, before: int | None = None, limit: int = Query(100, ge=1, le=1000)
) -> list[ActOut]:
    """Entries from the newest on; ``before`` continues below an index."""
    demand(request, "see-ledger")
    return [
        ActOut(index=entry.index, at=entry.at, act=entry.act, sentence=entry.sentence, subject=entry.subject)
        for entry in registers.acts(before=before, limit=limit)
    ]


@router.get("/ledger/proof/{int:index}", tags=["ledger"], summary="Proof of an entry")
def proof(request: HttpRequest, index: int) -> HttpResponse:
    """The proof file of an entry, verified by ``rejent ledger verify`` or any reader of the format."""
    demand(request, "see-ledger")
    return HttpResponse(registers.prove(settings.LEDGER, index), content_type="text/plain; charset=utf-8")


api.add_router("", router)


def _ordered(start: datetime, end: datetime) -> None:
    if start.tzinfo is None or end.tzinfo is None:
        raise InputRefusedError(
            "Both instants need an offset.", advice="Write them as 2026-11-21T14:05:00+01:00"
        )
    if end <= start:
        raise InputRefusedError(
            "The end is not after the start.", advice="Give the earlier instant as start."
        )


def _source(source: SourceView) -> SourceOut:
    health, totals = source.health, catalog.totals(source.id)
    return SourceOut(
        id=source.id,
        name=source.name,
        stream=source.stream,
        state=health.state if health else "starting",
        cause=health.cause if health else "starting",
        since=health.since if health else None,
        recorded_s=totals.recorded_s,
        gap_s=totals.gap_s,
        clock_offset_s=health.clock_offset_s if health else None,
    )


def _hold(hold: Any) -> HoldOut:
    return HoldOut(**{name: getattr(hold, name) for name in HoldOut.model_fields})


def _head() -> LedgerOut:
    head = registers.tree_head()
    return LedgerOut(size=head.size, root=head.root.hex())


@api.exception_handler(RejentError)
def refused(request: HttpRequest, error: RejentError) -> HttpResponse:
    """One line for a person, one code for a program."""
    known = {NotFoundError: 404, ConflictError: 409, InputRefusedError: 422, AccessRefusedError: 403}
    status_code = next((code for kind, code in known.items() if isinstance(error, kind)), 409)
    return api.create_response(request, {"code": error.code, "sentence": str(error)}, status=status_code)


@api.exception_handler(ValidationError)
def malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Say which part of the request cannot be taken."""
    said = "; ".join(
        f"{'.'.join(str(part) for part in item['loc'][1:])}: {item['msg']}" for item in error.errors
    )
    return api.create_response(request, {"code": "input", "sentence": said}, status=422)
