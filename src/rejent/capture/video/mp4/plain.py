"""A film in an ordinary MP4: one table of all samples before the pictures, which every program plays and can seek in.

For handing on what was recorded; pictures are copied as they are. The table is made before the first picture is read, so
that the file can be written in one go, of any length (ISO/IEC 14496-12 §8.6, §8.7).
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from rejent.capture.video.mp4.boxes import box, full_box, movie_header, track_box
from rejent.capture.video.mp4.cutting import Cut
from rejent.capture.video.mp4.errors import MovieError
from rejent.capture.video.mp4.parameters import describe
from rejent.capture.video.mp4.reader import parameters_of
from rejent.capture.video.picture import ParameterSets

_BRANDS = b"isom" + struct.pack(">I", 0x200) + b"isomiso2mp41"
_PICTURES_HEAD = 16
"""Bytes of the head of an ``mdat`` that tells its length in 64 bits."""


@dataclass(slots=True)
class _Table:
    """All samples in decoding order, and the stretches in which they lie."""

    durations: list[int] = field(default_factory=list)
    compositions: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    keys: list[bool] = field(default_factory=list)
    stretches: list[tuple[int, int]] = field(default_factory=list)
    """Samples and bytes of each."""


def plain_film(parts: Sequence[tuple[int, Cut]]) -> Iterator[bytes]:
    """One ordinary MP4 of parts, each beginning at its tick; during a pause the picture before it stands still.

    Raises:
        MovieError: the parts overlap, or their pictures differ in form, so that they need films of their own.
    """
    table = _tabled(parts)
    parameters = parameters_of(parts[0][1].initialisation)
    kind = box(b"ftyp", _BRANDS)
    begins = len(kind) + len(_movie(table, parameters, 0)) + _PICTURES_HEAD
    yield kind + _movie(table, parameters, begins)
    yield struct.pack(">I4sQ", 1, b"mdat", _PICTURES_HEAD + sum(table.sizes))
    for _, part in parts:
        for stretch in part.stretches:
            yield part.source.read(stretch.offset, sum(stretch.run.sizes))


def _tabled(parts: Sequence[tuple[int, Cut]]) -> _Table:
    table = _Table()
    reached = parts[0][0]
    for base, part in parts:
        if part.initialisation != parts[0][1].initialisation:
            raise MovieError(
                "Pictures of different forms cannot stand in one file.", advice="Write a file for each."
            )
        if base < reached:
            raise MovieError("Parts that overlap cannot stand in one file.")
        if table.durations:
            table.durations[-1] += base - reached
        for stretch in part.stretches:
            run = stretch.run
            table.durations += run.durations
            table.sizes += run.sizes
            table.keys += run.keys
            table.compositions += run.compositions or [0] * len(run.sizes)
            table.stretches.append((len(run.sizes), sum(run.sizes)))
        reached = base + part.end - part.origin
    return table


def _movie(table: _Table, parameters: ParameterSets, begins: int) -> bytes:
    """``moov`` for pictures that begin at byte ``begins``; as long whatever that is."""
    duration = sum(table.durations)
    early = -min(table.compositions)
    tables = _times(table, early) + _places(table, begins)
    edit = full_box(b"elst", 1, 0, struct.pack(">IQqI", 1, duration, early, 0x10000))
    track = track_box(
        describe(parameters), parameters, tables, duration, box(b"edts", edit) if early else b""
    )
    return box(b"moov", movie_header(duration), track)


def _times(table: _Table, early: int) -> bytes:
    """``stts``, ``ctts``, ``stss``: offsets made positive by ``early`` ticks, which the edit list takes back."""
    boxes = full_box(b"stts", 0, 0, _pairs(_repeated(table.durations)))
    offsets = [offset + early for offset in table.compositions]
    if any(offsets):
        boxes += full_box(b"ctts", 0, 0, _pairs(_repeated(offsets)))
    keys = [number for number, key in enumerate(table.keys, 1) if key]
    return boxes + full_box(b"stss", 0, 0, struct.pack(f">{1 + len(keys)}I", len(keys), *keys))


def _places(table: _Table, begins: int) -> bytes:
    """``stsc``, ``stsz``, ``co64``: each stretch is a chunk."""
    counts: list[int] = []
    number = 1
    for repeated, samples in _repeated(count for count, _ in table.stretches):
        counts += (number, samples, 1)
        number += repeated
    offsets: list[int] = []
    for _, size in table.stretches:
        offsets.append(begins)
        begins += size
    return b"".join((
        full_box(b"stsc", 0, 0, struct.pack(f">{1 + len(counts)}I", len(counts) // 3, *counts)),
        full_box(b"stsz", 0, 0, struct.pack(f">{2 + len(table.sizes)}I", 0, len(table.sizes), *table.sizes)),
        full_box(b"co64", 0, 0, struct.pack(f">I{len(offsets)}Q", len(offsets), *offsets)),
    ))  # fmt: skip


def _repeated(values: Iterable[int]) -> list[tuple[int, int]]:
    """How often each value follows itself, and the value."""
    return [(sum(1 for _ in same), value) for value, same in groupby(values)]


def _pairs(pairs: list[tuple[int, int]]) -> bytes:
    flat = [number for pair in pairs for number in pair]
    return struct.pack(f">{1 + len(flat)}I", len(pairs), *flat)
