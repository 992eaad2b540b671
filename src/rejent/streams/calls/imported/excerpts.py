"""Hours of sound in a WAV, read a part at a time: each part is a WAV of its own, so that the whole never lies in memory.

Only codings of which every sample stands by itself (PCM, A-law, mu-law) are cut; hours of any other are small enough.
"""

import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from rejent.formats.rtp.account import SECOND
from rejent.streams.calls.catalog.lines import LONGEST_FILE
from rejent.streams.calls.imported.sound import FileSound

PART = 8 << 20
"""Bytes of a part; a file of no more is read whole."""
MOST_MEASURED = 128
"""Parts of a file that are measured, a gigabyte of them: six hours of both sides of a telephone call have 83."""
HEAD = 64 << 10
"""Bytes within which the sound of a WAV begins."""
_FORM = struct.Struct("<HHIIHH")
_PLAIN = {1: {8, 16, 24, 32}, 6: {8}, 7: {8}}
"""Bits of a sample, by the number of the coding."""
_EXTENSIBLE = 0xFFFE
_UNTOLD = {0, 0xFFFFFFFF}
"""Lengths that say nothing."""


class Content(Protocol):
    """A file or an opened object, read anywhere."""

    size: int

    def read(self, offset: int, length: int) -> bytes:
        """So many bytes from ``offset``; fewer only at the end."""


@dataclass(frozen=True, slots=True)
class PlainSound:
    """Where the samples of a WAV lie, each of which stands by itself.

    Attributes:
        form: its chunk ``fmt``.
        first: the first byte.
        past: the byte behind the last.
        block: bytes of one sample of all sides.
        rate: samples a second.
    """

    form: bytes
    first: int
    past: int
    block: int
    rate: int

    @property
    def length(self) -> int:
        """ns; by what is there."""
        return (self.past - self.first) // self.block * SECOND // self.rate

    def at(self, instant: int) -> int:
        """The byte at so many ns from the beginning, within the sound."""
        offset = self.first + instant * self.rate // SECOND * self.block
        return min(max(offset, self.first), self.past)

    def as_wav(self, samples: bytes) -> bytes:
        """Samples of it as a WAV."""
        form = b"fmt " + len(self.form).to_bytes(4, "little") + self.form + bytes(len(self.form) % 2)
        sound = b"data" + len(samples).to_bytes(4, "little") + samples
        return b"RIFF" + (4 + len(form) + len(sound)).to_bytes(4, "little") + b"WAVE" + form + sound


def plain_sound(content: Content) -> PlainSound | None:
    """The sound of a WAV that may be cut anywhere; nothing where it is none, or is small enough to be read whole."""
    head = content.read(0, HEAD) if content.size > PART else b""
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return None
    at, form = 12, b""
    while at + 8 <= len(head):
        name, length = head[at : at + 4], int.from_bytes(head[at + 4 : at + 8], "little")
        if name == b"data":
            past = content.size if length in _UNTOLD else min(at + 8 + length, content.size)
            return _plain(form, at + 8, past)
        if name == b"fmt ":
            form = head[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
    return None


def parts(content: Content, within: tuple[int, int] | None = None) -> Iterator[tuple[int, bytes]]:
    """A file as parts that are decoded one by one: when each begins, ns from the file's beginning, and its content.

    Args:
        content: the file; whole, where it cannot be cut.
        within: ns from its beginning; what lies outside may be left out.
    """
    sound = plain_sound(content)
    if sound is None:
        yield 0, content.read(0, content.size)
        return
    first, past = (sound.at(within[0]), sound.at(within[1])) if within else (sound.first, sound.past)
    for offset in _offsets(sound, first, past):
        yield (
            (offset - sound.first) // sound.block * SECOND // sound.rate,
            _part(content, sound, offset, past),
        )


def measured_in_parts(content: Content, measure: Callable[[bytes], bytes]) -> FileSound:
    """What a file holds. How long it is its head tells, so that a few bytes which stand for years cost no more than a call does.

    Args:
        content: the file.
        measure: tells it of a part, as JSON: the fields of `FileSound`; what it raises is raised.
    """
    sound = plain_sound(content)
    told = [json.loads(measure(part)) for part in _to_be_measured(content, sound)]
    lengths = [max(each["length"], 1) for each in told]
    sides = zip(*(each["heard"] for each in told), strict=True)
    heard = tuple(
        round(sum(part * length for part, length in zip(side, lengths, strict=True)) / sum(lengths), 4)
        for side in sides
    )
    first = told[0]
    length = sound.length if sound else first["length"]
    return FileSound(first["codec"], first["rate"], first["sides"], length, heard)


def _to_be_measured(content: Content, sound: PlainSound | None) -> Iterator[bytes]:
    """Every part; of too many some, as far apart as they lie; of a file that is longer than any call the first."""
    if sound is None:
        yield content.read(0, content.size)
        return
    offsets = _offsets(sound, sound.first, sound.past)
    most = 1 if sound.length > LONGEST_FILE.total_seconds() * SECOND else min(MOST_MEASURED, len(offsets))
    for place in range(most):
        yield _part(content, sound, offsets[place * len(offsets) // most], sound.past)


def _offsets(sound: PlainSound, first: int, past: int) -> range:
    """Where each part begins."""
    return range(first, past - sound.block + 1, PART // sound.block * sound.block)


def _part(content: Content, sound: PlainSound, offset: int, past: int) -> bytes:
    """The part that begins there, as a WAV."""
    length = min(PART, past - offset) // sound.block * sound.block
    return sound.as_wav(content.read(offset, length))


def _plain(form: bytes, first: int, past: int) -> PlainSound | None:
    if len(form) < _FORM.size:
        return None
    kind, sides, rate, _, block, bits = _FORM.unpack_from(form)
    if kind == _EXTENSIBLE and len(form) >= 26:
        kind = int.from_bytes(form[24:26], "little")
    fits = (
        bits in _PLAIN.get(kind, ()) and sides in {1, 2} and block == sides * bits // 8 and 0 < rate < 200_000
    )
    return PlainSound(form, first, past, block, rate) if fits and past - first >= block else None
