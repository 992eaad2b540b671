"""Removal of what was booked of a refused call: decided and entered first, then done."""

from collections.abc import Iterable, Sequence

from rejent.catalog.queries.items import ItemObject
from rejent.catalog.services.segments import book_removal
from rejent.kernel.acts import Act
from rejent.kernel.clock import Clock
from rejent.registers.services import enter
from rejent.streams.calls.catalog.acts import CALL_WITHDRAWING, CALL_WITHDRAWN
from rejent.streams.calls.catalog.models import Call
from rejent.streams.calls.catalog.services.calls import name_nobody
from rejent.streams.calls.catalog.views import REFUSED


def decide_withdrawal(call_id: str, objects: Sequence[ItemObject], *, clock: Clock) -> None:
    """Enter that these objects of a refused call, as they were verified, are about to be removed; from then on no hold keeps them."""
    _enter(CALL_WITHDRAWING, call_id, objects, clock)


def withdraw_call(call_id: str, objects: Sequence[ItemObject], *, clock: Clock) -> None:
    """Book that these objects of a refused call are removed, and take its numbers; the caller's transaction removed them."""
    line = _enter(CALL_WITHDRAWN, call_id, objects, clock)
    book_removal(line, objects)
    name_nobody(call_id)


def let_withdraw(calls: Iterable[str]) -> None:
    """Let what was booked or mended of refused calls be withdrawn, though nothing had been left of these when they ended."""
    Call.objects.filter(pk__in=list(calls), ended_by=REFUSED, destroyed=True).update(destroyed=False)


def _enter(act: Act, call_id: str, objects: Sequence[ItemObject], clock: Clock) -> str:
    """Enter an act on objects of a call, and return the call's line."""
    line = str(Call.objects.values_list("source_id", flat=True).get(pk=call_id))
    record = {
        "source": line,
        "call": call_id,
        "segments": len(objects),
        "bytes": sum(each.bytes for each in objects),
        "digests": [each.sha256 for each in objects],
    }
    enter(act, actor="", subject=f"source:{line}", record=record, at=clock.now())
    return line
