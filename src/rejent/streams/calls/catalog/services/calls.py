"""Entering calls: that one is recorded, that it ended, and that nothing tells of it any more."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from rejent.catalog.models import Segment, SegmentState
from rejent.catalog.queries.items import segments_left
from rejent.catalog.services.gaps import locked_source
from rejent.kernel.clock import Clock
from rejent.registers.guard.rows import matching
from rejent.registers.services import enter
from rejent.streams.calls.catalog.acts import (
    CALL_BEGUN,
    CALL_ENDED,
    CALL_LEFT_OUT,
    CALL_NAMED,
    CALL_REACHES,
    CALL_REFUSED,
)
from rejent.streams.calls.catalog.models import Call, CallNotice
from rejent.streams.calls.catalog.numbers.phone_numbers import canonical_number
from rejent.streams.calls.catalog.queries.calls import LONGEST_CALL, was_refused
from rejent.streams.calls.catalog.queries.lines import unended_calls
from rejent.streams.calls.catalog.services.call_records import forget_records_of
from rejent.streams.calls.catalog.views import REFUSED, BegunCall

STOPPED = "recorder-stopped"
"""Reason why a recording ended whose recorder was killed."""
_ANY_OTHER_END = timedelta(hours=1)
"""In which whoever recorded a call would have entered its end by itself."""


def begin_call(call: BegunCall, *, clock: Clock) -> None:
    """Enter that a call is recorded; a call that is entered already is left alone.

    Raises:
        NoSuchSourceError: the line is unknown.
    """
    with transaction.atomic():
        locked_source(call.source_id)
        if Call.objects.filter(pk=call.id).exists():
            return
        record = {"source": call.source_id, "call": call.id, "direction": call.direction}
        record |= {"start": call.start.isoformat(), "profile": call.profile}
        row = Call(
            id=call.id,
            source_id=call.source_id,
            day=call.day,
            start=call.start,
            direction=call.direction,
            caller=canonical_number(call.caller),
            called=canonical_number(call.called),
            profile=call.profile,
        )
        row.commit()
        row.save(force_insert=True)
        subject = f"source:{call.source_id}"
        enter(CALL_BEGUN, actor="", subject=subject, record=record, at=clock.now(), row=row)


def name_parties(call_id: str, caller: str, called: str, direction: str, *, clock: Clock) -> None:
    """Enter parties and direction of a call as its exchange names or corrects them while it lasts.

    A call that is unknown, names nobody any more or is not as it was entered is left alone.
    """
    numbers = {"caller": canonical_number(caller), "called": canonical_number(called)}
    with transaction.atomic():
        row = _as_entered(Call.objects.filter(pk=call_id, destroyed=False))
        if row is None:
            return
        changed = [party for party, number in numbers.items() if getattr(row, party) != number]
        if not changed and row.direction == direction:
            return
        row.caller, row.called, row.direction = numbers["caller"], numbers["called"], direction
        row.commit()
        row.save(update_fields=["caller", "called", "direction", "salt", "commitment"])
        record = {"source": row.source_id, "call": row.pk, "facts": " ".join(changed), "direction": direction}
        subject = f"source:{row.source_id}"
        enter(CALL_NAMED, actor="", subject=subject, record=record, at=clock.now(), row=row)


def end_call(call_id: str, end: datetime, why: str, *, clock: Clock, faults: Sequence[str] = ()) -> None:
    """Enter that the recording of a call is over, by a stable word such as ``bye`` why, and what was wrong with its metadata.

    A call that is unknown, has ended or is not as it was entered is left alone.
    """
    with transaction.atomic():
        row = _as_entered(Call.objects.filter(pk=call_id, end__isnull=True))
        if row is None:
            return
        row.end, row.ended_by = max(end, row.start), why
        row.faults = " ".join(faults)
        row.save(update_fields=["end", "ended_by", "faults"])
        record = {
            "source": row.source_id,
            "call": row.pk,
            "start": row.start.isoformat(),
            "end": row.end.isoformat(),
            "cause": why,
        } | ({"faults": row.faults} if faults else {})
        enter(CALL_ENDED, actor="", subject=f"source:{row.source_id}", record=record, at=clock.now(), row=row)
        if why == REFUSED and not segments_left(row.source_id, call_id).exists():
            name_nobody(call_id)


def reach_to(call_id: str, end: datetime, *, clock: Clock) -> None:
    """Put the end of a call right that was given up before it was known how far what its killed recorder left reaches."""
    with transaction.atomic():
        row = _as_entered(Call.objects.filter(pk=call_id, ended_by=STOPPED, end__lt=end))
        if row is None:
            return
        record = {"source": row.source_id, "call": call_id, "end": end.isoformat()}
        record["was"] = row.end.isoformat() if row.end else ""
        row.end = end
        row.save(update_fields=["end"])
        subject = f"source:{row.source_id}"
        enter(CALL_REACHES, actor="", subject=subject, record=record, at=clock.now(), row=row)


def _as_entered(rows: QuerySet[Call]) -> Call | None:
    """Return the first of the rows, locked; nothing where there is none or the ledger says otherwise of it."""
    return next(iter(matching(rows.select_for_update()[:1])), None)


def end_overlong(*, clock: Clock) -> set[tuple[str, date]]:
    """End the calls that began longer ago than any lasts, as far as their objects reach, whatever became of their lines.

    Returns:
        Line and civil date of each.
    """
    ended = set()
    for call in unended_calls(before=clock.now() - LONGEST_CALL - _ANY_OTHER_END):
        end_call(call.id, call.recorded_until, why_stopped(call.id), clock=clock)
        ended.add((call.source_id, call.day))
    return ended


def why_stopped(call_id: str) -> str:
    """Return why the recording of a call ended whose recorder was killed: for that, unless a party had refused before."""
    return REFUSED if was_refused(call_id) else STOPPED


def refuse_call(source_id: str, call_id: str, how: str, after_s: float, *, clock: Clock) -> None:
    """Enter that a party refused to be recorded; of a call once.

    Args:
        source_id: the line.
        call_id: the call; empty where nothing of it was recorded.
        how: ``key`` or ``list``.
        after_s: seconds from its beginning.
        clock: dates the act.
    """
    record: dict[str, object] = {"source": source_id, "how": how, "after_ms": round(after_s * 1000)}
    if call_id:
        record["call"] = call_id
    subject = f"call:{call_id}" if call_id else f"source:{source_id}"
    with transaction.atomic():
        if call_id and was_refused(call_id):
            return
        enter(CALL_REFUSED, actor="", subject=subject, record=record, at=clock.now())


def leave_out_call(call: BegunCall, end: datetime, *, clock: Clock) -> None:
    """Enter a call that nobody knows more of, and that nothing of it may be kept: what there is will be withdrawn as of one that a party refused."""
    with transaction.atomic():
        begin_call(call, clock=clock)
        record = {"source": call.source_id, "call": call.id}
        enter(CALL_LEFT_OUT, actor="", subject=f"call:{call.id}", record=record, at=clock.now())
        end_call(call.id, end, REFUSED, clock=clock)


def name_nobody(call_id: str) -> None:
    """Take the numbers of a call and of whatever tells of it, now that nothing of it is left."""
    CallNotice.objects.filter(call=call_id).update(**CallNotice.blanked())
    Call.objects.filter(pk=call_id).update(**Call.blanked(), destroyed=True)
    forget_records_of([call_id])


def forget_destroyed_calls(source_id: str, day: date) -> int:
    """Take the numbers from calls of a line of which nothing is left, among those that began on this civil date or have a segment of it.

    Returns:
        How many calls name nobody from now on.
    """
    with transaction.atomic():
        segments = Segment.objects.filter(source=source_id)
        runs = segments.filter(day=day).values("run")
        near = segments.filter(day__range=(day - LONGEST_CALL, day + LONGEST_CALL))
        living = near.exclude(state=SegmentState.DESTROYED).values("run")
        of_day = Q(pk__in=runs) | Q(day=day, end__isnull=False)
        gone = Call.objects.filter(of_day, source=source_id, destroyed=False).exclude(pk__in=living)
        CallNotice.objects.filter(call__in=gone).update(**CallNotice.blanked())
        calls = list(gone.values_list("pk", flat=True))
        count = gone.update(**Call.blanked(), destroyed=True)
        forget_records_of(calls)
        return count
