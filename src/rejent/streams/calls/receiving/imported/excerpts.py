"""Split hours of WAV into parts, each a WAV of its own, so that the whole is never in memory.

Only PCM, A-law and mu-law are split; other codecs are small enough.
"""

import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rejent.formats.rtp.account import SECOND
from rejent.formats.sound.resampling import HIGHEST_RATE, LOWEST_RATE
from rejent.streams.calls.catalog.lines.addresses import LONGEST_FILE
from rejent.streams.calls.receiving.imported.file_sound import FileSound
from rejent.streams.calls.receiving.imported.wav_head import Content, WavHead, read_wav_head

PART_BYTES = 8 << 20
"""Bytes of a part; a smaller file is read whole."""
MAX_MEASURED_PARTS = 128
_FORM = struct.Struct("<HHIIHH")
_PLAIN = {1: {8, 16, 24, 32}, 6: {8}, 7: {8}}
_EXTENSIBLE = 0xFFFE


@dataclass(frozen=True, slots=True)
class UncompressedSound:
    """The samples of an uncompressed WAV: its ``fmt`` chunk, offsets, bytes of one sample of all channels, rate."""

    form: bytes
    first: int
    past: int
    block: int
    rate: int

    @property
    def length(self) -> int:
        """Actual duration in ns."""
        return (self.past - self.first) // self.block * SECOND // self.rate

    def at(self, instant: int) -> int:
        """Return the offset at so many ns from the beginning, limited to the samples."""
        offset = self.first + instant * self.rate // SECOND * self.block
        return min(max(offset, self.first), self.past)

    def as_wav(self, samples: bytes) -> bytes:
        """Return samples of it as a WAV."""
        form = b"fmt " + len(self.form).to_bytes(4, "little") + self.form + bytes(len(self.form) % 2)
        sound = b"data" + len(samples).to_bytes(4, "little") + samples
        return b"RIFF" + (4 + len(form) + len(sound)).to_bytes(4, "little") + b"WAVE" + form + sound


def read_plain_sound(content: Content) -> UncompressedSound | None:
    """Return the samples of a WAV that can be split; None for other or small files."""
    head = read_wav_head(content) if content.size > PART_BYTES else None
    return _plain(head) if head is not None else None


def parts(content: Content, within: tuple[int, int] | None = None) -> Iterator[tuple[int, bytes]]:
    """Yield begin (ns) and content of each part ``within`` an interval; a file that cannot be split is yielded whole."""
    sound = read_plain_sound(content)
    if sound is None:
        yield 0, content.read(0, content.size)
        return
    first, past = (sound.at(within[0]), sound.at(within[1])) if within else (sound.first, sound.past)
    for offset in _offsets(sound, first, past):
        yield (
            (offset - sound.first) // sound.block * SECOND // sound.rate,
            _part(content, sound, offset, past),
        )


def measure_in_parts(content: Content, measure: Callable[[bytes], bytes]) -> FileSound:
    """Measure a file by its parts; of one that can be split its bytes tell the duration."""
    head, sound = read_wav_head(content), read_plain_sound(content)
    measured = [json.loads(measure(part)) for part in _to_be_measured(content, sound)]
    lengths = [max(each["length"], 1) for each in measured]
    sides = zip(*(each["heard"] for each in measured), strict=True)
    heard = tuple(
        round(sum(part * length for part, length in zip(side, lengths, strict=True)) / sum(lengths), 4)
        for side in sides
    )
    first = measured[0]
    length = sound.length if sound else first["length"]
    fault = head.fault if head is not None else None
    return FileSound(first["codec"], first["rate"], first["sides"], length, heard, fault or "")


def _to_be_measured(content: Content, sound: UncompressedSound | None) -> Iterator[bytes]:
    """Yield every part; of too many some, evenly spaced; of a file longer than any call the first."""
    if sound is None:
        yield content.read(0, content.size)
        return
    offsets = _offsets(sound, sound.first, sound.past)
    most = (
        1 if sound.length > LONGEST_FILE.total_seconds() * SECOND else min(MAX_MEASURED_PARTS, len(offsets))
    )
    for place in range(most):
        yield _part(content, sound, offsets[place * len(offsets) // most], sound.past)


def _offsets(sound: UncompressedSound, first: int, past: int) -> range:
    return range(first, past - sound.block + 1, PART_BYTES // sound.block * sound.block)


def _part(content: Content, sound: UncompressedSound, offset: int, past: int) -> bytes:
    length = min(PART_BYTES, past - offset) // sound.block * sound.block
    return sound.as_wav(content.read(offset, length))


def _plain(head: WavHead) -> UncompressedSound | None:
    form, first, past = head.form, head.first, head.past
    if len(form) < _FORM.size:
        return None
    kind, sides, rate, _, block, bits = _FORM.unpack_from(form)
    if kind == _EXTENSIBLE and len(form) >= 26:
        kind = int.from_bytes(form[24:26], "little")
    fits = bits in _PLAIN.get(kind, ()) and sides in {1, 2} and block == sides * bits // 8
    fits = fits and LOWEST_RATE <= rate <= HIGHEST_RATE
    return UncompressedSound(form, first, past, block, rate) if fits and past - first >= block else None
