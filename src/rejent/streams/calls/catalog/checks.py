"""Numbers that outlast or precede their recordings, and records and files of a PBX that hang together with nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from heapq import merge
from itertools import groupby
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from rejent.catalog.models import Segment, SegmentState
from rejent.kernel.findings import Finding
from rejent.registers.damage import unreadable_rows
from rejent.registers.guard.checks import guarded_rows, lasting
from rejent.registers.guard.model import kind_of
from rejent.streams.calls.catalog.models import (
    Call,
    CallNotice,
    CallRecord,
    FileState,
    PbxFile,
    RecordState,
    TurnNumber,
)
from rejent.streams.calls.catalog.queries.pbx import too_late
from rejent.streams.calls.catalog.services.completeness import may_belong_to
from rejent.streams.calls.catalog.services.notices import within
from rejent.streams.calls.catalog.services.pbx import IMPORTED
from rejent.streams.calls.catalog.turns import turn_numbers
from rejent.streams.calls.catalog.views import REFUSED

_SUBJECT = "catalog"
_CHUNK = 2000
_NAMELESS = "The database names nobody for {thing}, though its recording is not destroyed."
_NUMBERS_KEPT = "The database still holds the numbers of {thing}, though its recording is destroyed."


def numbers_of_calls() -> Iterator[Finding]:
    """Yield calls that name somebody though their recording is destroyed, and calls and evidence that name nobody though it is not."""
    days = Call.objects.order_by("source", "day").values_list("source_id", "day").distinct()
    for source_id, day in days.iterator(_CHUNK):
        near = Segment.objects.filter(source=source_id, day__in=[day, day + timedelta(days=1)])
        states = near.values_list("run", "state").distinct()
        living = {run for run, state in states if state != SegmentState.DESTROYED}
        known = {run for run, _ in states}
        calls = Call.objects.filter(source=source_id, day=day).order_by("pk")
        for pk, destroyed in calls.values_list("pk", "destroyed").iterator(_CHUNK):
            if destroyed and pk in living:
                yield _found("call-nameless", _NAMELESS, f"call:{pk}")
            elif not destroyed and pk in known and pk not in living:
                yield _found("numbers-kept", _NUMBERS_KEPT, f"call:{pk}")
    nameless = Call.objects.filter(destroyed=False, salt="").exclude(ended_by=REFUSED).order_by("pk")
    for pk in nameless.values_list("pk", flat=True).iterator(_CHUNK):
        yield _found("call-nameless", _NAMELESS, f"call:{pk}")
    evidence = CallNotice.objects.filter(Q(call__destroyed=False, salt="")).exclude(call__ended_by=REFUSED)
    for number in evidence.order_by("pk").values_list("pk", flat=True).iterator(_CHUNK):
        yield _found("call-nameless", _NAMELESS, f"callnotice:{number}")


_MISINDEXED = "The search does not find {thing} by the numbers that took part in it, or by others."


def turns_of_calls() -> Iterator[Finding]:
    """Yield calls whose index of numbers that took a side says something else than their rows; of destroyed ones numbers that are left."""
    indexed = TurnNumber.objects.order_by("call").values_list("call_id", flat=True).distinct()
    passed_on = Call.objects.exclude(later="").order_by("pk")
    calls = merge(indexed.iterator(_CHUNK), passed_on.values_list("pk", flat=True).iterator(_CHUNK))
    for pk, _ in groupby(calls):
        row = Call.objects.filter(pk=pk).values_list("later", "destroyed").first()
        held = set(TurnNumber.objects.filter(call=pk).values_list("number", flat=True))
        if row is None or held != set(turn_numbers(row[0])):
            gone = row is not None and row[1]
            code, words = ("numbers-kept", _NUMBERS_KEPT) if gone else ("turns-misindexed", _MISINDEXED)
            yield _found(code, words, f"call:{pk}")


_UNKNOWN = "The database holds {thing}, of which the ledger knows nothing."
_DIFFERS = "The database does not hold what the ledger says of {thing}."
_MISJOINED = "{thing} is joined with a call of another line or time."
_MISDATED = "{thing} is of a time at which it cannot have come."
_WAITS = timedelta(days=1)
"""So long after its hour is over a record may wait to be compared: a keeper may rest, and many may come at once."""
_A_MOMENT = timedelta(minutes=1)
_NEAR = timedelta(days=2)
"""The recording of a call begins no further from what its record says: legs of one call, another zone."""


def records_unexplained() -> Iterator[Finding]:
    """Yield records of no batch that were not left out, and records that became what nothing explains."""
    left_out = Q(state=RecordState.LEFT_OUT, emptied=True)
    yield from _named("not-in-ledger", _UNKNOWN, CallRecord.objects.filter(~left_out, batch__isnull=True))
    yield from lasting(_unexplained)


def _unexplained() -> Iterator[Finding]:
    linked = Call.objects.filter(records=OuterRef("pk"), source=OuterRef("source"))
    rows = CallRecord.objects.annotate(linked=Exists(linked), refused=Exists(linked.filter(ended_by=REFUSED)))
    settled = rows.filter(state__in=[RecordState.RECORDED, RecordState.LEFT_OUT], batch__isnull=False)
    of_calls = settled.select_related("source").prefetch_related("calls").order_by("pk")
    for row in of_calls.iterator(_CHUNK):
        if not _is_explained(row):
            yield _found("differs-from-ledger", _DIFFERS, f"callrecord:{row.pk}")


def records_waiting(now: datetime) -> Iterator[Finding]:
    """Yield each line with records that nobody compares though their hours are over."""
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


def records_at_odds(now: datetime) -> Iterator[Finding]:
    """Yield records and files that would keep numbers for as long as somebody likes.

    They are joined with a call that is not theirs, or of no time.
    """
    calls = Call.objects.filter(records=OuterRef("pk"))
    far = calls.filter(Q(start__lt=OuterRef("start") - _NEAR) | Q(start__gt=OuterRef("start") + _NEAR))
    named = PbxFile.objects.filter(call=OuterRef("pk"), name__endswith=OuterRef(OuterRef("file")))
    odd = Q(file="") & Q(Exists(far)) | ~Q(file="") & Q(Exists(far.filter(~Exists(named))))
    strange = Q(Exists(calls.exclude(source=OuterRef("source")))) | odd
    yield from _named("record-misjoined", _MISJOINED, CallRecord.objects.filter(strange, emptied=False))
    files = PbxFile.objects.filter(call__isnull=False)
    alike = PbxFile.objects.filter(call=OuterRef("call")).exclude(pk=OuterRef("pk"))
    taken_over = Q(state=FileState.IMPORTED, source=F("call__source"), call__ended_by=IMPORTED)
    yield from _named("record-misjoined", _MISJOINED, files.filter(Exists(alike) | ~taken_over))
    for came, rows in (("arrived_at", CallRecord.objects.all()), ("looked_at", PbxFile.objects.all())):
        wrong = too_late(rows, came) | rows.filter((f"{came}__gt", now + _A_MOMENT))
        yield from _named("record-misdated", _MISDATED, wrong)


def _named(code: str, template: str, rows: QuerySet[Any]) -> Iterator[Finding]:
    for pk in rows.order_by("pk").values_list("pk", flat=True).iterator(_CHUNK):
        yield _found(code, template, f"{kind_of(rows.model)}:{pk}")


def _found(code: str, template: str, thing: str) -> Finding:
    return Finding(_SUBJECT, f"{_SUBJECT}.{code}", template, {"thing": thing})


def _is_explained(row: CallRecord) -> bool:
    """Return whether a record is recorded by a call of its line that it can describe, or was left out for a reason."""
    if row.state == RecordState.RECORDED:
        if row.emptied:
            return bool(getattr(row, "linked", False))
        return any(each.source_id == row.source_id and may_belong_to(row, each) for each in row.calls.all())
    before = row.start is not None and row.start < row.source.added_at
    return row.emptied and (before or bool(getattr(row, "refused", False)))


_LEEWAY = timedelta(hours=1)
"""The keeper may have been off."""

_HEARD_KEPT = "The database still holds the numbers of {thing}, which was not heard within the last day."


def numbers_of_notices(now: datetime) -> Iterator[Finding]:
    """Yield evidence that still holds numbers though they should have gone, or will not go for long."""
    overdue = CallNotice.objects.filter(call__isnull=True).exclude(within(now, _LEEWAY))
    for pk in overdue.order_by("pk").values_list("pk", flat=True):
        yield Finding(_SUBJECT, f"{_SUBJECT}.numbers-kept", _HEARD_KEPT, {"thing": f"callnotice:{pk}"})


CHECKS = {
    "rows-against-ledger": lambda _: guarded_rows("calls"),
    "numbers-of-calls": lambda _: numbers_of_calls(),
    "turns-of-calls": lambda _: turns_of_calls(),
    "numbers-of-notices": numbers_of_notices,
    "records-unexplained": lambda _: records_unexplained(),
    "records-waiting": records_waiting,
    "records-at-odds": records_at_odds,
    "rows-of-calls": lambda _: unreadable_rows("calls"),
}
