"""Removal of what was booked of a refused call: decided and entered first, then done."""

from collections.abc import Collection, Iterable

from django.db.models import F

from rejent.catalog.models import DayTotal, Segment, SegmentState
from rejent.catalog.queries.items import segments_left
from rejent.kernel.acts import Act
from rejent.kernel.clock import Clock
from rejent.registers.services import enter
from rejent.streams.calls.catalog.acts import CALL_WITHDRAWING, CALL_WITHDRAWN
from rejent.streams.calls.catalog.models import Call
from rejent.streams.calls.catalog.services.calls import name_nobody
from rejent.streams.calls.catalog.views import REFUSED


def decide_withdrawal(call_id: str, objects: Collection[str], *, clock: Clock) -> None:
    """Enter that these objects of a refused call are about to be removed; from then on no hold keeps them."""
    _enter(CALL_WITHDRAWING, call_id, _found(call_id, objects), clock)


def withdraw_call(call_id: str, objects: Collection[str], *, clock: Clock) -> None:
    """Book that these objects of a refused call are removed, and take its numbers; the caller's transaction removed them."""
    found = _found(call_id, objects)
    for each in found:
        kept = F("kept_bytes") - each.bytes
        DayTotal.objects.filter(source=each.source_id, day=each.day).update(kept_bytes=kept)
    Segment.objects.filter(pk__in=[each.pk for each in found]).update(
        state=SegmentState.DESTROYED, index=b"", replaced_header=b""
    )
    _enter(CALL_WITHDRAWN, call_id, found, clock)
    name_nobody(call_id)


def let_withdraw(calls: Iterable[str]) -> None:
    """Let what was booked or mended of refused calls be withdrawn, though nothing had been left of these when they ended."""
    Call.objects.filter(pk__in=list(calls), ended_by=REFUSED, destroyed=True).update(destroyed=False)


def _found(call_id: str, objects: Collection[str]) -> list[Segment]:
    line = Call.objects.values_list("source_id", flat=True).get(pk=call_id)
    return [each for each in segments_left(line, call_id) if each.object_name in objects]


def _enter(act: Act, call_id: str, found: Collection[Segment], clock: Clock) -> None:
    line = Call.objects.values_list("source_id", flat=True).get(pk=call_id)
    record = {
        "source": line,
        "call": call_id,
        "segments": len(found),
        "bytes": sum(each.bytes for each in found),
        "digests": [each.sha256 for each in found],
    }
    enter(act, actor="", subject=f"source:{line}", record=record, at=clock.now())
