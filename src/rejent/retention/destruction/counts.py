"""What was destroyed within a time, counted by source: for those who oversee it."""

from dataclasses import dataclass

from django.db.models import Count, Sum

from rejent.kernel.intervals import Interval
from rejent.retention.models import Destruction


@dataclass(frozen=True, slots=True)
class DestroyedView:
    """What was destroyed of a source.

    Attributes:
        days: how many civil dates, or parts of them that holds had kept.
        segments, bytes: how much.
        survivors: how many objects holds kept of them.
    """

    source_id: str
    days: int
    segments: int
    bytes: int
    survivors: int


def destroyed_within(span: Interval) -> list[DestroyedView]:
    """Destructions that were done within a time, by source."""
    rows = Destruction.objects.filter(done_at__gte=span.start, done_at__lt=span.end).order_by("source")
    totals = rows.values_list("source").annotate(Count("pk"), Sum("segments"), Sum("bytes"), Sum("survivors"))
    return [DestroyedView(*row) for row in totals]
