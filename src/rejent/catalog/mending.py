"""What keepers make of segments after they were booked: mended where a crash had cut them short, held where cut out."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from rejent.catalog.errors import NoSuchSegmentError
from rejent.catalog.models import Segment, SegmentState


def cut_short() -> list[UUID]:
    """Segments that a recorder booked as cut short and that are not destroyed, oldest first."""
    rows = Segment.objects.filter(recovered=True).exclude(state=SegmentState.DESTROYED)
    return list(rows.order_by("start").values_list("pk", flat=True))


def note_mended(
    segment_id: UUID,
    *,
    end: datetime,
    bytes: int,  # noqa: A002 - the column's word
    sha256: str,
    frames: int,
    index: bytes,
) -> None:
    """Store what a segment that was cut short became; it stays marked as recovered.

    Raises:
        NoSuchSegmentError: there is no such segment, or it is destroyed.
    """
    with transaction.atomic():
        living = Segment.objects.filter(pk=segment_id).exclude(state=SegmentState.DESTROYED)
        if not living.update(end=end, bytes=bytes, sha256=sha256, frames=frames, index=index, tail=False):
            raise NoSuchSegmentError("There is no segment {segment}.", segment=segment_id)


def mark_held(segments: Iterable[UUID]) -> None:
    """Mark living segments as kept by a hold."""
    Segment.objects.filter(pk__in=list(segments), state=SegmentState.SEALED).update(state=SegmentState.HELD)
