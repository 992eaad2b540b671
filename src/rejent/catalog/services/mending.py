"""Booking what keepers make of segments: mended where a crash had cut them short, held where a hold cut them out."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from rejent.catalog.coverage import milliseconds
from rejent.catalog.models import DayTotal, Segment, SegmentState
from rejent.catalog.queries.sources import stream_of
from rejent.catalog.services.gaps import account_again, corrections, locked_source
from rejent.catalog.services.segments import living_segment, newly_covered, seams_behind
from rejent.catalog.stream_parts import SOURCES
from rejent.catalog.views import Octets
from rejent.kernel.clock import Clock
from rejent.kernel.intervals import Interval
from rejent.registers.guard.model import GuardedModel
from rejent.registers.services import enter_many

_MENDED = (
    "start",
    "end",
    "bytes",
    "sha256",
    "head",
    "units",
    "index",
    "tail",
    "traits",
    "run",
    "seams",
    "seams_ms",
)


def note_mended(
    segment_id: UUID,
    *,
    end: datetime,
    bytes: int,  # noqa: A002 - the column's word
    sha256: str,
    head: str,
    units: int,
    index: Octets,
    clock: Clock,
    traits: Mapping[str, object] | None = None,
    item: str = "",
    start: datetime | None = None,
) -> GuardedModel:
    """Store what a segment that was cut short became; it stays marked as recovered, and the gap after it shrinks.

    ``start`` is given where it begins earlier than it was booked with; ``traits`` and the item it is of could be read by nobody before it was opened; those left out stay.

    Returns:
        Its row, to be entered with the act in the same transaction.

    Raises:
        NoSuchSegmentError: there is no such segment, or it is destroyed.
        LedgerMismatchError: its row is not as it was entered.
    """
    with transaction.atomic():
        row = living_segment(segment_id)
        locked_source(row.source_id)
        before, after = Interval(row.start, row.end), Interval(start or row.start, end)
        gained = _covered(row, after) - _covered(row, before)
        corrected = corrections([(row.source_id, after, True)])
        enter_many([entry for each in corrected for entry in each.store(clock)])
        more = bytes - row.bytes
        seams, seams_ms = _change(_counted_behind(row), seams_behind(row, end))
        row.start, row.end, row.bytes, row.sha256, row.head, row.units, row.index = (
            after.start,
            end,
            bytes,
            sha256,
            head,
            units,
            index,
        )
        row.tail, row.traits, row.run = False, {**row.traits, **(traits or {})}, item or row.run
        row.seams, row.seams_ms = row.seams + seams, row.seams_ms + seams_ms
        row.save(update_fields=_MENDED)
        if item:
            SOURCES.of(stream_of(row.source_id)).booked([item])
        DayTotal.objects.filter(source=row.source_id, day=row.day).update(
            recorded_ms=F("recorded_ms") + round(gained / timedelta(milliseconds=1)),
            bytes=F("bytes") + more,
            kept_bytes=F("kept_bytes") + more,
            seams=F("seams") + seams,
            seams_ms=F("seams_ms") + seams_ms,
        )
        account_again(row.source_id, min(before.end, after.end))
    return row


def mark_held(segments: Iterable[UUID]) -> None:
    """Mark living segments as kept by a hold."""
    Segment.objects.filter(pk__in=list(segments), state=SegmentState.SEALED).update(state=SegmentState.HELD)


def _counted_behind(row: Segment) -> list[Interval]:
    """Return the seam behind a segment if it was counted: with it, or with the segment behind; before a gap that came later it was not."""
    others = Segment.objects.filter(source=row.source_id).exclude(pk=row.pk)
    return [
        seam for seam in seams_behind(row, row.end) if row.seams > 0 or others.filter(start=seam.end).exists()
    ]


def _change(before: list[Interval], after: list[Interval]) -> tuple[int, int]:
    return len(after) - len(before), milliseconds(after) - milliseconds(before)


def _covered(row: Segment, interval: Interval) -> timedelta:
    """Return how much of the interval no other segment of the source covers."""
    others = Segment.objects.filter(source=row.source_id).exclude(pk=row.pk)
    return sum((part.length for part in newly_covered(interval, others)), timedelta())
