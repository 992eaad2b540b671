"""What a player must know of a day before it asks for pictures."""

from collections.abc import Iterable
from datetime import date
from typing import TypedDict

from rejent.capture.video.mp4.boxes import TIMESCALE
from rejent.capture.video.mp4.index import FragmentIndex
from rejent.playback.daytime import Placement, PlayableSegment, day_length, day_ticks, elapsed


class SegmentEntry(TypedDict):
    """A segment on the axis of its day; times in seconds elapsed since local midnight."""

    id: str
    start: float
    end: float
    codec: str
    recovered: bool


class DayIndex(TypedDict):
    """The segments of one source and day."""

    day: str
    length: float
    segments: list[SegmentEntry]


class FragmentEntry(TypedDict):
    """A fragment on the axis of its day."""

    segment: str
    start: float
    duration: float
    pictures: int
    key: bool


def day_index(segments: Iterable[PlayableSegment], day: date) -> DayIndex:
    """The segments of a day in order of time, ready for JSON; ends are clipped to the day."""
    length = day_length(day)
    entries = [
        SegmentEntry(
            id=str(segment.id),
            start=max(elapsed(segment.start, day), 0.0),
            end=min(elapsed(segment.end, day), length),
            codec=segment.codec,
            recovered=segment.recovered,
        )
        for segment in sorted(segments, key=lambda segment: segment.start)
    ]
    return DayIndex(day=day.isoformat(), length=length, segments=entries)


def fragment_index(
    segments: Iterable[PlayableSegment], day: date, start: float, end: float
) -> list[FragmentEntry]:
    """The fragments that touch ``[start, end)``, in seconds of the day; segments without an index have none.

    Those with ``key`` begin with a picture that can be shown by itself: where stepping backwards stops.
    """
    entries: list[FragmentEntry] = []
    first, past = round(start * TIMESCALE), round(end * TIMESCALE)
    for segment in sorted(segments, key=lambda segment: segment.start):
        if not segment.index or day_ticks(segment.end, day) <= first or day_ticks(segment.start, day) >= past:
            continue
        index = FragmentIndex.decode(segment.index)
        placement = Placement.of(segment, index, day)
        for place in index.places:
            begun, ended = placement.on_day(place.time), placement.on_day(place.time + place.duration)
            if ended > first and begun < past:
                entries.append(
                    FragmentEntry(
                        segment=str(segment.id),
                        start=begun / TIMESCALE,
                        duration=(ended - begun) / TIMESCALE,
                        pictures=place.units,
                        key=place.key,
                    )
                )
    return entries
