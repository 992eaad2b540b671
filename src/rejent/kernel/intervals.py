"""Half-open intervals of time, ``[start, end)``, in UTC."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """The instants from ``start`` up to, and without, ``end``; never empty."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("an interval needs instants with an offset")
        if self.end <= self.start:
            raise ValueError("an interval ends after it starts")

    @property
    def length(self) -> timedelta:
        """Its duration."""
        return self.end - self.start

    def overlaps(self, other: "Interval") -> bool:
        """Return True if the two share an instant."""
        return self.start < other.end and other.start < self.end

    def intersection(self, other: "Interval") -> "Interval | None":
        """Return the interval that both cover, or None."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Interval(start, end) if start < end else None


def merged(intervals: Iterable[Interval], slack: timedelta = timedelta()) -> list[Interval]:
    """Return the same cover with the fewest intervals, in order; gaps up to ``slack`` are closed."""
    result: list[Interval] = []
    for interval in sorted(intervals):
        if result and interval.start <= result[-1].end + slack:
            result[-1] = Interval(result[-1].start, max(result[-1].end, interval.end))
        else:
            result.append(interval)
    return result


def uncovered(whole: Interval, covers: Iterable[Interval]) -> list[Interval]:
    """Return the parts of ``whole`` that no cover reaches, in order."""
    result: list[Interval] = []
    position = whole.start
    for cover in merged(covers):
        if cover.end <= position:
            continue
        if cover.start >= whole.end:
            break
        if cover.start > position:
            result.append(Interval(position, cover.start))
        position = max(position, cover.end)
    if position < whole.end:
        result.append(Interval(position, whole.end))
    return result
