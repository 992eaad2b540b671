"""Questions that keepers ask each round, answered without reading a row for every segment."""

from datetime import date
from typing import NamedTuple

from django.db.models import OuterRef, Subquery

from rejent.catalog.models import DayTotal, Segment, SegmentState

_KEPT = (SegmentState.SEALED, SegmentState.HELD)


class KeyInUse(NamedTuple):
    """A key under which segments of a source's civil date are kept."""

    source_id: str
    day: date
    recipient: str


class KeptDay(NamedTuple):
    """A civil date of a source of which something is kept: segments booked of it, destroyed ones included, and bytes kept."""

    source_id: str
    day: date
    segments: int
    bytes: int


class SealedObject(NamedTuple):
    """An object's name in the vault and the digest of its bytes, hexadecimal."""

    name: str
    sha256: str


def kept_days(until: date) -> list[KeptDay]:
    """Civil dates up to and with one of which something is kept, by the days' sums, oldest first."""
    kept = DayTotal.objects.filter(day__lte=until, kept_bytes__gt=0).order_by("day", "source_id")
    return [KeptDay(*row) for row in kept.values_list("source_id", "day", "segments", "kept_bytes")]


def keys_in_use(until: date) -> list[KeyInUse]:
    """Keys of what is kept of civil dates up to and with one, by the days' sums: one each of what is sealed and what is held.

    While segments of a date change from one key to another, the other one may be missing; `living_days` reads every row.
    """
    kept = DayTotal.objects.filter(day__lte=until, kept_bytes__gt=0).order_by("day", "source_id")
    found: list[KeyInUse] = []
    rows = kept.annotate(sealed=_one_recipient(SegmentState.SEALED), held=_one_recipient(SegmentState.HELD))
    for source_id, day, *recipients in rows.values_list("source_id", "day", "sealed", "held"):
        found += [KeyInUse(source_id, day, recipient) for recipient in recipients if recipient is not None]
    return found


def _one_recipient(state: SegmentState) -> Subquery:
    same_date = Segment.objects.filter(source=OuterRef("source"), day=OuterRef("day"), state=state)
    return Subquery(same_date.order_by().values("recipient")[:1])


def objects_under(source_id: str, day: date, recipient: str) -> list[SealedObject]:
    """Return the objects of a source's civil date under one key that are not destroyed, in the order of their names."""
    rows = Segment.objects.filter(source=source_id, day=day, state__in=_KEPT, recipient=recipient)
    return sorted(SealedObject(*row) for row in rows.values_list("object_name", "sha256"))
