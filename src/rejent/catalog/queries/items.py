"""Items of a stream, such as calls, that objects are of, by verified rows."""

from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from rejent.catalog.acts import SEGMENTS_REMOVING
from rejent.catalog.models import Segment, SegmentState
from rejent.catalog.queries.sources import stream_of
from rejent.catalog.stream_parts import SOURCES
from rejent.kernel.intervals import Interval
from rejent.registers.guard.rows import matching
from rejent.registers.queries import entered_naming, entered_on

_REMOVALS = frozenset({SEGMENTS_REMOVING.name})
"""Acts of every kind of stream that name objects which go singly; a kind names its own besides."""


def segments_left(source_id: str, item: str) -> QuerySet[Segment]:
    """Return the living segments of an item, in the order of their objects."""
    rows = Segment.objects.filter(source=source_id, run=item).exclude(state=SegmentState.DESTROYED)
    return rows.order_by("object_name")


class ItemObject(NamedTuple):
    """An object of an item; ``interval`` says when it was recorded."""

    name: str
    interval: Interval
    sha256: str
    run: str = ""


def objects_reaching(source_id: str, whole: Interval, item: str = "") -> list[ItemObject]:
    """Return the objects that are left of an interval, or of one item in it: each that reaches into it, as a whole."""
    rows = Segment.objects.filter(source=source_id, start__lt=whole.end, end__gt=whole.start)
    rows = rows.exclude(state=SegmentState.DESTROYED)
    found = matching(rows.filter(run=item) if item else rows)
    ordered = sorted(found, key=lambda row: row.object_name)
    return [ItemObject(row.object_name, Interval(row.start, row.end), row.sha256, row.run) for row in ordered]


def objects_of_item(source_id: str, item: str) -> list[ItemObject]:
    """Return the objects that are left of an item."""
    rows = matching(segments_left(source_id, item))
    return [ItemObject(row.object_name, Interval(row.start, row.end), row.sha256) for row in rows]


def is_withdrawn(sha256: str) -> bool:
    """Return whether an act says that an object, by its digest, is being removed by itself, or was."""
    digests = (
        (act.facts or {}).get("digests")
        for name in _REMOVALS.union(*(form.withdrawals for form in SOURCES.values()))
        for act in entered_naming(name, sha256)
    )
    return any(isinstance(each, list) and sha256 in each for each in digests)


def withdrawn_digests(source_id: str) -> frozenset[str]:
    """Return the digests of all objects of a source that are being removed by themselves, or were, by the word of the ledger."""
    names = {*_REMOVALS, *SOURCES.of(stream_of(source_id)).withdrawals}
    acts = entered_on(f"source:{source_id}", names, committed_only=True)
    told = ((act.facts or {}).get("digests") for act in acts)
    return frozenset(str(digest) for each in told if isinstance(each, list) for digest in each)


def verified_run(segment_id: UUID) -> str | None:
    """Return which item of its stream an object is of; nothing where that is not known, or its row is not as it was entered.

    Whose a recording is that a killed recorder left is known only once it was mended.
    """
    return next((row.run for row in matching(Segment.objects.filter(pk=segment_id))), "") or None
