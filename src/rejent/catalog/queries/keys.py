"""Which public keys seal which day."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q

from rejent.catalog.models import DayKey, Source
from rejent.catalog.stream_parts import SOURCES


def recipient(source_id: str, day: date) -> str | None:
    """The public half of the key that seals a source's civil date, if one was made."""
    return DayKey.objects.filter(source=source_id, day=day).values_list("recipient", flat=True).first()


def missing_day_keys(days: Iterable[date]) -> list[tuple[str, date]]:
    """For which sources and civil dates no key has been made, of the sources that are not removed.

    With them the past dates that a kind of stream wants one for.
    """
    wanted = sorted(set(days))
    present = Source.objects.filter(Q(removed_at__isnull=True)).order_by("pk").values_list("pk", flat=True)
    made = set(DayKey.objects.filter(day__in=wanted).values_list("source_id", "day"))
    found = [(source_id, day) for source_id in present for day in wanted if (source_id, day) not in made]
    past = [place for form in SOURCES.values() for place in form.wanted_keys()]
    known = set(DayKey.objects.filter(day__in={day for _, day in past}).values_list("source_id", "day"))
    return found + [place for place in past if place not in known and place[1] not in wanted]


def day_keys_from(day: date) -> list[tuple[str, date, str]]:
    """The sources, civil dates and public halves of the day keys from a date on."""
    rows = DayKey.objects.filter(day__gte=day).order_by("source_id", "day")
    return list(rows.values_list("source_id", "day", "recipient"))
