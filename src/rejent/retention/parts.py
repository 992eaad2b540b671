"""The parts of a segment that holds keep, each to become an object of its own: of a film at whole pictures, of a call at whole clusters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from rejent.catalog import queries as catalog
from rejent.catalog.views import SegmentView
from rejent.formats.matroska import cutting
from rejent.formats.matroska.manifest import instant, nanoseconds
from rejent.formats.mp4.cutting import Cut, cut, joined
from rejent.formats.mp4.index import FragmentIndex
from rejent.formats.mp4.reader import parse_fragment_head, scan
from rejent.kernel.intervals import Interval, merged
from rejent.vault.age import SealedReader, SealWriter

CALLS = "calls"
_CLUSTERS = timedelta(seconds=2)
"""Twice and more what a cluster of a call holds, and a little."""
_CALL = b"\x1aE\xdf\xa3"
"""How an object of ours begins (EBML, RFC 8794 §11.2.1); a file of a PBX may be too large to be read for nothing."""
_PAST_ALL = 1 << 40
"""A tick after any segment's end."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a segment that becomes an object of its own.

    Attributes:
        ticks: from where to where it reaches; tells it from other parts of the segment.
        units: pictures or packets in it.
        write: seals it, and tells where its fragments lie.
    """

    ticks: tuple[int, int]
    interval: Interval
    units: int
    write: Callable[[SealWriter], FragmentIndex]


def parts_of(reader: SealedReader, segment: SegmentView, held: Sequence[Interval]) -> list[Part]:
    """What is to be cut out; nothing where the whole segment is needed to show what is held.

    Args:
        reader: the segment's object, open.
        segment: it.
        held: the parts of its interval that holds keep, in order.

    Raises:
        MovieError: it is no film.
        NoCallError: it is no recorded call.
    """
    if list(held) == [segment.interval]:
        return []
    if catalog.stream_of(segment.source_id) == CALLS:
        return _call_parts(reader, segment, held)
    return _film_parts(reader, segment, held)


def _film_parts(reader: SealedReader, segment: SegmentView, held: Sequence[Interval]) -> list[Part]:
    """The parts of a film."""
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
    if any(part.pictures == index.pictures for part in parts):
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


def _call_parts(reader: SealedReader, segment: SegmentView, held: Sequence[Interval]) -> list[Part]:
    """The same of an object of a call; a file that a PBX made is kept whole, for nothing in it can be cut without coding it anew.

    The first and the last cluster reach to the ends of the segment, which its clusters tell less exactly than its row.
    """
    if reader.read(0, len(_CALL)) != _CALL:
        return []
    content, whole_end = reader.read(), nanoseconds(segment.end)
    parts: list[Part] = []
    for part in merged(held, _CLUSTERS):
        found = cutting.cut(content, nanoseconds(part.start), nanoseconds(part.end), whole_end)
        if found is None:
            return []
        reaches = Interval(
            segment.start if found.opens else max(instant(found.start), segment.start),
            segment.end if found.closes else min(instant(found.end), segment.end),
        )
        parts.append(Part((found.start, found.end), reaches, found.packets, partial(_written_call, found)))
    return parts


def _written_call(part: cutting.Part, seal: SealWriter) -> FragmentIndex:
    seal.write(part.content)
    return FragmentIndex(part.places)


@dataclass(frozen=True, slots=True)
class _Ticks:
    """A segment's media time against its instants."""

    interval_of_all: Interval
    end: int

    def shown_at(self, at: datetime) -> int:
        """The tick shown at an instant."""
        whole = self.interval_of_all
        return max((at - whole.start) * self.end // whole.length, 0)

    def reached_by(self, at: datetime) -> int:
        """The first tick not shown before an instant; beyond all for what ends with the segment."""
        whole = self.interval_of_all
        return _PAST_ALL if at >= whole.end else -((whole.start - at) * self.end // whole.length)

    def interval(self, first: int, past: int) -> Interval:
        """The instants of a stretch of ticks."""
        whole = self.interval_of_all
        return Interval(
            whole.start + whole.length * (first / self.end),
            whole.end if past >= self.end else whole.start + whole.length * (past / self.end),
        )


def _written(part: Cut, seal: SealWriter) -> FragmentIndex:
    """Seal a part as a file of its own; where its fragments lie."""
    pieces = joined([(0, part)])
    places = []
    for number, piece in enumerate(pieces):
        if number:
            places.append(parse_fragment_head(piece).place(seal.content_size))
        seal.write(piece)
    return FragmentIndex(tuple(places))
