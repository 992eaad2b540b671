"""Call records against the acts that told that they were taken in: none is hidden, postponed or altered before it is compared."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from rejent.kernel.clock import civil_date
from rejent.kernel.findings import Finding
from rejent.registers.queries import EnteredAct, entered
from rejent.registers.replay import Entered, differing, unreadable, without_act
from rejent.registers.shapes import Facts, Shape, legible, text, whole
from rejent.streams.calls.catalog.acts import CALL_RECORDS_TAKEN
from rejent.streams.calls.catalog.models import Call
from rejent.streams.calls.catalog.pbx.models import CallRecord, FileState, PbxFile, RecordState
from rejent.streams.calls.catalog.pbx.taken_records import digest_of_taken, record_commitment
from rejent.streams.calls.catalog.queries.pbx import too_late
from rejent.streams.calls.catalog.same_call import may_belong_to
from rejent.streams.calls.catalog.services.pbx import IMPORTED
from rejent.streams.calls.catalog.views import REFUSED

_SUBJECT = "catalog"
_MISJOINED = "{thing} is joined with a call of another line or time."
_MISDATED = "{thing} is of a time at which it cannot have come."
_CHUNK = 2000
_SHAPES: dict[str, Shape] = {
    CALL_RECORDS_TAKEN.name: {"source": text, "records": whole, "unanswered": whole, "digest": text}
}
_WAITS = timedelta(days=1)
"""So long after its hour is over a record may wait to be compared: a keeper may rest, and many may come at once."""
_A_MOMENT = timedelta(minutes=1)
_NEAR = timedelta(days=2)
"""The recording of a call begins no further from what its record says: legs of one call, another zone."""


def taken_against_ledger() -> Iterator[Finding]:
    """Every record that is not what was taken in, that became what nothing explains, that no act tells of, or whose row is gone.

    Acts and rows side by side, both in the order of the ledger. What was taken in before acts told of it is believed.
    """
    odd: list[int] = []
    first: datetime | None = None
    rows = _rows().filter(taken__isnull=False).order_by("taken", "pk").iterator(_CHUNK)
    row = next(rows, None)
    for act in legible(entered([CALL_RECORDS_TAKEN.name]), _SHAPES, odd):
        first = first or act.at
        while row is not None and (row.taken or 0) < act.index:
            yield without_act(_SUBJECT, f"call-record:{row.pk}")
            row = next(rows, None)
        own: list[CallRecord] = []
        while row is not None and row.taken == act.index:
            own.append(row)
            row = next(rows, None)
        if act.facts is not None:
            yield from _together(own, act, act.facts)
            for each in own:
                yield from _each(each, act, act.facts)
    while row is not None:
        yield without_act(_SUBJECT, f"call-record:{row.pk}")
        row = next(rows, None)
    if first is not None:
        unsworn = CallRecord.objects.filter(taken__isnull=True, arrived_at__gt=first + _A_MOMENT)
        left_out = Q(state=RecordState.LEFT_OUT, emptied=True)
        for pk in unsworn.exclude(left_out).order_by("pk").values_list("pk", flat=True).iterator(_CHUNK):
            yield without_act(_SUBJECT, f"call-record:{pk}")
    yield from unreadable(_SUBJECT, odd)


def records_waiting(now: datetime) -> Iterator[Finding]:
    """Records that nobody compares though their hours are over."""
    rows = CallRecord.objects.filter(state=RecordState.EXPECTED)
    over = Q(start__lt=now - _WAITS) | Q(start__isnull=True)
    waiting = rows.filter(over, arrived_at__lt=now - _WAITS).order_by("source")
    for source_id, records in waiting.values_list("source").annotate(number=Count("pk")):
        yield Finding(
            _SUBJECT,
            f"{_SUBJECT}.records-waiting",
            "Call records of line {source} were not compared though their hours are over: {records}.",
            {"source": source_id, "records": records},
        )


def told_at_odds(now: datetime) -> Iterator[Finding]:
    """Records and files that would keep numbers for as long as somebody likes: joined with a call that is not theirs, or of no time."""
    calls = Call.objects.filter(records=OuterRef("pk"))
    far = calls.filter(Q(start__lt=OuterRef("start") - _NEAR) | Q(start__gt=OuterRef("start") + _NEAR))
    named = PbxFile.objects.filter(call=OuterRef("pk"), name__endswith=OuterRef(OuterRef("file")))
    odd = Q(file="") & Q(Exists(far)) | ~Q(file="") & Q(Exists(far.filter(~Exists(named))))
    strange = Q(Exists(calls.exclude(source=OuterRef("source")))) | odd
    records = CallRecord.objects.filter(strange, emptied=False)
    yield from _named("record-misjoined", _MISJOINED, "call-record", records)
    files = PbxFile.objects.filter(call__isnull=False)
    alike = PbxFile.objects.filter(call=OuterRef("call")).exclude(pk=OuterRef("pk"))
    taken_over = Q(state=FileState.IMPORTED, source=F("call__source"), call__ended_by=IMPORTED)
    yield from _named("record-misjoined", _MISJOINED, "pbx-file", files.filter(Exists(alike) | ~taken_over))
    for came, kind, model in (("arrived_at", "call-record", CallRecord), ("looked_at", "pbx-file", PbxFile)):
        rows = model.objects.all()
        wrong = too_late(rows, came) | rows.filter((f"{came}__gt", now + _A_MOMENT))
        yield from _named("record-misdated", _MISDATED, kind, wrong)
    unsworn = CallRecord.objects.filter(taken__isnull=True, emptied=False, start__isnull=False)
    for pk, day, start in unsworn.order_by("pk").values_list("pk", "day", "start").iterator(_CHUNK):
        if start is not None and day != civil_date(start):
            yield _found("record-misdated", _MISDATED, "call-record", pk)


def _named(code: str, template: str, kind: str, rows: QuerySet[Any]) -> Iterator[Finding]:
    for pk in rows.order_by("pk").values_list("pk", flat=True).iterator(_CHUNK):
        yield _found(code, template, kind, pk)


def _found(code: str, template: str, kind: str, pk: int) -> Finding:
    return Finding(_SUBJECT, f"{_SUBJECT}.{code}", template, {"thing": f"{kind}:{pk}"})


def _rows() -> QuerySet[CallRecord]:
    linked = Call.objects.filter(records=OuterRef("pk"), source=OuterRef("source"))
    rows = CallRecord.objects.annotate(linked=Exists(linked), refused=Exists(linked.filter(ended_by=REFUSED)))
    return rows.select_related("source").prefetch_related("calls")


def _together(own: list[CallRecord], act: EnteredAct, facts: Facts) -> Iterator[Finding]:
    said = {name: facts[name] for name in ("records", "unanswered", "digest")}
    held = {
        "records": len(own),
        "unanswered": sum(row.state == RecordState.UNANSWERED for row in own),
        "digest": digest_of_taken(row.commitment for row in own),
    }
    yield from differing(_SUBJECT, f"call-records:{act.index}", said, held)


def _each(row: CallRecord, act: EnteredAct, facts: Facts) -> Iterator[Finding]:
    said = {"source": facts["source"], "arrived_at": Entered(act.at), "state": True}
    held = {"source": row.source_id, "arrived_at": row.arrived_at, "state": _is_explained(row)}
    if not row.emptied:
        said["told"], held["told"] = row.commitment, record_commitment(row)
    yield from differing(_SUBJECT, f"call-record:{row.pk}", said, held)


def _is_explained(row: CallRecord) -> bool:
    """Whether what became of a record can have: what is recorded has a call of its line that it can tell of, what is left out its reason.

    That a call is missing stands in an act of its own, and how many nobody answered in that of the records.
    """
    if row.state == RecordState.RECORDED:
        if row.emptied:
            return bool(getattr(row, "linked", False))
        return any(each.source_id == row.source_id and may_belong_to(row, each) for each in row.calls.all())
    if row.state == RecordState.LEFT_OUT:
        before = row.start is not None and row.start < row.source.added_at
        return row.emptied and (before or bool(getattr(row, "refused", False)))
    return True
