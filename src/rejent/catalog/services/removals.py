"""Removal of single objects before their key dies: decided and entered first, then done."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import F

from rejent.catalog.acts import SEGMENTS_REMOVING
from rejent.catalog.models import DayTotal, Segment, SegmentState
from rejent.catalog.queries.items import ItemObject
from rejent.catalog.queries.sources import stream_of
from rejent.catalog.stream_parts import SOURCES
from rejent.kernel.clock import Clock
from rejent.registers.services import enter

_DIGESTS_AN_ACT = 500
"""An entry of the ledger holds 64 KiB."""


class Removed(NamedTuple):
    """What was removed: how many objects, their bytes, their digests in the order they were given."""

    segments: int
    bytes: int
    digests: list[str]


def decide_removal(source_id: str, objects: Sequence[ItemObject], why: str, *, clock: Clock) -> None:
    """Enter that these objects are about to be removed; from then on no hold keeps them.

    Their digests are those that were verified: no row is read for them again.
    """
    digests = [each.sha256 for each in objects]
    for start in range(0, len(digests), _DIGESTS_AN_ACT):
        some = digests[start : start + _DIGESTS_AN_ACT]
        record = {"source": source_id, "segments": len(some), "digests": some, "erasure": why}
        enter(SEGMENTS_REMOVING, actor="", subject=f"source:{source_id}", record=record, at=clock.now())


def book_removal(source_id: str, objects: Sequence[ItemObject]) -> Removed:
    """Strip the rows of objects that are gone; the caller enters the act, of the bytes and digests that were verified."""
    found = _found(source_id, [each.name for each in objects])
    for each in found:
        kept = F("kept_bytes") - each.bytes
        DayTotal.objects.filter(source=each.source_id, day=each.day).update(kept_bytes=kept)
    Segment.objects.filter(pk__in=[each.pk for each in found]).update(
        state=SegmentState.DESTROYED, index=b"", replaced_header=b""
    )
    of_kind = SOURCES.of(stream_of(source_id))
    for day in sorted({each.day for each in found}):
        of_kind.destroyed(source_id, day)
    return Removed(len(objects), sum(each.bytes for each in objects), [each.sha256 for each in objects])


def _found(source_id: str, names: Sequence[str]) -> list[Segment]:
    rows = Segment.objects.filter(source=source_id, object_name__in=list(names))
    return list(rows.exclude(state=SegmentState.DESTROYED).order_by("object_name"))
