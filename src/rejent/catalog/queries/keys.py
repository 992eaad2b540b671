"""Read day keys: the public halves of coming dates, and those to which something is sealed."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import NamedTuple

from django.db.models import OuterRef, Q, QuerySet, Subquery

from rejent.catalog.models import DayKey, DayTotal, Segment, SegmentState, Source
from rejent.catalog.stream_parts import SOURCES
from rejent.registers.guard.memory import VerifiedOnce
from rejent.registers.guard.rows import matching

Keys = list[tuple[str, date, str]]
"""Sources, civil dates and public halves."""


def recipient(source_id: str, day: date) -> str | None:
    """Return the public half of the key that seals a source's civil date, if one was made."""
    return next((row.recipient for row in matching(DayKey.objects.filter(source=source_id, day=day))), None)


def missing_day_keys(days: Iterable[date]) -> list[tuple[str, date]]:
    """Return for which sources and civil dates no key has been made, of the sources that are not removed.

    With them the past dates that a kind of stream wants one for.
    """
    wanted = sorted(set(days))
    present = Source.objects.filter(Q(removed_at__isnull=True)).order_by("pk").values_list("pk", flat=True)
    made = set(DayKey.objects.filter(day__in=wanted).values_list("source_id", "day"))
    found = [(source_id, day) for source_id in present for day in wanted if (source_id, day) not in made]
    past = [place for form in SOURCES.values() for place in form.wanted_keys()]
    known = set(DayKey.objects.filter(day__in={day for _, day in past}).values_list("source_id", "day"))
    return found + [place for place in past if place not in known and place[1] not in wanted]


def day_keys_from(day: date) -> Keys:
    """Return the day keys from a date on."""
    return _verified.get(day, partial(_matching, day))


def stored_day_keys_from(day: date) -> Keys:
    """Return what the table says from a date on, for who holds it against the key store."""
    return list(_rows(day).values_list("source_id", "day", "recipient"))


def _matching(day: date) -> Keys:
    return [(row.source_id, row.day, row.recipient) for row in matching(_rows(day))]


def _rows(day: date) -> QuerySet[DayKey]:
    return DayKey.objects.filter(day__gte=day).order_by("source_id", "day")


_verified = VerifiedOnce[Keys](DayKey)


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
