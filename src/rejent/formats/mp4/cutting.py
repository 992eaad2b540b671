"""Parts of a segment as files of their own, cut at whole pictures, and parts joined into one file.

A part begins with the key picture at or before its start, because nothing before that is needed to show it, and ends with
the last picture shown before its end. Pictures are copied as they are; only the tables are told anew.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rejent.formats.fragment import Fragment, FragmentPlace
from rejent.formats.mp4.boxes import TIMESCALE, Run, fragment_head, initialisation
from rejent.formats.mp4.errors import MovieError
from rejent.formats.mp4.index import FragmentIndex
from rejent.formats.mp4.reader import (
    FragmentHead,
    Source,
    fragment_at,
    initialisation_of,
    parameters_of,
)

_REORDERING = 2 * TIMESCALE
"""Ticks by which a picture may be decoded after it is due."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive samples of one fragment: those numbered from ``first`` up to, and without, ``last``."""

    place: FragmentPlace
    head: FragmentHead
    first: int
    last: int

    @property
    def run(self) -> Run:
        """The samples."""
        run, chosen = self.head.run, slice(self.first, self.last)
        return Run(run.durations[chosen], run.sizes[chosen], run.keys[chosen], run.compositions[chosen])

    @property
    def offset(self) -> int:
        """Where the first sample's bytes stand in the file."""
        return self.place.offset + self.head.length + sum(self.head.run.sizes[: self.first])

    @property
    def time(self) -> int:
        """Decoding time of the first sample, in ticks of the file."""
        return self.head.time + sum(self.head.run.durations[: self.first])


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of one file, not copied yet.

    Attributes:
        source: the file.
        initialisation: its ``ftyp`` and ``moov``.
        stretches: the samples, in decoding order.
        origin: tick of the file at which the part begins.
        end: tick of the file at which the part ends.
    """

    source: Source
    initialisation: bytes
    stretches: tuple[Stretch, ...]
    origin: int
    end: int

    @property
    def pictures(self) -> int:
        """How many."""
        return sum(stretch.last - stretch.first for stretch in self.stretches)

    @property
    def key(self) -> bool:
        """Whether the part can be shown by itself; only what continues an earlier segment cannot."""
        return bool(self.stretches[0].run.keys[0])

    def fragments(self, base: int = 0, sequence: int = 0) -> Iterator[Fragment]:
        """The fragments, the first at tick ``base`` and numbered from ``sequence`` + 1."""
        for number, stretch in enumerate(self.stretches, sequence + 1):
            run, time = stretch.run, stretch.time - self.origin + base
            head = fragment_head(number, time, run)
            body = self.source.read(stretch.offset, sum(run.sizes))
            yield Fragment((head, body), time, sum(run.durations), len(run.sizes), bool(run.keys[0]))


def cut(source: Source, index: FragmentIndex, start: int, end: int) -> Cut:
    """The part of a file that is needed to show ``[start, end)``, in ticks of the file.

    Raises:
        MovieError: no picture is shown in that time, or the file is none of ours.
    """
    stretches = _until(_from_key(source, index, start), end) if start < min(end, index.end) else []
    if not stretches:
        raise MovieError("The recording has no picture in the part that was asked for.")
    last = stretches[-1]
    finish = last.time + sum(last.run.durations)
    return Cut(source, initialisation_of(source), tuple(stretches), stretches[0].time, finish)


def whole(source: Source, index: FragmentIndex) -> Cut:
    """All of a file; errors as `cut`."""
    return cut(source, index, 0, index.end + _REORDERING)


def joined(parts: Sequence[tuple[int, Cut]]) -> Iterator[bytes]:
    """One fragmented file of parts, each beginning at its tick; a pause stays a pause.

    Raises:
        MovieError: the parts overlap, or their pictures differ in form, so that they need files of their own.
    """
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
        sequence += len(part.stretches)
        reached = base + part.end - part.origin


def _from_key(source: Source, index: FragmentIndex, start: int) -> Iterator[Stretch]:
    """Everything from the last key picture on that is shown at or before ``start``."""
    places = [place for place in index.places if place.time <= start] or list(index.places[:1])
    for number in range(len(places) - 1, -1, -1):
        head = _head(source, places[number])
        shown = head.shown_times()
        keys = [at for at, key in enumerate(head.run.keys) if key and shown[at] <= start]
        if keys or number == 0:
            first = keys[-1] if keys else 0
            yield Stretch(places[number], head, first, len(shown))
            for place in index.places[number + 1 :]:
                following = _head(source, place)
                yield Stretch(place, following, 0, len(following.run.sizes))
            return


def _until(everything: Iterator[Stretch], end: int) -> list[Stretch]:
    """The stretches up to the last picture shown before ``end``."""
    chosen: list[Stretch] = []
    complete = 0
    for stretch in everything:
        if stretch.head.time >= end + _REORDERING:
            break
        shown = stretch.head.shown_times()
        due = [at for at in range(stretch.first, stretch.last) if shown[at] < end]
        if due:
            chosen.append(Stretch(stretch.place, stretch.head, stretch.first, due[-1] + 1))
            complete = len(chosen)
        else:
            chosen.append(stretch)
    return _completed(chosen[:complete])


def _completed(stretches: list[Stretch]) -> list[Stretch]:
    """The stretches, all but the last to the end of their fragment, for later ones need what was left out."""
    inner = [Stretch(part.place, part.head, part.first, len(part.head.run.sizes)) for part in stretches[:-1]]
    return inner + stretches[-1:]


def _head(source: Source, place: FragmentPlace) -> FragmentHead:
    head = fragment_at(source, place.offset)
    if head is None or place.offset + head.length + head.body > source.size:
        raise MovieError(
            "A recording ends within a fragment.", advice="Recover it to its last whole picture."
        )
    return head
