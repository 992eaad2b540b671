"""Clips and stills: what is needed to show some seconds of a day, in the day's own media time.

Pictures go out as they were recorded. Of each fragment only the eight bytes of its decoding time are replaced, so that a clip costs
reading and opening the 64 KiB chunks it lies in, and little else. Where the camera's clock runs so wrong that fragments would
overlap or part visibly, their tables are rewritten in stretched time.

The axis of a day counts seconds that elapsed since local midnight, so that the night with 25 hours and the one with 23 need no rule
of their own; players get it in ticks of 1/90000 s as media time. A segment's ticks come from the camera's clock, its start and end
from the receiver's: the one is stretched evenly onto the other.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Protocol

from rejent.content.opening import OpenObject
from rejent.formats.errors import MovieError
from rejent.formats.fragment_index import FragmentIndex, FragmentPlace
from rejent.formats.mp4.boxes import DECODE_TIME_OFFSET, TIMESCALE, Run, fragment_head
from rejent.formats.mp4.cutting import cut
from rejent.formats.mp4.parameters import describe
from rejent.formats.mp4.reader import (
    FragmentHead,
    RecoveredSource,
    configuration_of,
    initialisation_of,
    parameters_of,
    parse_fragment_head,
    recover,
)
from rejent.formats.source import Source
from rejent.kernel.clock import local_midnight
from rejent.streams.cameras.player.errors import ClipRefusedError, NothingToShowError
from rejent.streams.cameras.player.workshop import PictureWorkshop

_MICROSECOND = timedelta(microseconds=1)


class PlayableSegment(Protocol):
    """A booked segment, as far as playing needs it."""

    @property
    def start(self) -> datetime:
        """The instant of its first picture, in UTC."""

    @property
    def end(self) -> datetime:
        """The instant at which its last picture ends."""

    @property
    def index(self) -> bytes:
        """The blob of `FragmentIndex`; empty where the recorder did not come to make one."""


def elapsed(instant: datetime, day: date) -> float:
    """Seconds from the beginning of a civil date to an instant; negative before it."""
    return (instant - local_midnight(day)).total_seconds()


def instant_at(seconds: float, day: date) -> datetime:
    """Return the instant, in UTC, at which so many seconds of a civil date have elapsed."""
    return (local_midnight(day) + timedelta(seconds=seconds)).astimezone(UTC)


def day_ticks(instant: datetime, day: date) -> int:
    """Ticks from the beginning of a civil date to an instant."""
    return (instant - local_midnight(day)) // _MICROSECOND * TIMESCALE // 1_000_000


@dataclass(frozen=True, slots=True)
class Placement:
    """Position of a segment's ticks on the axis of a day: ``base`` is its first tick, negative for the day before."""

    base: int
    scale: float

    @classmethod
    def of(cls, segment: PlayableSegment, index: FragmentIndex, day: date) -> "Placement":
        """Return the placement of a segment with its index."""
        base = day_ticks(segment.start, day)
        length = day_ticks(segment.end, day) - base
        return cls(base, length / index.end if index.end > 0 and length > 0 else 1.0)

    def on_day(self, tick: int) -> int:
        """Return the tick of the day for a tick of the segment."""
        return self.base + round(tick * self.scale)

    def in_segment(self, tick: int) -> int:
        """Return the tick of the segment for a tick of the day."""
        return round((tick - self.base) / self.scale)


@dataclass(frozen=True, slots=True)
class Opened:
    """A segment that can be read: its content and its index."""

    segment: PlayableSegment
    source: Source
    index: FragmentIndex


def opened(segment: PlayableSegment, open_object: OpenObject) -> Opened:
    """Return a segment's content with its row's index, or one made from its content; ContentError where neither is usable."""
    source = open_object(segment)
    if segment.index:
        return Opened(segment, source, FragmentIndex.decode(segment.index))
    found = recover(source)
    return Opened(segment, RecoveredSource(source, found), found.index)


LONGEST = 120.0
"""Seconds that can be asked for at once."""
_MOST_BYTES = 512 * 1024 * 1024
_TIME_BOX = slice(DECODE_TIME_OFFSET - 8, DECODE_TIME_OFFSET - 4)
_STRETCH = 0.005
"""Deviation of a camera's clock above which tables are rewritten: 5 ms in a fragment of a second."""
_FAR_BACK = 10 * 60 * TIMESCALE
"""Ticks that are searched backwards for a key picture."""


@dataclass(slots=True)
class ClipPart:
    """Consecutive fragments that one initialisation serves; all times are seconds of the day.

    ``start`` and ``earliest`` (negative before midnight) may lie before what was asked for; ``complete``: it begins with a key picture.
    """

    codec: str
    initialisation: bytes
    start: float
    end: float
    complete: bool = True
    earliest: float = 0.0
    keys: list[float] = field(default_factory=list)
    buffers: list[bytes | memoryview] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Clip:
    """Parts that show some seconds of a day: a further one at each change of the pictures' form."""

    parts: tuple[ClipPart, ...]

    @property
    def length(self) -> int:
        """Bytes of all parts."""
        return sum(len(part.initialisation) + sum(map(len, part.buffers)) for part in self.parts)

    def body(self) -> bytes:
        """Everything in order, each part behind its initialisation, as a source buffer takes it."""
        return b"".join(piece for part in self.parts for piece in (part.initialisation, *part.buffers))


@dataclass(frozen=True, slots=True)
class _Take:
    content: Opened
    places: tuple[FragmentPlace, ...]
    placement: Placement


def clip(
    segments: Sequence[PlayableSegment], day: date, start: float, end: float, open_object: OpenObject
) -> Clip:
    """Return the fragments that are needed to show ``[start, end)``, in seconds of the day.

    ``segments``, in any order, overlap the interval or lie right before it: one may continue a group of pictures of the one before.
    Raises ClipRefusedError: empty or longer than `LONGEST`; NothingToShowError; MovieError: a segment is not what it was.
    """
    if not 0 < end - start <= LONGEST:
        raise ClipRefusedError(
            "A clip has between 0 and {longest} seconds.",
            longest=int(LONGEST),
            advice="Ask for less at once.",
        )
    first, past = round(start * TIMESCALE), round(end * TIMESCALE)
    takes = _takes(sorted(segments, key=lambda segment: segment.start), day, (first, past), open_object)
    if not takes:
        raise NothingToShowError("Nothing was recorded in the time that was asked for.")
    if sum(place.length for take in takes for place in take.places) > _MOST_BYTES:
        raise ClipRefusedError("The clip is too large.", advice="Ask for fewer seconds at once.")
    return _assembled(takes)


def _takes(
    segments: list[PlayableSegment], day: date, wanted: tuple[int, int], open_object: OpenObject
) -> list[_Take]:
    """Return what is needed of each segment, in order; the first begins with a key picture wherever there is one."""
    first, past = wanted
    takes: list[_Take] = []
    for number, segment in enumerate(segments):
        if day_ticks(segment.end, day) <= first or day_ticks(segment.start, day) >= past:
            continue
        take = _take(opened(segment, open_object), day, first, past)
        if not take.places:
            continue
        if not takes and not take.places[0].key:
            takes += _lead(segments[:number], day, take, open_object)
        takes.append(take)
    return takes


def _take(content: Opened, day: date, first: int, past: int) -> _Take:
    placement = Placement.of(content.segment, content.index, day)
    places = content.index.locate(placement.in_segment(first), placement.in_segment(past))
    return _Take(content, places, placement)


def _lead(earlier: list[PlayableSegment], day: date, take: _Take, open_object: OpenObject) -> list[_Take]:
    """Return what must be decoded first because a segment continues the group of pictures of the one before."""
    lead: list[_Take] = []
    begins = take.placement.base
    for segment in reversed(earlier):
        ended = day_ticks(segment.end, day)
        if begins - ended > TIMESCALE or take.placement.base - ended > _FAR_BACK:
            break
        found = _take(opened(segment, open_object), day, ended, ended + TIMESCALE)
        if not found.places:
            break
        lead.insert(0, found)
        if found.places[0].key:
            return lead
        begins = found.placement.base
    return []


def _assembled(takes: list[_Take]) -> Clip:
    parts: list[ClipPart] = []
    floor = 0
    for take in takes:
        source, places = take.content.source, take.places
        initialisation = source.read(0, take.content.index.head_length)
        begun = take.placement.on_day(places[0].time)
        ended = take.placement.on_day(places[-1].time + places[-1].duration)
        if not parts or parts[-1].initialisation != initialisation:
            codec = describe(parameters_of(initialisation)).codec_string
            first = begun / TIMESCALE
            parts.append(ClipPart(codec, initialisation, max(first, 0.0), 0.0, places[0].key, first))
        part = parts[-1]
        part.end = max(ended, 0) / TIMESCALE
        content = memoryview(bytearray(sum(place.length for place in places)))
        source.read_into(content, places[0].offset)
        origin = places[0].offset
        for place in places:
            fragment = content[place.offset - origin : place.offset - origin + place.length]
            if bytes(fragment[_TIME_BOX]) != b"tfdt":
                raise MovieError(
                    "A recording does not lie where its index says.", advice="Run the check (fsck)."
                )
            time = take.placement.on_day(place.time)
            if time < 0:
                part.buffers += _before_midnight(fragment, floor)
                floor += place.units
                continue
            time = max(time, floor)
            if place.key:
                part.keys.append(time / TIMESCALE)
            if abs(take.placement.scale - 1) > _STRETCH:
                part.buffers += _stretched(fragment, time, take.placement.scale)
            else:
                struct.pack_into(">Q", fragment, DECODE_TIME_OFFSET, time)
                part.buffers.append(fragment)
    return Clip(tuple(parts))


def _stretched(fragment: memoryview, time: int, scale: float) -> tuple[bytes, memoryview]:
    head = parse_fragment_head(fragment)
    edges = [time + round((edge - head.time) * scale) for edge in head.decode_times()]
    durations = [max(b - a, 1) for a, b in pairwise(edges)]
    compositions = [round(offset * scale) for offset in head.run.compositions]
    return _with_tables(head, time, durations, compositions), fragment[head.length :]


def _before_midnight(fragment: memoryview, time: int) -> tuple[bytes, memoryview]:
    """Return a fragment of the day before with a tick for each picture: decoders need it, and media time cannot be negative."""
    head = parse_fragment_head(fragment)
    return _with_tables(head, time, [1] * len(head.run.sizes), []), fragment[head.length :]


def _with_tables(head: FragmentHead, time: int, durations: list[int], compositions: list[int]) -> bytes:
    return fragment_head(head.sequence, time, Run(durations, head.run.sizes, head.run.keys, compositions))


def still(
    segments: Sequence[PlayableSegment],
    day: date,
    at: float,
    open_object: OpenObject,
    workshop: PictureWorkshop,
    *,
    width: int = 320,
) -> tuple[bytes, float]:
    """Return the key picture at or before ``at``, in seconds of the day, as JPEG within ``width`` × 9/16 of it, and its own time.

    Raises NothingToShowError; PictureError: not decoded, or not in time; MovieError: a segment is not what it was.
    """
    tick = round(at * TIMESCALE)
    for segment in sorted(segments, key=lambda segment: segment.start, reverse=True):
        if not day_ticks(segment.start, day) <= tick < day_ticks(segment.end, day):
            continue
        content = opened(segment, open_object)
        placement = Placement.of(segment, content.index, day)
        wanted = placement.in_segment(tick)
        wanted = min(max(wanted, 0), content.index.end - 1)
        found = cut(content.source, content.index, wanted, wanted + 1)
        first = found.ranges[0]
        if found.key:
            sample = content.source.read(first.offset, first.run.sizes[0])
            codec, record = configuration_of(initialisation_of(content.source))
            picture = workshop.still(codec, record, sample, width, width * 9 // 16)
            return picture, placement.on_day(found.origin) / TIMESCALE
    raise NothingToShowError("No picture of that moment can be shown by itself.")
