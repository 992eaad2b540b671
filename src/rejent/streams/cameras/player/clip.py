"""A clip: the fragments that are needed to show some seconds of a day, in the day's own media time.

Pictures go out as they were recorded. Of each fragment only the eight bytes of its decoding time are replaced, so that
a clip costs reading and opening the 64 KiB chunks it lies in, and little else. Where the camera's clock runs so wrong
that fragments would overlap or part visibly, their tables are told anew in stretched time.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from rejent.content.opening import OpenObject
from rejent.formats.fragment import FragmentPlace
from rejent.formats.mp4.boxes import DECODE_TIME_OFFSET, TIMESCALE, Run, fragment_head
from rejent.formats.mp4.errors import MovieError
from rejent.formats.mp4.parameters import describe
from rejent.formats.mp4.reader import FragmentHead, parameters_of, parse_fragment_head
from rejent.streams.cameras.player.daytime import Placement, PlayableSegment, day_ticks
from rejent.streams.cameras.player.errors import ClipRefusedError, NothingToShowError
from rejent.streams.cameras.player.opened import Opened, opened

LONGEST = 120.0
"""Seconds that can be asked for at once."""
_MOST_BYTES = 512 * 1024 * 1024
_TIME_BOX = slice(DECODE_TIME_OFFSET - 8, DECODE_TIME_OFFSET - 4)
_STRETCH = 0.005
"""Deviation of a camera's clock above which tables are told anew: 5 ms in a fragment of a second."""
_FAR_BACK = 10 * 60 * TIMESCALE
"""Ticks that are searched backwards for a key picture."""


@dataclass(slots=True)
class ClipPart:
    """Consecutive fragments that one initialisation serves.

    Attributes:
        codec: as browsers are asked for it.
        start: seconds of the day at which the first fragment begins; before what was asked for, at a key picture.
        keys: seconds of the day of the key pictures that begin a fragment.
        complete: whether it begins with a key picture, so that all of it can be shown.
        earliest: seconds of the day of the first picture in it; negative where that lies before midnight.
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
    """Fragments of one segment that are needed."""

    content: Opened
    places: tuple[FragmentPlace, ...]
    placement: Placement


def clip(
    segments: Sequence[PlayableSegment], day: date, start: float, end: float, open_object: OpenObject
) -> Clip:
    """Return the fragments that are needed to show ``[start, end)``, in seconds of the day.

    ``segments``, in any order, overlap the interval or lie right before it: a segment may continue a group of pictures
    of the one before.

    Raises:
        ClipRefusedError: the interval is empty or longer than `LONGEST`.
        NothingToShowError: nothing was recorded in it.
        MovieError: a segment is not what it was.
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
    """Return a fragment whose samples last longer or shorter."""
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
