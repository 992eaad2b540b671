"""Objects of every kind of stream: what was cut short is mended without loss, and what is held is cut out whole."""

import json
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest

from rejent.formats.errors import ContentError
from rejent.formats.fragment_index import FragmentIndex
from rejent.kernel.intervals import Interval
from rejent.retention.stream_parts import OBJECTS, ObjectFormat, Part, Whole
from rejent.vault.age.random_access import MemorySource
from rejent.vault.age.recipients import Identity
from rejent.vault.age.seal_writer import SealWriter, seal
from rejent.vault.age.sealed_reader import SealedReader
from tests.contract.streams.conftest import Kind
from tests.contract.streams.samples import Segment

KEY = Identity.generate()
MOST_CUTS = 400
GARBAGE = (b"\n", b"RIFF and nothing else\n", bytes(2000), bytes(range(256)) * 8, b"2026-11-02 no instant\n")
HELD = {
    "middle": ((0.4, 0.5),),
    "beginning": ((0, 0.2),),
    "end": ((0.8, 1),),
    "later half": ((0.5, 0.9),),
    "two": ((0.1, 0.2), (0.8, 0.9)),
}
"""Held parts of a segment, as shares of it."""


@dataclass(frozen=True)
class Mended:
    """What bytes become when they are mended."""

    content: bytes
    whole: Whole

    @classmethod
    def of(cls, kind: Kind, segment: Segment, sound: bytes) -> "Mended":
        """Mend bytes of a segment; see that its index covers all of the content, and that the rest of it can be booked."""
        whole = kind.of(OBJECTS).mended(segment.row, sound)
        content = b"".join(whole.content)
        index = type(whole.index).decode(whole.index.encode())
        assert index == whole.index
        assert index.places[-1].offset + index.places[-1].length == len(content)
        assert whole.units == index.units
        assert whole.end > segment.row.start
        json.dumps(whole.traits)
        return cls(content, whole)


@pytest.fixture
def segment(kind: Kind) -> Segment:
    """A segment of the kind."""
    return kind.sample.segment()


@pytest.fixture
def form(kind: Kind) -> ObjectFormat:
    """The kind's format."""
    return kind.of(OBJECTS)


def test_what_is_whole_stays_as_it_is(kind: Kind, segment: Segment) -> None:
    """Mending it loses not a byte, and counts what its recorder counted."""
    mended = Mended.of(kind, segment, segment.content)
    assert (mended.content == segment.content, mended.whole.lost) == (True, 0)
    assert mended.whole.units == segment.row.units


def test_what_is_cut_short_anywhere_becomes_whole_or_is_refused(kind: Kind, segment: Segment) -> None:
    """However short, it holds no more than it held, less the less there is, and mending it again changes nothing."""
    units = [0]
    for length in _lengths(kind, segment):
        try:
            mended = Mended.of(kind, segment, segment.content[:length])
        except ContentError:
            assert units == [0], f"{length} bytes are refused, fewer were not"
            continue
        again = Mended.of(kind, segment, mended.content)
        assert (again.content == mended.content, again.whole.lost) == (True, 0), length
        assert again.whole.units == mended.whole.units
        assert 0 <= mended.whole.lost < length
        units.append(mended.whole.units)
    assert units == sorted(units)
    assert 0 < len(set(units)) <= segment.row.units + 1
    assert units[-1] <= segment.row.units


def _lengths(kind: Kind, segment: Segment) -> list[int]:
    """Every length of a small object, some of a large one, and those about each of its fragments."""
    size = len(segment.content)
    places = kind.of(OBJECTS).mended(segment.row, segment.content).index.places
    borders = {place.offset + by for place in places[:: max(len(places) // 20, 1)] for by in (-1, 0, 1)}
    step = 1 if size <= MOST_CUTS * 10 else size // 60
    return sorted(length for length in borders.union(range(0, size, step)) if 0 <= length < size)


@pytest.mark.parametrize("content", [b"", *GARBAGE], ids=len)
def test_what_is_no_recording_is_refused(form: ObjectFormat, segment: Segment, content: bytes) -> None:
    """Nothing is made of it, in one clear line."""
    with pytest.raises(ContentError) as refused:
        form.mended(segment.row, content)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("content", GARBAGE, ids=len)
def test_of_what_is_no_recording_nothing_is_cut(form: ObjectFormat, segment: Segment, content: bytes) -> None:
    """It is refused, or kept as a whole."""
    try:
        parts = form.parts_of(_opened(seal(content, [KEY.recipient])), segment.row, _held(segment, "middle"))
    except ContentError:
        return
    assert parts == []


def test_all_that_is_held_needs_the_whole(form: ObjectFormat, segment: Segment) -> None:
    """An object that is held from its beginning to its end is never cut."""
    reader = _opened(seal(segment.content, [KEY.recipient]))
    assert form.parts_of(reader, segment.row, [segment.row.interval]) == []


@pytest.mark.parametrize("held", HELD)
@pytest.mark.parametrize("indexed", [True, False])
def test_what_is_held_is_cut_out_as_whole_objects(
    kind: Kind, form: ObjectFormat, segment: Segment, held: str, *, indexed: bool
) -> None:
    """Parts cover it and leave the rest, in order; each is an object as a recorder would have ended it, which its statement fits."""
    row = segment.row if indexed else replace(segment.row, index=b"")
    intervals = _held(segment, held)
    parts = form.parts_of(_opened(seal(segment.content, [KEY.recipient])), row, intervals)
    assert len(parts) == len(intervals)
    for part, interval in zip(parts, intervals, strict=True):
        assert part.interval.start <= interval.start < interval.end <= part.interval.end
        assert row.start <= part.interval.start < part.interval.end <= row.end
    assert all(first.interval.end <= second.interval.start for first, second in pairwise(parts))
    assert len({part.ticks for part in parts}) == len(parts)
    assert sum(part.units for part in parts) < row.units
    for part in parts:
        _written(kind, segment, part)


def test_a_part_is_cut_again_as_what_was_never_cut(kind: Kind, form: ObjectFormat, segment: Segment) -> None:
    """What is held of it holds fewer units than it, and is whole again."""
    (part,) = form.parts_of(
        _opened(seal(segment.content, [KEY.recipient])), segment.row, _held(segment, "later half")
    )
    once = _written(kind, segment, part)
    (smaller,) = form.parts_of(_opened(seal(once.content, [KEY.recipient])), once.row, _held(once, "end"))
    assert 0 < smaller.units < part.units
    _written(kind, once, smaller)


def _written(kind: Kind, segment: Segment, part: Part) -> Segment:
    """Return a part as an object of its own, once it is seen to be whole and to be what it states."""
    sealed = bytearray()
    writer = SealWriter(sealed.extend, [KEY.recipient])
    index = part.write(writer)
    writer.finish()
    content = _opened(bytes(sealed)).read()
    row = replace(
        segment.row, start=part.interval.start, end=part.interval.end, units=part.units, index=index.encode()
    )
    made = Segment(content, row)
    mended = Mended.of(kind, made, content)
    assert (mended.content == content, mended.whole.lost) == (True, 0)
    assert 0 < part.units == index.units == mended.whole.units
    assert type(index).decode(row.index) == index
    assert index.places[-1].offset + index.places[-1].length == len(content)
    assert _filled(index) == _filled(mended.whole.index)
    assert mended.whole.traits == kind.of(OBJECTS).mended(segment.row, segment.content).traits
    return made


def _filled(index: FragmentIndex) -> list[tuple[int, int, int]]:
    """Return where the fragments lie that hold units."""
    return [(place.offset, place.length, place.units) for place in index.places if place.units]


def _opened(sealed: bytes) -> SealedReader:
    return SealedReader(MemorySource(sealed), [KEY])


def _held(segment: Segment, name: str) -> list[Interval]:
    whole = segment.row.interval
    return [
        Interval(whole.start + whole.length * first, whole.start + whole.length * past)
        for first, past in HELD[name]
    ]
