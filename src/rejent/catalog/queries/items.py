"""Items of a stream, such as calls, that objects are of, by verified rows."""

from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from rejent.catalog.models import Segment, SegmentState
from rejent.catalog.queries.sources import stream_of
from rejent.catalog.stream_parts import SOURCES
from rejent.kernel.intervals import Interval
from rejent.registers.guard.rows import matching
from rejent.registers.queries import entered_naming, entered_on


def segments_left(source_id: str, item: str) -> QuerySet[Segment]:
    """Return the living segments of an item, in the order of their objects."""
    rows = Segment.objects.filter(source=source_id, run=item).exclude(state=SegmentState.DESTROYED)
    return rows.order_by("object_name")


class ItemObject(NamedTuple):
    """An object of an item; ``interval`` says when it was recorded."""

    name: str
    interval: Interval
    sha256: str


def objects_of_item(source_id: str, item: str) -> list[ItemObject]:
    """Return the objects that are left of an item."""
    rows = matching(segments_left(source_id, item))
    return [ItemObject(row.object_name, Interval(row.start, row.end), row.sha256) for row in rows]


def is_withdrawn(sha256: str) -> bool:
    """Return whether an act says that an object, by its digest, is being removed by itself, or was."""
    digests = (
        (act.facts or {}).get("digests")
        for form in SOURCES.values()
        for name in form.withdrawals
        for act in entered_naming(name, sha256)
    )
    return any(isinstance(each, list) and sha256 in each for each in digests)


def withdrawn_digests(source_id: str) -> frozenset[str]:
    """Return the digests of all objects of a source that are being removed by themselves, or were, by the word of the ledger."""
    names = SOURCES.of(stream_of(source_id)).withdrawals
    acts = entered_on(f"source:{source_id}", names, committed_only=True) if names else []
    told = ((act.facts or {}).get("digests") for act in acts)
    return frozenset(str(digest) for each in told if isinstance(each, list) for digest in each)


def verified_run(segment_id: UUID) -> str | None:
    """Return which item of its stream an object is of; nothing where that is not known, or its row is not as it was entered.

    Whose a recording is that a killed recorder left is known only once it was mended.
    """
    return next((row.run for row in matching(Segment.objects.filter(pk=segment_id))), "") or None
