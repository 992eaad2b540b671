"""Object format of cameras: cutting at whole pictures, recovery up to the last whole one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from rejent.catalog.views import SegmentView
from rejent.formats.errors import MovieError, ParameterSetError
from rejent.formats.fragment_index import FragmentIndex, FragmentPlace
from rejent.formats.mp4.boxes import TIMESCALE
from rejent.formats.mp4.cutting import Cut, cut, flat, joined
from rejent.formats.mp4.parameters import describe
from rejent.formats.mp4.reader import (
    RecoveredSource,
    initialisation_of,
    parameters_of,
    parse_fragment_head,
    recover,
    scan,
    whole_fragment_at,
)
from rejent.formats.source import BytesSource, Source
from rejent.kernel.intervals import Interval
from rejent.retention.stream_parts import ObjectFormat, Part, Whole
from rejent.vault.age import SealedReader, SealWriter

_PAST_ALL = 1 << 40
"""A tick after any segment's end."""


def _parts_of(reader: SealedReader, segment: SegmentView, held: Sequence[Interval]) -> list[Part]:
    if list(held) == [segment.interval]:
        return []
    index = FragmentIndex.decode(segment.index) if segment.index else scan(reader)
    ticks = _Ticks(segment.interval, index.end)
    wanted: list[tuple[int, int]] = []
    for part in held:
        first, past = ticks.shown_at(part.start), ticks.reached_by(part.end)
        found = cut(reader, index, first, past)
        if wanted and found.origin <= wanted[-1][1]:
            first = wanted.pop()[0]
            found = cut(reader, index, first, past)
        wanted.append((first, found.end))
    parts = [cut(reader, index, first, past) for first, past in wanted]
    if any(part.pictures == index.units for part in parts):
        return []
    return [
        Part(
            (part.origin, part.end),
            ticks.interval(part.origin, part.end),
            part.pictures,
            partial(_written, part),
        )
        for part in parts
    ]


def part_shown(reader: SealedReader, segment: SegmentView, wanted: Interval) -> Part | None:
    """Return the part of a segment that a copy holds: from the key picture before, shown exactly as wanted; None of the whole.

    Raises MovieError: there is no picture then, or it is no MP4.
    """
    if wanted == segment.interval:
        return None
    index = FragmentIndex.decode(segment.index) if segment.index else scan(reader)
    ticks = _Ticks(segment.interval, index.end)
    first, past = ticks.shown_at(wanted.start), ticks.reached_by(wanted.end)
    found = cut(reader, index, first, past)
    shown = (first - found.origin, min(past, found.end) - found.origin)
    return Part(
        (found.origin, found.end),
        ticks.interval(found.origin, found.end),
        found.pictures,
        partial(_written_shown, found, shown),
    )


def _written_shown(part: Cut, shown: tuple[int, int], seal: SealWriter) -> FragmentIndex:
    places = []
    for number, piece in enumerate(flat(part, shown)):
        if number:
            places.append(parse_fragment_head(piece).place(seal.content_size))
        seal.write(piece)
    return FragmentIndex(tuple(places))


@dataclass(frozen=True, slots=True)
class _Ticks:
    interval_of_all: Interval
    end: int

    def shown_at(self, at: datetime) -> int:
        whole = self.interval_of_all
        return max((at - whole.start) * self.end // whole.length, 0)

    def reached_by(self, at: datetime) -> int:
        whole = self.interval_of_all
        return _PAST_ALL if at >= whole.end else -((whole.start - at) * self.end // whole.length)

    def interval(self, first: int, past: int) -> Interval:
        whole = self.interval_of_all
        return Interval(
            whole.start + whole.length * (first / self.end),
            whole.end if past >= self.end else whole.start + whole.length * (past / self.end),
        )


def _written(part: Cut, seal: SealWriter) -> FragmentIndex:
    pieces = joined([(0, part)])
    places = []
    for number, piece in enumerate(pieces):
        if number:
            places.append(parse_fragment_head(piece).place(seal.content_size))
        seal.write(piece)
    return FragmentIndex(tuple(places))


def _mended(segment: SegmentView, sound: bytes) -> Whole:
    content = BytesSource(sound)
    recovery = recover(content)
    if recovery.pictures == 0:
        raise MovieError("The recording holds no whole picture.")
    return Whole(
        RecoveredSource(content, recovery).parts(),
        segment.start + timedelta(seconds=recovery.index.end / TIMESCALE),
        recovery.index,
        recovery.pictures,
        recovery.lost,
        _traits(content),
    )


def _traits(content: BytesSource) -> dict[str, str | int]:
    try:
        form = describe(parameters_of(initialisation_of(content)))
    except ParameterSetError:
        return {}
    return {"codec": form.codec_string, "width": form.width, "height": form.height}


def _framed(content: Source, place: FragmentPlace) -> int:
    return whole_fragment_at(content, place.offset).length


FORMAT = ObjectFormat(parts_of=_parts_of, mended=_mended, framed=_framed)
