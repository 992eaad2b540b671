"""WAV files of a call in memory: a leg as received or decoded, or both legs as stereo; gaps are silent, so times agree."""

import struct
from array import array
from collections.abc import Iterable
from dataclasses import dataclass

from rejent.formats.rtp.account import SECOND
from rejent.formats.sound import g711
from rejent.formats.sound.decoding import LegDecoder, Samples
from rejent.formats.sound.legs import CallSound, LegSound

NARROW, WIDE = 8000, 16_000
PCM_HEADER = 44
"""Bytes before the samples of a PCM file."""
MAX_SAMPLES = 24 * 3600 * WIDE
_WIDE_CODECS = {"G722", "OPUS", "AMR-WB"}
_TAGS = {"PCMA": 6, "PCMU": 7}


@dataclass(frozen=True, slots=True)
class Wav:
    """A WAV file; ``as_received`` if its samples are the payloads (format 6 or 7); ``undecoded`` codecs are silent in it."""

    content: bytes
    as_received: bool
    undecoded: tuple[str, ...] = ()


def leg_wav(sound: CallSound, leg: LegSound) -> Wav:
    """Return one leg; G.711 as received, anything else decoded to 16 bits."""
    names = {codec.name for codec in leg.codecs}
    if len(names) == 1 and names <= _TAGS.keys():
        (name,) = names
        return Wav(_file(_TAGS[name], 1, NARROW, 8, _as_received(sound, leg, name)), as_received=True)
    rate = _rate([leg])
    samples, undecoded = _decoded(sound, leg, rate)
    return Wav(_file(1, 1, rate, 16, samples), as_received=False, undecoded=undecoded)


def stereo_wav(sound: CallSound, rate: int = 0) -> Wav:
    """Return the first two legs decoded, one per channel; a mixed call on both. Raises ValueError: the call has no leg."""
    legs = sound.legs[:2]
    if not legs:
        raise ValueError("the call has no leg")
    rate = rate or _rate(legs)
    made = [_decoded(sound, leg, rate) for leg in legs]
    sides = [array("h", samples) for samples, _ in made]
    both = array("h", bytes(4 * len(sides[0])))
    both[0::2], both[1::2] = sides[0], sides[-1]
    undecoded = tuple(sorted({name for _, names in made for name in names}))
    return Wav(_file(1, 2, rate, 16, both.tobytes()), as_received=False, undecoded=undecoded)


def stereo_file(rate: int, samples: bytes, remark: str) -> bytes:
    """Return interleaved samples of 16 bits as a file that says a remark (RIFF, ``INFO`` list, ``ICMT``)."""
    return _file(1, 2, rate, 16, samples, remark=remark)


def _rate(legs: Iterable[LegSound]) -> int:
    wide = any(codec.name in _WIDE_CODECS for leg in legs for codec in leg.codecs)
    return WIDE if wide else NARROW


def _length(sound: CallSound, rate: int) -> int:
    length = -((sound.start - sound.end) * rate // SECOND)
    if length > MAX_SAMPLES:
        raise ValueError("the call is too long for one file")
    return length


def _as_received(sound: CallSound, leg: LegSound, name: str) -> bytes:
    content = bytearray([g711.SILENCE[name]]) * _length(sound, NARROW)
    pieces = [Samples(each.at, each.payload) for each in leg.payloads]
    _place(content, sound.start, pieces, NARROW, 1)
    return bytes(content)


def _decoded(sound: CallSound, leg: LegSound, rate: int) -> tuple[bytes, tuple[str, ...]]:
    content = bytearray(2 * _length(sound, rate))
    decoding = LegDecoder(rate)
    _place(content, sound.start, decoding.samples(leg.payloads), rate, 2)
    return bytes(content), tuple(sorted(decoding.undecoded))


def _place(content: bytearray, start: int, pieces: Iterable[Samples], rate: int, width: int) -> None:
    for piece in pieces:
        at = (piece.at - start + SECOND // (2 * rate)) * rate // SECOND * width
        part = piece.content[-at:] if at < 0 else piece.content
        at = max(at, 0)
        part = part[: max(len(content) - at, 0)]
        content[at : at + len(part)] = part


def _file(tag: int, channels: int, rate: int, bits: int, samples: bytes, *, remark: str = "") -> bytes:
    align = channels * bits // 8
    form = struct.pack("<HHIIHH", tag, channels, rate, rate * align, align, bits)
    chunks = [(b"fmt ", form if tag == 1 else form + bytes(2))]
    if tag != 1:
        chunks.append((b"fact", struct.pack("<I", len(samples) // align)))
    chunks.append((b"data", samples))
    if remark:
        chunks.append((b"LIST", b"INFO" + _chunk(b"ICMT", remark.encode() + b"\0")))
    body = b"".join(_chunk(name, chunk) for name, chunk in chunks)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
