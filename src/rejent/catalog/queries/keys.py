"""Public halves of day keys: those alone that the keeper entered, whatever else stands in the table."""

from collections.abc import Iterable
from datetime import date
from functools import partial

from django.db.models import Q, QuerySet

from rejent.catalog.models import DayKey, Source
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
