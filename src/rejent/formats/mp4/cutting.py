"""Cutting segments at whole pictures, and joining parts into one file.

A part begins with the key picture at or before its start, since decoding can begin there, and ends with the last
picture presented before its end. Pictures are copied unchanged; only the sample tables are rewritten.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rejent.formats.errors import MovieError
from rejent.formats.fragment_index import Fragment, FragmentIndex, FragmentPlace
from rejent.formats.mp4.boxes import (
    HIDDEN,
    TIMESCALE,
    Run,
    flat_initialisation,
    fragment_head,
    initialisation,
)
from rejent.formats.mp4.reader import FragmentHead, initialisation_of, parameters_of, whole_fragment_at
from rejent.formats.source import Source

_REORDERING = 2 * TIMESCALE
"""Ticks by which a picture may be decoded after its presentation time."""


@dataclass(frozen=True, slots=True)
class SampleRange:
    """Consecutive samples of one fragment: numbers ``first`` up to, not including, ``last``."""

    place: FragmentPlace
    head: FragmentHead
    first: int
    last: int

    @property
    def run(self) -> Run:
        """Return the samples' table."""
        run, chosen = self.head.run, slice(self.first, self.last)
        return Run(run.durations[chosen], run.sizes[chosen], run.keys[chosen], run.compositions[chosen])

    @property
    def offset(self) -> int:
        """Return the offset of the first sample in the file."""
        return self.place.offset + self.head.length + sum(self.head.run.sizes[: self.first])

    @property
    def time(self) -> int:
        """Return the decoding time of the first sample, in ticks of the file."""
        return self.head.time + sum(self.head.run.durations[: self.first])


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of one file, not copied yet: its head, the byte ranges of samples in decoding order, and its ticks in the file."""

    source: Source
    initialisation: bytes
    ranges: tuple[SampleRange, ...]
    origin: int
    end: int

    @property
    def pictures(self) -> int:
        """Count the pictures."""
        return sum(samples.last - samples.first for samples in self.ranges)

    @property
    def key(self) -> bool:
        """Return whether the part can be decoded by itself; false only for one that continues an earlier segment."""
        return bool(self.ranges[0].run.keys[0])

    def fragments(self, base: int = 0, sequence: int = 0) -> Iterator[Fragment]:
        """Yield the fragments, the first at tick ``base`` and numbered from ``sequence`` + 1."""
        for number, samples in enumerate(self.ranges, sequence + 1):
            run, time = samples.run, samples.time - self.origin + base
            head = fragment_head(number, time, run)
            body = self.source.read(samples.offset, sum(run.sizes))
            yield Fragment(
                (head, body), time, sum(run.durations), len(run.sizes), bool(run.keys[0]), framed=len(head)
            )


def cut(source: Source, index: FragmentIndex, start: int, end: int) -> Cut:
    """Return the part of a file needed to show ``[start, end)``, in its ticks. Raises MovieError: no picture then, or no MP4."""
    ranges = _until(_from_key(source, index, start), end) if start < min(end, index.end) else []
    if not ranges:
        raise MovieError("The recording has no picture in the part that was asked for.")
    last = ranges[-1]
    finish = last.time + sum(last.run.durations)
    return Cut(source, initialisation_of(source), tuple(ranges), ranges[0].time, finish)


def joined(parts: Sequence[tuple[int, Cut]]) -> Iterator[bytes]:
    """Yield one fragmented file made of parts, each at its tick. Raises MovieError: they overlap, or differ in form."""
    sequence, reached = 0, 0
    length = parts[-1][0] + parts[-1][1].end - parts[-1][1].origin
    yield initialisation(parameters_of(parts[0][1].initialisation), length)
    for base, part in parts:
        if part.initialisation != parts[0][1].initialisation:
            raise MovieError(
                "Pictures of different forms cannot stand in one file.", advice="Write a file for each."
            )
        if base < reached:
            raise MovieError("Parts that overlap cannot stand in one file.")
        for fragment in part.fragments(base, sequence):
            yield b"".join(fragment.parts)
        sequence += len(part.ranges)
        reached = base + part.end - part.origin


def flat(part: Cut, shown: tuple[int, int]) -> Iterator[bytes]:
    """Yield one file of a part that players show from one tick of it to another.

    An edit list, all samples in one table, then each fragment, its head hidden in a box where `reader` finds it. Raises MovieError,
    ParameterSetError.
    """
    heads = []
    for number, samples in enumerate(part.ranges, 1):
        head = fragment_head(number, samples.time - part.origin, samples.run)
        heads.append(head[:4] + HIDDEN + head[8:])
    table = [(len(head), samples.run) for head, samples in zip(heads, part.ranges, strict=True)]
    yield flat_initialisation(parameters_of(part.initialisation), table, shown)
    for head, samples in zip(heads, part.ranges, strict=True):
        yield head + part.source.read(samples.offset, sum(samples.run.sizes))


def _from_key(source: Source, index: FragmentIndex, start: int) -> Iterator[SampleRange]:
    places = [place for place in index.places if place.time <= start] or list(index.places[:1])
    for number in range(len(places) - 1, -1, -1):
        head = whole_fragment_at(source, places[number].offset)
        shown = head.presentation_times()
        keys = [at for at, key in enumerate(head.run.keys) if key and shown[at] <= start]
        if keys or number == 0:
            first = keys[-1] if keys else 0
            yield SampleRange(places[number], head, first, len(shown))
            for place in index.places[number + 1 :]:
                following = whole_fragment_at(source, place.offset)
                yield SampleRange(place, following, 0, len(following.run.sizes))
            return


def _until(everything: Iterator[SampleRange], end: int) -> list[SampleRange]:
    chosen: list[SampleRange] = []
    complete = 0
    for samples in everything:
        if samples.head.time >= end + _REORDERING:
            break
        shown = samples.head.presentation_times()
        due = [at for at in range(samples.first, samples.last) if shown[at] < end]
        if due:
            chosen.append(SampleRange(samples.place, samples.head, samples.first, due[-1] + 1))
            complete = len(chosen)
        else:
            chosen.append(samples)
    return _extended_to_fragment_ends(chosen[:complete])


def _extended_to_fragment_ends(ranges: list[SampleRange]) -> list[SampleRange]:
    """Extend all ranges but the last to the end of their fragment, because later pictures depend on those left out."""
    inner = [SampleRange(part.place, part.head, part.first, len(part.head.run.sizes)) for part in ranges[:-1]]
    return inner + ranges[-1:]
