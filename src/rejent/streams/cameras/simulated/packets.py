"""RTP packets of coded pictures, as cameras build them (RFC 6184, RFC 7798)."""

import struct

from rejent.formats.mp4.picture import Codec

PAYLOAD = 1_400
"""Largest payload of a packet, in bytes."""


def payloads(
    codec: Codec, units: tuple[bytes, ...], size: int = PAYLOAD, *, aggregate: bool = False
) -> list[bytes]:
    """Return the payloads of one picture; with `aggregate`, small neighbours share one."""
    made: list[bytes] = []
    small: list[bytes] = []
    for unit in units:
        if aggregate and len(unit) + 2 + sum(len(other) + 2 for other in small) <= size - 2:
            small.append(unit)
            continue
        made += _aggregated(codec, small)
        small = []
        made += [unit] if len(unit) <= size else _fragments(codec, unit, size)
    return made + _aggregated(codec, small)


def _aggregated(codec: Codec, units: list[bytes]) -> list[bytes]:
    if len(units) < 2:
        return units
    head = bytes((max(unit[0] & 0x60 for unit in units) | 24,)) if codec is Codec.H264 else b"\x60\x01"
    return [head + b"".join(struct.pack(">H", len(unit)) + unit for unit in units)]


def _fragments(codec: Codec, unit: bytes, size: int) -> list[bytes]:
    if codec is Codec.H264:
        head, kind, skip = bytes((unit[0] & 0xE0 | 28,)), unit[0] & 0x1F, 1
    else:
        head, kind, skip = bytes((unit[0] & 0x81 | 49 << 1, unit[1])), unit[0] >> 1 & 0x3F, 2
    room = size - len(head) - 1
    pieces = [unit[at : at + room] for at in range(skip, len(unit), room)]
    last = len(pieces) - 1
    return [
        head + bytes((kind | (0x80 if number == 0 else 0) | (0x40 if number == last else 0),)) + piece
        for number, piece in enumerate(pieces)
    ]


def packet(kind: int, sequence: int, timestamp: int, ssrc: int, payload: bytes, *, marker: bool) -> bytes:
    """Build one RTP packet."""
    mark = 0x80 if marker else 0
    return struct.pack(">BBHII", 0x80, mark | kind, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc) + payload


def interleaved(channel: int, content: bytes) -> bytes:
    """Frame a packet for the RTSP connection."""
    return struct.pack(">BBH", 0x24, channel, len(content)) + content


def sender_report(ssrc: int, wall: float, timestamp: int, packets: int, octets: int) -> bytes:
    """Build an RTCP sender report with a source description."""
    seconds = int(wall) + 2_208_988_800
    report = struct.pack(
        ">BBHIIIIII", 0x80, 200, 6, ssrc, seconds & 0xFFFFFFFF, int(wall % 1 * 2**32), timestamp & 0xFFFFFFFF,
        packets & 0xFFFFFFFF, octets & 0xFFFFFFFF,
    )  # fmt: skip
    return report + struct.pack(">BBHIBB", 0x81, 202, 2, ssrc, 1, 1) + b"c\0"
