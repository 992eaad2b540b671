"""Entering calls: that one is recorded, that it ended, and that nothing tells of it any more."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from rejent.catalog.acts import CALL_BEGUN, CALL_ENDED
from rejent.catalog.models import Call, Segment, SegmentState
from rejent.catalog.phone_numbers import canonical_number
from rejent.catalog.queries.calls import LONGEST_CALL
from rejent.catalog.services.gaps import locked_source
from rejent.catalog.views import BegunCall
from rejent.kernel.clock import Clock
from rejent.registers.services import enter


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
        subject = f"source:{call.source_id}"
        entry = enter(CALL_BEGUN, actor="", subject=subject, record=record, at=clock.now())
        Call.objects.create(
            id=call.id,
            source_id=call.source_id,
            day=call.day,
            start=call.start,
            direction=call.direction,
            caller=canonical_number(call.caller),
            called=canonical_number(call.called),
            profile=call.profile,
            entry=entry,
        )


def end_call(call_id: str, end: datetime, why: str, *, clock: Clock) -> None:
    """Enter that the recording of a call is over, and by a stable word such as ``bye`` why.

    A call that is unknown or has ended is left alone.
    """
    with transaction.atomic():
        row = Call.objects.select_for_update().filter(pk=call_id, end__isnull=True).first()
        if row is None:
            return
        row.end, row.ended_by = max(end, row.start), why
        row.save(update_fields=["end", "ended_by"])
        record = {
            "source": row.source_id,
            "call": row.pk,
            "start": row.start.isoformat(),
            "end": row.end.isoformat(),
            "cause": why,
        }
        enter(CALL_ENDED, actor="", subject=f"source:{row.source_id}", record=record, at=clock.now())


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
        return gone.update(caller="", called="", destroyed=True)
