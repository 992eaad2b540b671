"""Compact storage of RTP headers and arrivals, and lossless reconstruction of every datagram.

A row is a packet and its regular successors: next sequence number, constant timestamp step, same length, no
marker. Others begin a new row.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from rejent.formats.rtp.account import SECOND
from rejent.formats.rtp.packet import HEADER

MAX_ROW = 0xFFFF
INLINE = 0
"""Track number of rows that contain their payload: events, other senders, duplicates, no RTP."""
_ROW = struct.Struct(">BBHHHIQ")
_HEAD = struct.Struct(">BBHII")


class Packet(NamedTuple):
    """A datagram of a leg and its arrival: ns since 1970, steady UTC."""

    leg: int
    arrival: int
    datagram: bytes


@dataclass(slots=True)
class Row:
    """Consecutive packets of a leg: head of the first datagram, length of each payload with padding, and all payloads joined.

    ``arrival`` is the first's, in ns since 1970; ``step`` ticks lie between timestamps, ``later`` ns between arrivals.
    """

    leg: int
    track: int
    head: bytes
    length: int
    arrival: int
    payload: bytearray
    step: int = 0
    later: list[int] = field(default_factory=list)
    last: int = 0
    """Arrival of the last packet."""

    def __len__(self) -> int:
        return len(self.later) + 1

    def second_fits(self, datagram: bytes, arrival: int) -> bool:
        """Return True if a datagram continues the row as its second, and set the step."""
        if len(self.head) != HEADER or len(datagram) != HEADER + self.length or self.track == INLINE:
            return False
        flags, kind, sequence, timestamp, ssrc = _HEAD.unpack_from(self.head)
        as_it_should_be = (0x80, kind & 0x7F, sequence + 1 & 0xFFFF, ssrc)
        flags_after, kind_after, sequence_after, timestamp_after, ssrc_after = _HEAD.unpack_from(datagram)
        if flags != 0x80 or as_it_should_be != (flags_after, kind_after, sequence_after, ssrc_after):
            return False
        self.step = timestamp_after - timestamp & 0xFFFFFFFF
        return 0 <= arrival - self.arrival < SECOND

    def follow(self, datagram: bytes, arrival: int) -> None:
        """Append a packet known to continue the row."""
        self.later.append(arrival - self.last)
        self.last = arrival
        self.payload += datagram[HEADER:]

    def encoded(self) -> bytes:
        """Encode the row, with its payload only if `INLINE`."""
        count = len(self.later) + 1
        fixed = _ROW.pack(self.leg, self.track, count, len(self.head), self.length, self.step, self.arrival)
        payload = bytes(self.payload) if self.track == INLINE else b""
        return fixed + self.head + struct.pack(f">{count - 1}I", *self.later) + payload


def begin_row(leg: int, track: int, datagram: bytes, arrival: int, begin: int) -> Row:
    """Return a row that begins with a datagram whose payload starts at ``begin``."""
    return Row(
        leg,
        track,
        datagram[:begin],
        len(datagram) - begin,
        arrival,
        bytearray(datagram[begin:]),
        last=arrival,
    )


def read_packets(encoded: bytes, payloads: dict[int, bytes]) -> Iterator[Packet]:
    """Yield every datagram of encoded rows, possibly truncated, with payloads from the cluster's joined track contents."""
    position, taken = 0, dict.fromkeys(payloads, 0)
    while position + _ROW.size <= len(encoded):
        leg, track, count, head_length, length, step, arrival = _ROW.unpack_from(encoded, position)
        at = position + _ROW.size
        later_at = at + head_length
        position = later_at + 4 * (count - 1)
        inline = track == INLINE
        source, begin = (encoded, position) if inline else (payloads.get(track, b""), taken.get(track, 0))
        stop = begin + count * length
        if not count or position > len(encoded) or stop > len(source):
            return
        if inline:
            position = stop
        else:
            taken[track] = stop
        head = encoded[at:later_at]
        for place in range(count):
            if place:
                arrival += struct.unpack_from(">I", encoded, later_at + 4 * (place - 1))[0]
                if place == 1 and len(head) < HEADER:
                    return
                head = _next_head(head, step)
            yield Packet(leg, arrival, head + source[begin : begin + length])
            begin += length


def _next_head(head: bytes, step: int) -> bytes:
    flags, kind, sequence, timestamp, ssrc = _HEAD.unpack_from(head)
    return _HEAD.pack(flags, kind & 0x7F, sequence + 1 & 0xFFFF, timestamp + step & 0xFFFFFFFF, ssrc)
