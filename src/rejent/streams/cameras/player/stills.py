"""A still of the key picture at or before a moment, for the timeline and for search results; in memory only."""

from collections.abc import Sequence
from datetime import date

from rejent.content.opening import OpenObject
from rejent.formats.mp4.boxes import TIMESCALE
from rejent.formats.mp4.cutting import cut
from rejent.formats.mp4.reader import configuration_of, initialisation_of
from rejent.streams.cameras.player.daytime import Placement, PlayableSegment, day_ticks
from rejent.streams.cameras.player.errors import NothingToShowError
from rejent.streams.cameras.player.opened import opened
from rejent.streams.cameras.player.workshop import PictureWorkshop


def still(
    segments: Sequence[PlayableSegment],
    day: date,
    at: float,
    open_object: OpenObject,
    workshop: PictureWorkshop,
    *,
    width: int = 320,
) -> bytes:
    """Return the key picture at or before ``at``, in seconds of the day, as JPEG within ``width`` × 9/16 of it.

    NothingToShowError: there is none. PictureError: not decoded, or not in time. MovieError: a segment is not what it
    was.
    """
    tick = round(at * TIMESCALE)
    for segment in sorted(segments, key=lambda segment: segment.start, reverse=True):
        if not day_ticks(segment.start, day) <= tick < day_ticks(segment.end, day):
            continue
        content = opened(segment, open_object)
        wanted = Placement.of(segment, content.index, day).in_segment(tick)
        wanted = min(max(wanted, 0), content.index.end - 1)
        found = cut(content.source, content.index, wanted, wanted + 1)
        first = found.ranges[0]
        if found.key:
            sample = content.source.read(first.offset, first.run.sizes[0])
            codec, record = configuration_of(initialisation_of(content.source))
            return workshop.still(codec, record, sample, width, width * 9 // 16)
    raise NothingToShowError("No picture of that moment can be shown by itself.")
