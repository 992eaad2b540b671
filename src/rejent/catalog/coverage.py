"""Recorded and missing time of a source: intervals put against each other, without rows.

From a source's first start on, every instant lies in a segment or in a gap, and in one of them only. Segments come
late (a spool is booked after an outage, a torn segment is recovered) and push gaps back; a sweep finds what nothing
covers and makes it a gap.

Sources of items are not recorded while there is none: of their time only that is missing in which nobody listened. Their recorder
enters it as a gap whenever it can speak; a sweep enters what lies behind its last word.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from rejent.kernel.intervals import Interval, merged, uncovered

SEAM = timedelta(milliseconds=500)
"""The longest hole that is a seam and no gap: two pictures of the slowest camera in use.

Seams are counted with the segments beside them.
"""

CLOCK_SLACK = timedelta(seconds=15)
"""By how much what a recorder said a moment ago may seem to be ahead.

What is farther ahead was said under another clock, and nobody knows when.
"""

SETTLING = timedelta(minutes=2)
"""Time that a recorder may take to seal and book a segment before its time counts as uncovered."""

LONGEST = timedelta(minutes=10)
"""No segment is longer; bounds the search for those that reach into an interval."""

RECORDER_STOPPED = "recorder-stopped"
PROGRAM_OFF = "program-off"
UNKNOWN = "unknown"
SWITCHED_OFF = "switched-off"
SWEPT = frozenset({RECORDER_STOPPED, PROGRAM_OFF, UNKNOWN})
"""Causes that a sweep concludes from silence; a live segment disproves them."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A stretch without a recording, open while ``end`` is empty."""

    start: datetime
    end: datetime | None
    cause: str

    def reaches(self, segment: Interval) -> bool:
        """Return whether the segment covers a part of it."""
        return self.start < segment.end and (self.end is None or segment.start < self.end)


def pushed_back(gap: Missing, segment: Interval, *, recovered: bool) -> list[Missing]:
    """Return what remains of a gap once a segment covers a part of it; pieces no longer than a seam vanish.

    A live segment that begins within an open gap ends it: the source records again. One that reaches into the gap from
    before moves it, unless a sweep had only concluded the gap from silence: then the recorder lives and the gap was none.
    A recovered segment says nothing of what came after it, so that the rest stays as it was.
    """
    if not gap.reaches(segment):
        return [gap]
    pieces = [replace(gap, end=segment.start)] if segment.start - gap.start > SEAM else []
    if gap.end is not None:
        if gap.end - segment.end > SEAM:
            pieces.append(replace(gap, start=segment.end))
        return pieces
    still_down = segment.start < gap.start and gap.cause not in SWEPT
    if recovered or still_down:
        pieces.append(replace(gap, start=segment.end))
    return pieces


def ended(gap: Missing, segment: Interval, *, recovered: bool) -> list[Missing]:
    """Return what remains of a gap of a source of items once an item is booked.

    All of it, unless the gap was concluded from silence: a live item that begins within an open one ends it, and one that its killed
    recorder left shows that this one still listened until the item's end.
    """
    within = gap.end is None or (recovered and segment.end < gap.end)
    if gap.cause not in SWEPT or not within or not gap.reaches(segment):
        return [gap]
    return pushed_back(gap, segment, recovered=recovered)


def holes(whole: Interval, covers: Iterable[Interval]) -> list[Interval]:
    """Return the parts of ``whole`` that no cover reaches and that are longer than a seam, in order."""
    return [hole for hole in uncovered(whole, covers) if hole.length > SEAM]


def beside(segment: Interval, covers: Sequence[Interval], first: datetime | None = None) -> list[Interval]:
    """Return the seams directly before and behind a segment, among the others of its source and its gaps, from its ``first`` sign on."""
    begin = segment.start if first is None else min(first, segment.start)
    before = max((cover.end for cover in covers if cover.start < segment.start), default=begin)
    behind = min((cover.start for cover in covers if cover.end > segment.end), default=segment.end)
    sides = (before, segment.start), (segment.end, behind)
    return [Interval(start, end) for start, end in sides if timedelta() < end - start <= SEAM]


def milliseconds(intervals: Iterable[Interval]) -> int:
    """Return the sum of the lengths, in milliseconds."""
    return round(seconds(intervals) * 1000)


def recorder_of(run: str) -> str:
    """Return what the runs of one recorder have in common, which it numbers behind a dot."""
    return run.partition(".")[0]


def unheard(whole: Interval, heard: datetime | None) -> list[Interval]:
    """Return the part of the time of a source of items in which nobody listened: behind its recorder's last word, once that is long ago."""
    silence = within(whole, heard, None) if heard is not None else whole
    return [silence] if silence is not None and silence.length > SETTLING else []


def within(whole: Interval, start: datetime, end: datetime | None) -> Interval | None:
    """Return the part of ``[start, end)`` inside ``whole``; an open end reaches as far as ``whole`` does."""
    low, high = max(start, whole.start), whole.end if end is None else min(end, whole.end)
    return Interval(low, high) if low < high else None


def seconds(intervals: Iterable[Interval]) -> float:
    """Return the sum of the lengths, in seconds."""
    return sum((interval.length for interval in intervals), timedelta()).total_seconds()


class FaultKind(StrEnum):
    """Ways in which a stretch can fail to be accounted for."""

    UNCOVERED = "uncovered"
    """Neither a segment nor a gap."""
    TWICE_MISSING = "gap-overlaps"
    """A gap over a segment or over another gap."""
    TWICE_RECORDED = "segments-overlap"
    """One recorder recorded an instant twice; two recorders at once are no fault."""
    OUT_OF_ORDER = "segments-out-of-order"
    """A recorder booked a segment behind one that begins later."""


def faults(
    whole: Interval,
    gaps: Sequence[Interval],
    segments: Sequence[Interval],
    recorders: Mapping[str, Sequence[Interval]],
) -> Iterator[tuple[FaultKind, Interval]]:
    """Yield what is wrong with a source's time within ``whole``; ``recorders`` are the segments of each, in the order of booking."""
    for hole in holes(whole, [*segments, *gaps]):
        yield FaultKind.UNCOVERED, hole
    for part in [*doubled(gaps), *doubled([*merged(segments), *merged(gaps)])]:
        yield FaultKind.TWICE_MISSING, part
    for own in recorders.values():
        for part in doubled(own):
            yield FaultKind.TWICE_RECORDED, part
        for earlier, later in pairwise(own):
            if later.start < earlier.start:
                yield FaultKind.OUT_OF_ORDER, later


def doubled(intervals: Iterable[Interval]) -> Iterator[Interval]:
    """Yield the parts of intervals that lie within an earlier one."""
    reached: datetime | None = None
    for interval in sorted(intervals):
        if reached is not None and interval.start < reached:
            yield Interval(interval.start, min(reached, interval.end))
        reached = interval.end if reached is None else max(reached, interval.end)
