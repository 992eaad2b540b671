"""Object format of e-mail: cutting and recovery at whole messages, which stay sealed to the two roles."""

from collections.abc import Sequence
from functools import partial

from rejent.catalog.views import SegmentView
from rejent.formats.errors import ContentError
from rejent.formats.fragment_index import FragmentIndex, FragmentPlace
from rejent.kernel.intervals import Interval, merged
from rejent.retention.stream_parts import ObjectFormat, Part, Whole
from rejent.streams.mail.messages.framing import LASTS, MessageFrame, index, instant, tick_of, whole_frames
from rejent.vault.age import SealedReader, SealWriter


def _parts_of(reader: SealedReader, segment: SegmentView, held: Sequence[Interval]) -> list[Part]:
    """Return the held messages, a part for each held interval; none where one of those is without a message, or holds all."""
    frames, places = _messages(reader.read(), segment)
    spans = [
        Interval(instant(segment.start, place.time), instant(segment.start, place.time + place.duration))
        for place in places
    ]
    parts = []
    for span in merged([*held, *(each for each in spans if any(each.overlaps(kept) for kept in held))]):
        kept = [number for number, each in enumerate(spans) if each.overlaps(span)]
        ticks = tick_of(segment.start, span.start), tick_of(segment.start, span.end)
        shift = tick_of(segment.start, span.start)
        cut = [(frames[number], _moved(places[number], shift)) for number in kept]
        parts.append(Part(ticks, span, len(kept), partial(_written, cut)))
    return parts if all(0 < part.units < len(frames) for part in parts) else []


def _messages(content: bytes, segment: SegmentView) -> tuple[list[bytes], list[FragmentPlace]]:
    """Return the frames of an object, and the places of their fragments."""
    frames = whole_frames(content)
    if sum(map(len, frames)) != len(content):
        raise ContentError("The archive holds what is no message.")
    places = list(FragmentIndex.decode(segment.index).places) if segment.index else _places(frames, segment)
    if len(places) != len(frames):
        raise ContentError("The archive holds other messages than its index says.")
    return frames, places


def _places(frames: Sequence[bytes], segment: SegmentView) -> list[FragmentPlace]:
    """Return places of frames whose index is gone, at the times that their facts state."""
    found, after, offset = [], 0, 0
    for frame in frames:
        tick = max(tick_of(segment.start, MessageFrame.decoded(frame).facts.counts_from), after)
        found.append(FragmentPlace(tick, LASTS, 1, key=True, offset=offset, length=len(frame)))
        after, offset = tick + LASTS, offset + len(frame)
    return found


def _moved(place: FragmentPlace, ticks: int) -> FragmentPlace:
    return FragmentPlace(
        max(place.time - ticks, 0), place.duration, 1, key=True, offset=0, length=place.length
    )


def _written(cut: Sequence[tuple[bytes, FragmentPlace]], seal: SealWriter) -> FragmentIndex:
    for frame, _ in cut:
        seal.write(frame)
    return index([frame for frame, _ in cut], [place for _, place in cut])


def _mended(segment: SegmentView, sound: bytes) -> Whole:
    frames = whole_frames(sound)
    if not frames:
        raise ContentError("The archive holds no whole message.")
    found = FragmentIndex(tuple(_places(frames, segment)))
    kept = b"".join(frames)
    return Whole(
        iter([kept]), instant(segment.start, found.end), found, len(frames), len(sound) - len(kept), {}
    )


FORMAT = ObjectFormat(parts_of=_parts_of, mended=_mended)
