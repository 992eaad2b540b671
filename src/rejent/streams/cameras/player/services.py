"""Clips and stills of booked segments, for pages and the interface; who may see them is decided above."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rejent.catalog import queries as catalog
from rejent.catalog.views import SegmentView
from rejent.content.opening import OpenObject
from rejent.formats.mp4.parameters import describe
from rejent.formats.mp4.reader import initialisation_of, parameters_of
from rejent.formats.source import BytesSource
from rejent.kernel.clock import civil_date
from rejent.streams.cameras.player.clip import clip as day_clip
from rejent.streams.cameras.player.clip import elapsed, instant_at
from rejent.streams.cameras.player.clip import still as day_still
from rejent.streams.cameras.player.errors import ClipRefusedError
from rejent.streams.cameras.player.workshop import workshop

_FAR_BACK = timedelta(minutes=10)
"""Time over which a group of pictures is followed back to its key picture."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Fragments of one form, from the key picture at ``earliest`` up to ``latest``; media time is seconds elapsed since local midnight."""

    codec: str
    initialisation: bytes
    fragments: bytes
    keys: tuple[datetime, ...]
    earliest: datetime
    latest: datetime


def clip(
    segments: Sequence[SegmentView],
    start: datetime,
    end: datetime,
    open_object: OpenObject,
    *,
    lead: Callable[[SegmentView], bool],
    h264: bool = False,
) -> Piece:
    """Return the fragments that are needed to show ``[start, end)``, counted from the midnight before ``start``.

    ``segments`` are consecutive ones of one source and form. Where ``lead`` lets no earlier segment be handed out for decoding, the clip
    begins with its next key picture. Raises ClipRefusedError, also where the form of the pictures changes; NothingToShowError;
    MovieError; PictureError: it cannot be converted to ``h264``, or not in time.
    """
    day = civil_date(start)
    first, past = elapsed(start, day), elapsed(end, day)
    parts = day_clip(segments, day, first, past, open_object).parts
    if not parts[0].complete:
        parts = day_clip([*filter(lead, _before(segments)), *segments], day, first, past, open_object).parts
    if len(parts) > 1:
        raise ClipRefusedError(
            "The form of the pictures changes within the clip.", advice="Ask for each segment by itself."
        )
    part = parts[0]
    keys = tuple(instant_at(key, day) for key in part.keys)
    span = instant_at(part.earliest, day), instant_at(part.end, day)
    content = b"".join(part.buffers)
    if h264 and not part.codec.startswith("avc1"):
        head, converted = _separated(workshop().converted(part.initialisation, content))
        return Piece(describe(parameters_of(head)).codec_string, head, converted, keys, *span)
    return Piece(part.codec, part.initialisation, content, keys, *span)


def still(segment: SegmentView, at: datetime, width: int, open_object: OpenObject) -> tuple[bytes, datetime]:
    """Return the key picture at or before an instant as JPEG, ``width`` pixels wide at most, and its own; errors as `day_still`."""
    day = civil_date(at)
    picture, own = day_still([segment], day, elapsed(at, day), open_object, workshop(), width=width)
    return picture, instant_at(own, day)


def _before(segments: Sequence[SegmentView]) -> list[SegmentView]:
    first = min(segments, key=lambda segment: segment.start)
    known = {segment.id for segment in segments}
    found = catalog.segments(first.source_id, first.start - _FAR_BACK, first.start)
    return [segment for segment in found if segment.id not in known]


def _separated(content: bytes) -> tuple[bytes, bytes]:
    head = initialisation_of(BytesSource(content))
    return head, content[len(head) :]
