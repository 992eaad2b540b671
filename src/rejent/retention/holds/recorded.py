"""How much of what a hold keeps is recorded, by what the catalogue has."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from rejent.catalog import queries as catalog
from rejent.catalog.coverage import holes, seconds
from rejent.catalog.views import SegmentView
from rejent.kernel.clock import Clock
from rejent.kernel.intervals import Interval, merged
from rejent.retention.models import Destruction, Erasure

_BOOKED_WITHIN = timedelta(minutes=1)
"""Time from the end of a segment until it is booked, at the most."""


@dataclass(frozen=True, slots=True)
class RecordedTime:
    """What is recorded of a source's time, or of one item in it.

    Attributes:
        asked_s, recorded_s: how long the time is, and how much of it is recorded; of an item both are what is recorded of it.
        whole: whether nothing longer than a seam lacks.
        settled: whether all that was recorded then is booked; else more may come.
        gone: whether something of it was destroyed.
    """

    asked_s: float
    recorded_s: float
    whole: bool
    settled: bool
    gone: bool

    @property
    def nothing(self) -> bool:
        """Return whether nothing of it is recorded."""
        return not self.recorded_s


def recorded_time(
    source_id: str, asked: Interval, item: str = "", *, clock: Clock, kept_since: datetime | None = None
) -> RecordedTime:
    """Return what is recorded of a time; of one that a hold which has ended kept since a moment, also what was destroyed after it."""
    found = [
        each
        for each in catalog.segments(source_id, asked.start, asked.end, destroyed=True)
        if item in {"", each.run}
    ]
    gone = [each for each in found if each.state == "destroyed"]
    if kept_since is not None:
        gone = _destroyed_before(source_id, gone, kept_since)
    lost = {each.id for each in gone}
    parts = [part for each in found if each.id not in lost and (part := each.interval.intersection(asked))]
    covers = merged(parts)
    recorded_s = seconds(covers)
    whole = bool(covers) and (bool(item) or not holes(asked, covers))
    return RecordedTime(
        asked_s=recorded_s if item else asked.length.total_seconds(),
        recorded_s=recorded_s,
        whole=whole,
        settled=asked.end + catalog.longest_of(source_id) + _BOOKED_WITHIN <= clock.now(),
        gone=bool(gone),
    )


def _destroyed_before(source_id: str, gone: list[SegmentView], at: datetime) -> list[SegmentView]:
    """Return those of some destroyed segments whose destruction or erasure was decided before a moment."""
    decided = Destruction.objects.filter(
        source=source_id, day__in={each.day for each in gone}, decided_at__lt=at
    )
    keys = set(decided.values_list("day", "recipient"))
    erased = [
        (Interval(start, end), item)
        for start, end, item in Erasure.objects.filter(source=source_id, done_at__lt=at).values_list(
            "start", "end", "item"
        )
    ]
    return [
        each
        for each in gone
        if (each.day, each.recipient) in keys
        or any(
            span.start <= each.start and each.end <= span.end and item in {"", each.run}
            for span, item in erased
        )
    ]
