"""A still of the key picture at or before a moment, for the timeline and for search results; in memory only."""

from collections.abc import Sequence
from datetime import date
from enum import Enum

from rejent.capture.video.mp4.boxes import TIMESCALE
from rejent.capture.video.mp4.cutting import cut
from rejent.capture.video.mp4.reader import configuration_of, initialisation_of
from rejent.playback.daytime import Placement, PlayableSegment, day_ticks
from rejent.playback.errors import NothingToShowError
from rejent.playback.opened import OpenObject, opened
from rejent.playback.workshop import Workshop


class StillSize(Enum):
    """How large a still may be; the picture keeps its shape within."""

    SMALL = (320, 180)
    LARGE = (640, 360)


def still(
    segments: Sequence[PlayableSegment],
    day: date,
    at: float,
    open_object: OpenObject,
    workshop: Workshop,
    *,
    size: StillSize = StillSize.SMALL,
) -> bytes:
    """The key picture at or before ``at``, in seconds of the day, as JPEG.

    Raises:
        NothingToShowError: nothing was recorded then, or the segment has no key picture before it.
        PictureError: the picture cannot be decoded, or not in time.
        MovieError: the segment is not what it was.
    """
    tick = round(at * TIMESCALE)
    for segment in sorted(segments, key=lambda segment: segment.start, reverse=True):
        if not day_ticks(segment.start, day) <= tick < day_ticks(segment.end, day):
            continue
        with opened(segment, open_object) as content:
            wanted = Placement.of(segment, content.index, day).in_segment(tick)
            wanted = min(max(wanted, 0), content.index.end - 1)
            found = cut(content.source, content.index, wanted, wanted + 1)
            first = found.stretches[0]
            if found.key:
                sample = content.source.read(first.offset, first.run.sizes[0])
                codec, record = configuration_of(initialisation_of(content.source))
                return workshop.still(codec, record, sample, *size.value)
    raise NothingToShowError("No picture of that moment can be shown by itself.")
