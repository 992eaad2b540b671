"""How much of what a hold keeps is recorded, by what the catalogue has."""

from dataclasses import dataclass
from datetime import timedelta

from rejent.catalog import queries as catalog
from rejent.catalog.coverage import holes, seconds
from rejent.kernel.clock import Clock
from rejent.kernel.intervals import Interval, merged

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
    source_id: str, asked: Interval, item: str = "", *, clock: Clock, ended: bool = False
) -> RecordedTime:
    """Return what is recorded of a time; once its hold has ``ended``, also what was destroyed since."""
    found = [
        each
        for each in catalog.segments(source_id, asked.start, asked.end, destroyed=True)
        if item in {"", each.run}
    ]
    there = [each for each in found if ended or each.state != "destroyed"]
    parts = [part for each in there if (part := each.interval.intersection(asked))]
    covers = merged(parts)
    recorded_s = seconds(covers)
    whole = bool(covers) and (bool(item) or not holes(asked, covers))
    return RecordedTime(
        asked_s=recorded_s if item else asked.length.total_seconds(),
        recorded_s=recorded_s,
        whole=whole,
        settled=asked.end + catalog.longest_of(source_id) + _BOOKED_WITHIN <= clock.now(),
        gone=len(there) < len(found),
    )
