"""Rows of packets: heads and arrivals of many packets in little room, and every datagram out of them again, bit by bit.

A row is a packet and those after it whose heads differ from its own as they must: sequence number one on, time stamp one
step on, the same length, no marker. What does not continue a row begins one.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from rejent.formats.rtp.account import SECOND
from rejent.formats.rtp.packet import HEADER

LONGEST = 0xFFFF
"""Packets of a row."""
INLINE = 0
"""Said instead of a track where the payload stands in the row itself: events, strays, what came twice, no RTP."""
_ROW = struct.Struct(">BBHHHIQ")
_HEAD = struct.Struct(">BBHII")


class Packet(NamedTuple):
    """A datagram of a leg as it came, and when: ns since 1970, steady UTC."""

    leg: int
    arrival: int
    datagram: bytes


@dataclass(slots=True)
class Row:
    """Packets that follow from the first one.

    Attributes:
        leg: whose, counted from 0.
        track: where the payload stands.
        head: of the first datagram, up to its payload.
        length: bytes of each payload, padding included.
        arrival: of the first, ns since 1970.
        payload: of all, joined.
        step: ticks from one time stamp to the next.
        later: ns from each arrival to the next.
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
    """The arrival of the last."""

    def __len__(self) -> int:
        return len(self.later) + 1

    def second_fits(self, datagram: bytes, arrival: int) -> bool:
        """Whether a datagram may be the second of the row; from then on its step is settled."""
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
        """The next packet, of which the caller knows that it continues the row."""
        self.later.append(arrival - self.last)
        self.last = arrival
        self.payload += datagram[HEADER:]

    def encoded(self) -> bytes:
        """The row as it stands in the file; its payload only where it stands nowhere else."""
        count = len(self.later) + 1
        fixed = _ROW.pack(self.leg, self.track, count, len(self.head), self.length, self.step, self.arrival)
        payload = bytes(self.payload) if self.track == INLINE else b""
        return fixed + self.head + struct.pack(f">{count - 1}I", *self.later) + payload


def begun(leg: int, track: int, datagram: bytes, arrival: int, begin: int) -> Row:
    """A row that begins with a datagram whose payload stands from ``begin`` on."""
    return Row(
        leg,
        track,
        datagram[:begin],
        len(datagram) - begin,
        arrival,
        bytearray(datagram[begin:]),
        last=arrival,
    )


def packets_of(encoded: bytes, payloads: dict[int, bytes]) -> Iterator[Packet]:
    """Every datagram of the rows, in the order in which the rows were begun.

    Args:
        encoded: rows, one after the other; ends early where it is cut short.
        payloads: what the tracks of the same cluster hold, joined.
    """
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
