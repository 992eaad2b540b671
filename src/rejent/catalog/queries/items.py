"""Items of a stream, such as calls, that objects are of, by verified rows."""

from uuid import UUID

from django.db.models import QuerySet

from rejent.catalog.models import Segment, SegmentState
from rejent.kernel.intervals import Interval
from rejent.registers.guard.rows import matching


def segments_left(source_id: str, item: str) -> QuerySet[Segment]:
    """Return the living segments of an item, in the order of their objects."""
    rows = Segment.objects.filter(source=source_id, run=item).exclude(state=SegmentState.DESTROYED)
    return rows.order_by("object_name")


def objects_of_item(source_id: str, item: str) -> list[tuple[str, Interval]]:
    """Return the objects that are left of an item, and when they were recorded."""
    rows = matching(segments_left(source_id, item))
    return [(row.object_name, Interval(row.start, row.end)) for row in rows]


def verified_run(segment_id: UUID) -> str | None:
    """Return which item of its stream an object is of; nothing where that is not known, or its row is not as it was entered.

    Whose a recording is that a killed recorder left is known only once it was mended.
    """
    return next((row.run for row in matching(Segment.objects.filter(pk=segment_id))), "") or None
