"""Write the Matroska file of a call (RFC 9559): head and clusters."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from rejent.formats.matroska import ebml
from rejent.formats.matroska.rows import Row
from rejent.formats.matroska.tracks import BYTE_STREAMS, METADATA_TRACK, Track, track_entries
from rejent.formats.rtp.account import SECOND

TICK_RATE = 8000
"""Ticks per second of file times: one sample of G.711 each."""
TICK = SECOND // TICK_RATE
SEGMENT, INFO, TRACKS, CLUSTER = 0x18538067, 0x1549A966, 0x1654AE6B, 0x1F43B675
TIMESTAMP, SIMPLE_BLOCK, DATE, TITLE = 0xE7, 0xA3, 0x4461, 0x7BA9
MEDIA_TYPE = "audio/x-matroska"
_MILLENNIUM = 978_307_200 * SECOND
"""2001-01-01, the epoch of Matroska dates, in ns since 1970."""
_FARTHEST = 32_000
"""Limit of a block's 16-bit time relative to its cluster, in ticks."""
_EBML_HEAD = ebml.element(
    0x1A45DFA3,
    ebml.number(0x4286, 1)
    + ebml.number(0x42F7, 1)
    + ebml.number(0x42F2, 4)
    + ebml.number(0x42F3, 8)
    + ebml.text(0x4282, "matroska")
    + ebml.number(0x4287, 4)
    + ebml.number(0x4285, 2),
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A row of speech and its begin, in ns since 1970."""

    row: Row
    at: int


def file_head(start: int, tracks: Sequence[Track], title: str) -> bytes:
    """Return the head of a file that starts at ``start`` ns since 1970; the title holds the call's id and the object's number."""
    info = ebml.element(
        INFO,
        ebml.number(0x2AD7B1, TICK)
        + ebml.element(DATE, struct.pack(">q", start - _MILLENNIUM))
        + ebml.text(TITLE, title)
        + ebml.text(0x4D80, "rejent")
        + ebml.text(0x5741, "rejent"),
    )
    segment = SEGMENT.to_bytes(4, "big") + ebml.UNKNOWN_SIZE
    return _EBML_HEAD + segment + info + track_entries(tracks)


def start_of(date: bytes) -> int:
    """Decode a `DateUTC` element to ns since 1970."""
    return int.from_bytes(date, "big", signed=True) + _MILLENNIUM


def cluster(
    ticks: int, origin: int, placed: Sequence[Placed], tracks: Sequence[Track], margin: Sequence[bytes]
) -> bytes:
    """Return a cluster, ``ticks`` after ``origin`` (ns since 1970), of rows of speech and of the metadata track's blocks (``margin``)."""
    parts = [ebml.number(TIMESTAMP, ticks)]
    for each in placed:
        row, first = each.row, (each.at - origin) // TICK - ticks
        if tracks[row.track - 1].codec.name in BYTE_STREAMS:
            parts.append(_block(row.track, first, bytes(row.payload)))
            continue
        ticks_each = row.step * TICK_RATE // tracks[row.track - 1].codec.clock_rate
        for place in range(len(row)):
            piece = row.payload[place * row.length : (place + 1) * row.length]
            parts.append(_block(row.track, first + place * ticks_each, bytes(piece)))
    parts += [_block(METADATA_TRACK, 0, piece) for piece in margin]
    return ebml.element(CLUSTER, b"".join(parts))


def _block(track: int, ticks: int, content: bytes) -> bytes:
    near = max(-_FARTHEST, min(ticks, _FARTHEST))
    return ebml.element(SIMPLE_BLOCK, struct.pack(">BhB", 0x80 | track, near, 0x80) + content)
