"""Index of a segment of records: where its packets lie, and which sequences of which devices are in it.

Behind the numbers of `rejent.formats.fragment_index` follow how many origins there are, and of each the length and the bytes of device and boot, how many
ranges of its sequence there are, and of each how far it begins behind the end of the one before and how many it counts.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Self

from rejent.formats.fragment_index import FragmentIndex, damaged, read_places
from rejent.formats.records import Origin, Record


@dataclass(slots=True)
class Coverage:
    """Sequences that were taken, by the origins that told them; as ranges, since a device tells one after the other."""

    ranges: dict[Origin, list[tuple[int, int]]] = field(default_factory=dict)
    """Of each origin, from which sequence up to, and without, which; in order, and apart."""

    @classmethod
    def of(cls, records: Iterable[Record]) -> Self:
        """Return what these records cover."""
        found = cls()
        for each in records:
            found.add(each.origin, each.sequence)
        return found

    def has(self, origin: Origin | None, sequence: int) -> bool:
        """Return whether a sequence is among them; one without origin never is."""
        ranges = self.ranges.get(origin, []) if origin else []
        place = bisect_right(ranges, (sequence, _LARGEST)) - 1
        return place >= 0 and sequence < ranges[place][1]

    def add(self, origin: Origin | None, sequence: int, past: int = 0) -> None:
        """Add a sequence, or all from it up to, and without, ``past``."""
        if origin is None:
            return
        start, end = sequence, past or sequence + 1
        ranges = self.ranges.setdefault(origin, [])
        first = place = bisect_right(ranges, (start, _LARGEST))
        if place and ranges[place - 1][1] >= start:
            first -= 1
            start = ranges[first][0]
        while place < len(ranges) and ranges[place][0] <= end:
            place += 1
        if place > first:
            end = max(end, ranges[place - 1][1])
        ranges[first:place] = [(start, end)]

    def join(self, other: "Coverage") -> None:
        """Add all of another."""
        for origin, ranges in other.ranges.items():
            for start, end in ranges:
                self.add(origin, start, end)

    def drop(self, other: "Coverage") -> None:
        """Remove all of another."""
        for origin, ranges in other.ranges.items():
            for start, end in ranges:
                mine = self.ranges.get(origin, [])
                left = [
                    part
                    for each in mine
                    for part in ((each[0], min(each[1], start)), (max(each[0], end), each[1]))
                ]
                self.ranges[origin] = [each for each in left if each[0] < each[1]]

    def numbers(self) -> Iterator[int]:
        """Yield it as numbers."""
        yield len(self.ranges)
        for origin, ranges in self.ranges.items():
            for word in origin:
                yield from (len(word.encode()), *word.encode())
            yield len(ranges)
            position = 0
            for start, end in ranges:
                yield from (start - position, end - start)
                position = end

    @classmethod
    def read(cls, numbers: Iterator[int]) -> Self:
        """Read it; where no numbers are left, nothing is known. Raises ContentError, StopIteration: they are those of none."""
        following, found = numbers.__next__, cls()
        for _ in range(next(numbers, 0)):
            origin = Origin(_word(numbers), _word(numbers))
            position, ranges = 0, []
            for _ in range(following()):
                start = position + following()
                position = start + following()
                ranges.append((start, position))
            found.ranges[origin] = ranges
        return found


@dataclass(frozen=True, slots=True)
class RecordIndex(FragmentIndex):
    """Places of the packets of one segment, and what they cover."""

    coverage: Coverage = field(default_factory=Coverage)

    def _further(self) -> Iterable[int]:
        return self.coverage.numbers()

    @classmethod
    def _read(cls, numbers: Iterator[int]) -> Self:
        return cls(read_places(numbers), Coverage.read(numbers))


def _word(numbers: Iterator[int]) -> str:
    try:
        return bytes(next(numbers) for _ in range(next(numbers))).decode()
    except (ValueError, RuntimeError):
        raise damaged() from None


_LARGEST = 1 << 64
