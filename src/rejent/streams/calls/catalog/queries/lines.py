"""Calls that a recorder had begun before it ended, lines of drills, and numbers that are never recorded."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Max

from rejent.catalog.errors import AddressRefusedError
from rejent.catalog.models import Segment, SegmentState, Source
from rejent.registers.guard.rows import matching
from rejent.streams.calls.catalog.lines.addresses import CALLS, DRILLED, read_line
from rejent.streams.calls.catalog.lines.parts import Undecided
from rejent.streams.calls.catalog.models import Call, RefusedNumber
from rejent.streams.calls.catalog.phone_numbers import begins_with


class UnendedCall(NamedTuple):
    """A call whose end was not entered, recorded until the end of its last object, or its start.

    ``sure``: no object of its line waits to be mended, which alone shows whose it is and how far it reaches.
    """

    id: str
    source_id: str
    recorded_until: datetime
    sure: bool
    day: date


def keeps_undecided(source_id: str) -> bool:
    """Return whether a line records calls of which nobody knows which way they go; also where its address cannot be read."""
    address = Source.objects.filter(pk=source_id).values_list("address", flat=True).get()
    try:
        return read_line(address).undecided is Undecided.RECORD
    except AddressRefusedError:
        return True


def unended_calls(
    source_ids: Iterable[str] | None = None,
    *,
    besides: Collection[str] = (),
    before: datetime | None = None,
) -> list[UnendedCall]:
    """Return the calls whose end was not entered, of all lines and times unless given, ``besides`` those known to be under way."""
    unended = Call.objects.filter(end__isnull=True).order_by("start")
    if source_ids is not None:
        unended = unended.filter(source__in=list(source_ids))
    if before is not None:
        unended = unended.filter(start__lt=before)
    rows = [row for row in unended if row.pk not in besides]
    if not rows:
        return []
    torn = set(
        Segment.objects.filter(recovered=True, run="", source__in={row.source_id for row in rows})
        .exclude(state=SegmentState.DESTROYED)
        .values_list("source_id", flat=True)
    )
    found = []
    for row in rows:
        own = Segment.objects.filter(source=row.source_id, run=row.pk, start__gte=row.start)
        until = own.aggregate(until=Max("end"))["until"] or row.start
        found.append(UnendedCall(row.pk, row.source_id, until, row.source_id not in torn, row.day))
    return found


def drill_lines() -> frozenset[str]:
    """Return the lines of drills, struck off or not; a row that was edited takes none of the office's calls from a search."""
    rows = Source.objects.filter(stream=CALLS, address__contains=f"numbers={DRILLED}&")
    return frozenset(row.pk for row in matching(rows))


@dataclass(frozen=True, slots=True)
class RefusalView:
    """A refusal that stands: its number, by which acts and people name it; whose calls are not recorded; since when; its entry."""

    id: int
    number: str = field(repr=False)
    since: datetime
    entry: int = 0


def refusals() -> list[RefusalView]:
    """Return the refusals that stand, in the order they were entered."""
    rows = RefusedNumber.objects.filter(ended_at__isnull=True).order_by("pk")
    return [RefusalView(*row) for row in rows.values_list("pk", "number", "since", "entry")]


def is_ours(number: str) -> bool:
    """Return whether a number, as `canonical_number` gives it, is one of the office on any of its lines."""
    lines = Source.objects.filter(stream=CALLS, removed_at__isnull=True).values_list("address", flat=True)
    return any(begins_with(number, own) for address in lines for own in read_line(address).numbers)


def refused_numbers() -> frozenset[str]:
    """Return the numbers that are never recorded; a refusal that was planted or altered silences nobody."""
    return frozenset(row.number for row in matching(RefusedNumber.objects.all()) if row.ended_at is None)
