"""The axis of one civil date: elapsed seconds since local midnight, labels in office time; 25 or 23 hours when clocks change."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from rejent.kernel.clock import OFFICE_ZONE, day_length, local_midnight
from rejent.kernel.intervals import Interval

HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class HourMark:
    """One hour of the axis: where it begins, in elapsed seconds, and how the clock calls it."""

    at_s: int
    label: str


@dataclass(frozen=True, slots=True)
class DayAxis:
    """One civil date of the office as an axis."""

    day: date

    @property
    def start(self) -> datetime:
        """The midnight it begins at, in UTC."""
        return local_midnight(self.day)

    @property
    def length_s(self) -> int:
        """The length of the day: 86,400 seconds, or an hour more or less."""
        return int(day_length(self.day).total_seconds())

    @property
    def interval(self) -> Interval:
        """The whole day."""
        return Interval(self.start, self.start + timedelta(seconds=self.length_s))

    def elapsed(self, instant: datetime) -> float:
        """Seconds since midnight, clipped to the day."""
        return min(max((instant - self.start).total_seconds(), 0.0), float(self.length_s))

    def instant(self, elapsed_s: float) -> datetime:
        """Return the instant so many seconds after midnight, in UTC."""
        return self.start + timedelta(seconds=elapsed_s)

    def hours(self) -> list[HourMark]:
        """Return every hour of the day with its label, in order."""
        marks = []
        for at_s in range(0, self.length_s, HOUR_S):
            local = self.instant(at_s).astimezone(OFFICE_ZONE)
            marks.append(HourMark(at_s, f"{local.hour:02d}{'a' if local.fold else ''}"))
        return marks

    @property
    def clock_change_s(self) -> int | None:
        """The elapsed second at which the clocks change; nothing on ordinary days."""
        if self.length_s == 24 * HOUR_S:
            return None
        labels = self.hours()
        for before, after in pairwise(labels):
            if int(after.label[:2]) != int(before.label[:2]) + 1:
                return after.at_s
        return None
