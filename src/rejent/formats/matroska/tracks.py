"""Matroska tracks of telephony codecs (RFC 9559 and its codec mappings)."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rejent.formats.matroska import ebml
from rejent.formats.rtp.codecs import Codec

METADATA_TRACK = 126
"""Number of the track of headers, arrivals, messages and manifest."""
MAX_TRACKS = 100
_AUDIO, _METADATA = 2, 33
_WAVE_TAGS = {
    "PCMA": (0x0006, 8000, 1, 8),
    "PCMU": (0x0007, 8000, 1, 8),
    "G722": (0x028F, 16000, 1, 4),
    "G729": (0x0083, 8000, 10, 0),
}
"""Format tag, sample rate, block alignment and bits per sample of a WAVE header (RFC 2361)."""
BYTE_STREAMS = frozenset({"PCMA", "PCMU", "G722", "G729"})
"""Codecs whose packets may be joined in one block."""


@dataclass(frozen=True, slots=True)
class Track:
    """One codec of one leg: legs count from 0, tracks from 1."""

    number: int
    leg: int
    payload_type: int
    codec: Codec

    @property
    def kind(self) -> tuple[int, int, str, int, int]:
        """Leg, payload type and codec that share the track."""
        codec = self.codec
        return self.leg, self.payload_type, codec.name, codec.clock_rate, codec.channels

    @property
    def label(self) -> str:
        """Name shown by players."""
        return f"leg {self.leg + 1} {self.codec.name}"


def tracks_of(legs: Sequence[Mapping[int, Codec]]) -> list[Track]:
    """Return a track for each speech codec of each leg."""
    found: list[Track] = []
    for leg, codecs in enumerate(legs):
        for payload_type, codec in sorted(codecs.items()):
            if codec.is_speech and len(found) < MAX_TRACKS:
                found.append(Track(len(found) + 1, leg, payload_type, codec))
    return found


def track_entries(tracks: Sequence[Track]) -> bytes:
    """Return the `Tracks` element."""
    entries = [_audio_entry(track) for track in tracks]
    return ebml.element(0x1654AE6B, b"".join([*entries, _marginal_entry()]))


def _audio_entry(track: Track) -> bytes:
    name, private, rate = _coding(track.codec)
    sound = ebml.real(0xB5, rate) + ebml.number(0x9F, track.codec.channels)
    return ebml.element(
        0xAE,
        ebml.number(0xD7, track.number)
        + ebml.number(0x73C5, track.number)
        + ebml.number(0x83, _AUDIO)
        + ebml.number(0x9C, 0)
        + ebml.text(0x22B59C, "und")
        + ebml.text(0x536E, track.label)
        + ebml.text(0x86, name)
        + (ebml.element(0x63A2, private) if private else b"")
        + ebml.element(0xE1, sound),
    )


def _marginal_entry() -> bytes:
    return ebml.element(
        0xAE,
        ebml.number(0xD7, METADATA_TRACK)
        + ebml.number(0x73C5, METADATA_TRACK)
        + ebml.number(0x83, _METADATA)
        + ebml.number(0x88, 0)
        + ebml.number(0x9C, 0)
        + ebml.text(0x22B59C, "und")
        + ebml.text(0x536E, "packets and signalling")
        + ebml.text(0x86, "D_REJENT/CALL"),
    )


def _coding(codec: Codec) -> tuple[str, bytes, int]:
    if codec.name in _WAVE_TAGS:
        tag, rate, align, bits = _WAVE_TAGS[codec.name]
        speed = 1000 if codec.name == "G729" else 8000
        return "A_MS/ACM", struct.pack("<HHIIHHH", tag, codec.channels, rate, speed, align, bits, 0), rate
    if codec.name == "OPUS":
        head = b"OpusHead" + struct.pack("<BBHIhB", 1, codec.channels, 0, 48_000, 0, 0)
        return "A_OPUS", head, 48_000
    return f"A_RTP/{codec.name}", b"", codec.clock_rate


def codec_names(tracks: Sequence[Track]) -> str:
    """Return the codecs of an object, truncated for the catalogue."""
    return ",".join(dict.fromkeys(track.codec.name.lower() for track in tracks))[:40]
