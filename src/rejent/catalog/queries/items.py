"""Items of a stream, such as calls, that objects are of, by verified rows."""

from collections.abc import Collection
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
    """An object by its verified row; ``interval`` says when it was recorded, ``run`` of which item."""

    name: str
    interval: Interval
    sha256: str
    run: str
    bytes: int


def objects_reaching(source_id: str, whole: Interval, item: str = "") -> list[ItemObject]:
    """Return the objects that are left of an interval, or of one item in it: each that reaches into it, as a whole."""
    return _objects(_reaching(source_id, whole, item).exclude(state=SegmentState.DESTROYED))


def names_reaching(source_id: str, whole: Interval, item: str = "") -> list[str]:
    """Return the objects that count as kept within an interval, or of one item in it, whatever the ledger says of them."""
    rows = _reaching(source_id, whole, item).exclude(state=SegmentState.DESTROYED)
    return list(rows.order_by("object_name").values_list("object_name", flat=True))


def unaccounted(source_id: str, whole: Interval, item: str, ended: Collection[str]) -> list[str]:
    """Return the objects within an interval, or of one item in it, of which it is not known what became.

    Their rows differ from the ledger, or count as destroyed though no act names their digest and their key's end is not proved.

    ``ended`` are the public halves of the keys whose end is proved.
    """
    rows = list(_reaching(source_id, whole, item).order_by("object_name"))
    known = {row.object_name: row for row in matching(rows)}
    withdrawn = withdrawn_digests(source_id)
    gone = {name for name, row in known.items() if row.sha256 in withdrawn or row.recipient in ended}
    return [
        row.object_name
        for row in rows
        if row.object_name not in known
        or (row.state == SegmentState.DESTROYED and row.object_name not in gone)
    ]


def _reaching(source_id: str, whole: Interval, item: str) -> QuerySet[Segment]:
    rows = Segment.objects.filter(source=source_id, start__lt=whole.end, end__gt=whole.start)
    return rows.filter(run=item) if item else rows


def objects_of_item(source_id: str, item: str) -> list[ItemObject]:
    """Return the objects that are left of an item."""
    return _objects(segments_left(source_id, item))


def _objects(segments: QuerySet[Segment]) -> list[ItemObject]:
    """Return objects by those of their rows that are as they were entered, in the order of their names."""
    return [
        ItemObject(row.object_name, Interval(row.start, row.end), row.sha256, row.run, row.bytes)
        for row in sorted(matching(segments), key=lambda row: row.object_name)
    ]


def is_withdrawn(sha256: str) -> bool:
    """Return whether an act says that an object, by its digest, is being removed by itself, or was."""
    digests = (
        (act.facts or {}).get("digests")
        for name in _REMOVALS.union(*(form.withdrawals for form in SOURCES.values()))
        for act in entered_naming(name, sha256)
    )
    return any(isinstance(each, list) and sha256 in each for each in digests)


def withdrawn_digests(source_id: str, *, erasure: str = "") -> frozenset[str]:
    """Return the digests of all objects of a source that are being removed by themselves, or were, by the word of the ledger.

    Of one erasure those alone that were named by it.
    """
    names = {*_REMOVALS, *SOURCES.of(stream_of(source_id)).withdrawals}
    acts = entered_on(f"source:{source_id}", names, committed_only=True)
    facts = (act.facts or {} for act in acts)
    digests = (each.get("digests") for each in facts if not erasure or each.get("erasure") == erasure)
    return frozenset(str(digest) for each in digests if isinstance(each, list) for digest in each)


def verified_run(segment_id: UUID) -> str | None:
    """Return which item of its stream an object is of; nothing where that is not known, or its row is not as it was entered.

    Whose a recording is that a killed recorder left is known only once it was mended.
    """
    return next((row.run for row in matching(Segment.objects.filter(pk=segment_id))), "") or None
