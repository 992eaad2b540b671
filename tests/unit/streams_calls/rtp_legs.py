"""Packets of simulated parties, for tests of calls."""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime

from rejent.formats.rtp.account import SECOND

START = int(datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()) * SECOND
FRAME = SECOND // 50


def packet(
    sequence: int,
    timestamp: int,
    *,
    ssrc: int = 0xC0FFEE,
    kind: int = 8,
    payload: bytes = b"\xd5" * 160,
    marker: bool = False,
) -> bytes:
    """One RTP packet without extras."""
    head = struct.pack(">BBHII", 0x80, kind | marker << 7, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc)
    return head + payload


def speech(
    count: int, *, first: int = 65_500, start: int = START, ssrc: int = 0xC0FFEE, kind: int = 8
) -> Iterator[tuple[bytes, int]]:
    """So many packets of 20 ms, each with a payload of its own, and their arrivals."""
    for number in range(count):
        payload = bytes((number + place) & 0xFF for place in range(160))
        at = start + number * FRAME
        yield packet(first + number, 160 * (first + number), ssrc=ssrc, kind=kind, payload=payload), at
