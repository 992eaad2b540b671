"""Calls that a PBX reported against calls that were recorded: each difference entered once, and what nothing covers a gap."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from rejent.catalog.coverage import SEAM, Missing
from rejent.catalog.models import Gap, Segment
from rejent.catalog.queries.recordings import longest_of
from rejent.catalog.services.gaps import book_gaps, locked_source, start_accounting
from rejent.catalog.services.segments import reaching
from rejent.kernel.clock import Clock
from rejent.kernel.intervals import Interval, uncovered
from rejent.registers.errors import LedgerMismatchError
from rejent.registers.guard.rows import matching, verified
from rejent.registers.services import enter
from rejent.streams.calls.catalog.acts import CALL_MISSING
from rejent.streams.calls.catalog.lines.parts import LineCause
from rejent.streams.calls.catalog.models import Call, CallRecord, FileState, PbxFile, RecordBatch, RecordState
from rejent.streams.calls.catalog.queries.calls import LONGEST_CALL
from rejent.streams.calls.catalog.turns import CALLED, CALLER, JOINED, SIDES, read_turns
from rejent.streams.calls.catalog.views import REFUSED

TOLERANCE = timedelta(minutes=2)
"""By how much the clock of a PBX and ours may differ, and ringing may last."""
OTHER_ZONE = tuple(timedelta(hours=hours) for hours in (-2, -1, 1, 2))
"""By how much the times of a PBX are off that takes summer time or UTC for the office's clock."""
_SHORTEST_ENDING = 3
_NATIONAL = 9
"""Digits of a number of this country; what stands before them an exchange may write in its own way."""


def same_parties(record: CallRecord, call: Call) -> bool:
    """Return True if both may be between the same two, whoever held a side of the call in turn or joined it."""
    turns = [one for one in read_turns(call.later) if one.number]
    came = {side: [one.number for one in turns if one.side in {side, JOINED}] for side in SIDES}
    callers, called = (call.caller, *came[CALLER]), (call.called, *came[CALLED])
    return any(_same(record.caller, one) for one in callers) and any(
        _same(record.called, one) for one in called
    )


def may_belong_to(record: CallRecord, call: Call) -> bool:
    """Return True if a record may belong to a call: by itself, or by the exchange's link to another leg of it."""
    if _matches(record, call):
        return True
    legs = CallRecord.objects.filter(calls=call, linked_id=record.linked_id).exclude(pk=record.pk)
    return bool(record.linked_id) and any(_matches(leg, call) for leg in legs)


def _matches(record: CallRecord, call: Call) -> bool:
    return (same_parties(record, call) and _at_its_time(record, call)) or _is_named(record, call)


def _at_its_time(record: CallRecord, call: Call) -> bool:
    """Return True if a record is of a time of the call; one of an unknown time may be."""
    if record.start is None:
        return True
    first, last = call.start - TOLERANCE, max(call.end or call.start, call.start) + TOLERANCE
    return any(first <= record.start + shift <= last for shift in (timedelta(), *OTHER_ZONE))


def _is_named(record: CallRecord, call: Call) -> bool:
    """Return True if the record names the call's file, or the file's name holds the exchange's identifier."""
    words = [word for word in (record.record_id, record.linked_id) if word]
    names = PbxFile.objects.filter(call=call).values_list("name", flat=True)
    return any(
        (bool(record.file) and name.endswith(record.file)) or any(word in name for word in words)
        for name in names
    )


def _same(one: str, other: str) -> bool:
    """Return True if two spellings may be one number: a withheld one is anybody's, an extension the end of a longer one."""
    if not one or not other or one == other:
        return True
    short, long = sorted((one.lstrip("+")[-_NATIONAL:], other.lstrip("+")[-_NATIONAL:]), key=len)
    return len(short) >= _SHORTEST_ENDING and long.endswith(short)


GRACE = timedelta(minutes=15)
_LONGEST_GROUP = timedelta(hours=12)
_SEAM = timedelta(seconds=5)
_AT_ONCE = 500


def compare_hour(*, clock: Clock) -> int:
    """Compare records of civil hours that are over for `GRACE`, in the order in which they came; return how many calls are missing.

    At most `_AT_ONCE` of them: the rest follow when it is asked again. What is compared stays as it is.
    LedgerMismatchError: a record, or its line, is not as it was entered; it stays as it is, and all others are compared.
    """
    settled = clock.now() - GRACE
    until = settled.replace(minute=0, second=0, microsecond=0)
    due = CallRecord.objects.filter(
        Q(start__lt=until) | Q(start__isnull=True), state=RecordState.EXPECTED, arrived_at__lt=settled
    )
    found = compared = last = 0
    altered: LedgerMismatchError | None = None
    held: set[int] = set()
    while compared < _AT_ONCE and (numbers := _after(due, last)):
        for last in numbers:
            try:
                with transaction.atomic():
                    found += _compare(last, held, clock)
                compared += 1
            except LedgerMismatchError as error:
                altered = error
    if altered is not None:
        raise altered
    return found


def _after(due: QuerySet[CallRecord], last: int) -> list[int]:
    return list(due.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:_AT_ONCE])


def _compare(number: int, held: set[int], clock: Clock) -> bool:
    """Settle what became of a record, as its batch binds it (``held``: batches verified already); return True if its call is missing."""
    record = CallRecord.objects.select_for_update().get(pk=number)
    if record.state != RecordState.EXPECTED:
        return False
    if record.batch_id is None:
        raise LedgerMismatchError("No act tells of call record {record}.", record=number)
    if record.batch_id not in held:
        held.add(verified(RecordBatch.objects.get(pk=record.batch_id)).pk)
    record.source = verified(record.source)
    call = _recorded(record)
    if call is not None:
        record.calls.add(call)
        record.state = RecordState.RECORDED
        record.save(update_fields=["state"])
        return False
    if _is_not_expected(record):
        CallRecord.objects.filter(pk=number).update(
            state=RecordState.LEFT_OUT, emptied=True, **CallRecord.blanked()
        )
        return False
    record = verified(record)
    record.state, record.cause = RecordState.MISSING, _cause(record)
    _book_gap(record, clock)
    facts = {
        "source": record.source_id,
        "record": record.pk,
        "cause": record.cause,
        "start": record.start.isoformat() if record.start else None,
        "seconds": round(record.seconds) if record.seconds is not None else None,
    }
    subject = f"source:{record.source_id}"
    enter(CALL_MISSING, actor="", subject=subject, record=facts, at=clock.now(), row=record)
    record.save(update_fields=["state", "cause", "entry"])
    return True


def _is_not_expected(record: CallRecord) -> bool:
    """Return whether the call was before its line was, or a party refused to be recorded by a key.

    Of that nothing but the time is known.
    """
    if record.start is None:
        return False
    if record.start < record.source.added_at:
        return True
    near = (record.start - TOLERANCE, record.start + TOLERANCE)
    refused = Call.objects.filter(
        source=record.source_id, ended_by=REFUSED, destroyed=True, start__range=near
    )
    untold = (call for call in refused.order_by("start") if not call.records.exists())
    call = next(iter(matching(untold)), None)
    if call is not None:
        record.calls.add(call)
    return call is not None


def _recorded(record: CallRecord) -> Call | None:
    """Return the call that a record describes; one that no other record describes goes before.

    Legs of a call that was passed on share its identifier: the recording of one is that of all.
    """
    if record.linked_id:
        links = CallRecord.calls.through.objects.filter(callrecord__in=_legs(record))
        calls = set(links.values_list("call_id", flat=True))
        shared = matching(Call.objects.filter(pk__in=calls).order_by("start"))
        if shared:
            return shared[0]
    if record.start is None:
        return None
    for shift in (timedelta(), *OTHER_ZONE):
        at = record.start + shift
        began = Q(start__range=(at - TOLERANCE, at + TOLERANCE))
        goes_on = Q(start__range=(at - LONGEST_CALL, at), end__gte=at) & ~Q(later="")
        near = Call.objects.filter(began | goes_on, source=record.source_id).exclude(caller="", called="")
        fitting = matching(call for call in near if same_parties(record, call))
        found = [call for call in fitting if not call.records.exists() or _within(record, call, shift)]
        if found:
            return min(found, key=lambda call: abs(call.start - at))
    return None


def _legs(record: CallRecord) -> set[int]:
    """Return the records that share a record's identifier and touch it, or touch one that does: a PBX may give identifiers again."""
    group = CallRecord.objects.filter(source=record.source_id, linked_id=record.linked_id)
    if record.start is None:
        return set(group.values_list("pk", flat=True))
    near = (record.start - _LONGEST_GROUP, record.start + _LONGEST_GROUP)
    legs, left = [record], [one for one in group.filter(start__range=near) if one.pk != record.pk]
    for leg in legs:
        touching = [one for one in left if _touch(_interval(leg), _interval(one))]
        legs += touching
        left = [one for one in left if one not in touching]
    return {leg.pk for leg in legs}


def _touch(one: Interval, other: Interval) -> bool:
    return one.start <= other.end + TOLERANCE and other.start <= one.end + TOLERANCE


def _within(record: CallRecord, call: Call, shift: timedelta) -> bool:
    """Return whether a record describes a part of a call that others describe, too, as one leg of several."""
    whole = _interval(record)
    return (
        call.end is not None
        and call.start - _SEAM <= whole.start + shift
        and whole.end + shift <= call.end + _SEAM
    )


def _cause(record: CallRecord) -> str:
    if record.file:
        files = PbxFile.objects.filter(source=record.source_id, state=FileState.REFUSED)
        named = files.filter(Q(name=record.file) | Q(name__endswith=f"/{record.file}"))
        if cause := named.values_list("cause", flat=True).first():
            return cause
    if record.start is not None:
        whole = _interval(record)
        gaps = Gap.objects.filter(source=record.source_id, start__lt=whole.end)
        known = gaps.filter(Q(end__isnull=True) | Q(end__gt=whole.start)).exclude(
            cause=LineCause.NO_RECORDING
        )
        if cause := known.order_by("start").values_list("cause", flat=True).first():
            return cause
    return LineCause.NO_RECORDING


def _interval(record: CallRecord) -> Interval:
    start = record.start or record.arrived_at
    return Interval(start, start + timedelta(seconds=max(record.seconds or 0.0, 1.0)))


def _book_gap(record: CallRecord, clock: Clock) -> None:
    """Book as a gap what neither a recording nor a gap covers of the call's time; nothing on a line that had other calls then."""
    if record.start is None:
        return
    source = locked_source(record.source_id)
    whole = _interval(record)
    if whole.start < source.added_at or whole.end > clock.now():
        return
    covers = [*_segments(record.source_id, whole), *_gaps(record.source_id, whole)]
    missing = [part for part in uncovered(whole, covers) if part.length > SEAM]
    if missing:
        start_accounting(source, whole.start)
        book_gaps(
            ((record.source_id, Missing(part.start, part.end, LineCause.NO_RECORDING)) for part in missing),
            clock,
        )


def _segments(source_id: str, whole: Interval) -> Iterable[Interval]:
    longest = longest_of(source_id)
    rows = reaching(Segment.objects.filter(source=source_id), whole.start, whole.end, longest)
    return [Interval(start, end) for start, end in rows.values_list("start", "end")]


def _gaps(source_id: str, whole: Interval) -> Iterable[Interval]:
    rows = Gap.objects.filter(source=source_id, start__lt=whole.end)
    reach = rows.filter(Q(end__isnull=True) | Q(end__gt=whole.start)).values_list("start", "end")
    return [Interval(start, max(end or whole.end, start + SEAM)) for start, end in reach]
