"""Index of a segment's fragments, some six bytes each, so that a row of the catalogue can hold it.

Version 1 of the blob: one byte 1; then variable-length numbers (7 bits a byte, least significant first, the top bit
set when more follow): count, offset of the first fragment, time of the first fragment; then per fragment its length,
the change of duration against the fragment before (0, -1, 1, -2, … as 0, 1, 2, 3, …), four times its units plus 2
if a pause precedes it plus 1 if playback can start with it, and the ticks of that pause, if there is one, written like a change: what
came late lies behind what is later, and its pause is less than nothing. Fragments lie end to end. Streams of records write more behind that
(`rejent.formats.record_index`).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from rejent.formats.errors import ContentError


@dataclass(slots=True, frozen=True)
class Fragment:
    """Bytes to append to a segment, in order, with what an index needs.

    ``time`` and ``duration`` are ticks from the segment's start, ``units`` pictures or samples; playback can start at a ``key``.
    ``made`` is the length in bytes of parts that are made while they are written, once; ``framed`` counts the bytes at its beginning that
    a cut writes anew.
    """

    parts: Iterable[bytes]
    time: int
    duration: int
    units: int
    key: bool
    made: int = 0
    framed: int = 0

    @property
    def size(self) -> int:
        """Return the bytes of all parts."""
        return self.made or sum(map(len, self.parts))


@dataclass(slots=True, frozen=True)
class FragmentPlace:
    """Place of a fragment in the plain content of its segment: `offset` and `length` in bytes, the rest as above."""

    time: int
    duration: int
    units: int
    key: bool
    offset: int
    length: int


_VERSION = 1
_MOST_FRAGMENTS = 100_000
_LARGEST = 1 << 63


@dataclass(frozen=True, slots=True)
class FragmentIndex:
    """Places of the fragments of one segment, as they lie: media in order of time, records as they came."""

    places: tuple[FragmentPlace, ...]

    @property
    def head_length(self) -> int:
        """Return the bytes before the first fragment, such as ``ftyp`` and ``moov``."""
        return self.places[0].offset if self.places else 0

    @property
    def end(self) -> int:
        """Return the tick at which the last fragment in time ends; 0 without fragments."""
        return max((place.time + place.duration for place in self.places), default=0)

    @property
    def units(self) -> int:
        """Count the units of all fragments."""
        return sum(place.units for place in self.places)

    def locate(self, start: int, end: int) -> tuple[FragmentPlace, ...]:
        """Return the fragments that are needed to show ``[start, end)``, in ticks, from the last one playback can start with.

        Where there is none, they begin with the first of the segment, which then needs the segment before.
        """
        first = max(bisect_right(self.places, start, key=_time) - 1, 0)
        while first > 0 and not self.places[first].key:
            first -= 1
        return self.places[first : bisect_left(self.places, end, key=_time)]

    def encode(self) -> bytes:
        """Encode the index as a blob. Raises ValueError: the fragments do not lie end to end, or one begins before the segment."""
        first = self.places[0] if self.places else FragmentPlace(0, 0, 0, key=False, offset=0, length=0)
        numbers = [len(self.places), first.offset, first.time]
        offset, time, duration = first.offset, first.time, 0
        for place in self.places:
            pause = place.time - time
            if place.offset != offset or place.time < 0:
                raise ValueError("fragments lie end to end, none before its segment")
            numbers += (
                place.length,
                _folded(place.duration - duration),
                place.units << 2 | (pause != 0) << 1 | place.key,
            )
            if pause:
                numbers.append(_folded(pause))
            offset, time, duration = offset + place.length, place.time + place.duration, place.duration
        return bytes([_VERSION]) + _encoded([*numbers, *self._further()])

    @classmethod
    def decode(cls, blob: bytes) -> Self:
        """Decode a blob. Raises ContentError: the blob is malformed."""
        if not blob or blob[0] != _VERSION:
            raise damaged()
        try:
            return cls._read(iter(_decoded(blob)))
        except StopIteration:
            raise damaged() from None

    def _further(self) -> Iterable[int]:
        """Return the numbers that follow those of the places."""
        return ()

    @classmethod
    def _read(cls, numbers: Iterator[int]) -> Self:
        return cls(read_places(numbers))


def read_places(numbers: Iterator[int]) -> tuple[FragmentPlace, ...]:
    """Read the places of fragments. Raises ContentError, StopIteration: the numbers are those of none."""
    following = numbers.__next__
    count, offset, time = following(), following(), following()
    if count > _MOST_FRAGMENTS:
        raise damaged()
    places: list[FragmentPlace] = []
    duration = 0
    for _ in range(count):
        length, change, packed = following(), following(), following()
        duration += _unfolded(change)
        if packed & 2:
            time += _unfolded(following())
        if duration < 0 or length <= 0 or not 0 <= time <= _LARGEST:
            raise damaged()
        places.append(FragmentPlace(time, duration, packed >> 2, bool(packed & 1), offset, length))
        offset += length
        time += duration
    return tuple(places)


def _folded(change: int) -> int:
    return change << 1 if change >= 0 else (-change << 1) - 1


def _unfolded(number: int) -> int:
    return -((number + 1) >> 1) if number & 1 else number >> 1


def _encoded(numbers: Iterable[int]) -> bytes:
    out = bytearray()
    for number in numbers:
        rest = number
        while rest > 0x7F:
            out.append(rest & 0x7F | 0x80)
            rest >>= 7
        out.append(rest)
    return bytes(out)


def _decoded(blob: bytes) -> list[int]:
    numbers: list[int] = []
    value = shift = 0
    for byte in blob[1:]:
        value |= (byte & 0x7F) << shift
        if byte & 0x80:
            shift += 7
            if shift > 63:
                raise damaged()
        else:
            numbers.append(value)
            value = shift = 0
    if shift:
        raise damaged()
    return numbers


def _time(place: FragmentPlace) -> int:
    return place.time


def damaged() -> ContentError:
    """Return the error of an index that cannot be read."""
    return ContentError(
        "The index of a recording is damaged.", advice="It can be made anew from the recording itself."
    )
