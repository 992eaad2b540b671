"""RTP and RTCP over UDP: a pair of ports, re-ordering of packets, sending of receiver reports.

Packets are sorted by their numbers, those of another SSRC apart: they have numbers of their own. One that is missing counts as lost once a
packet behind it has waited `REORDER_WAIT`.
"""

import socket
import struct
from contextlib import suppress
from itertools import accumulate

from rejent.streams.cameras.errors import UnreachableError
from rejent.streams.cameras.network.rtsp.camera_stream import CameraStream
from rejent.streams.cameras.network.rtsp.receiver import PROBATION

RECEIVE_BUFFER = 2 * 1024 * 1024
"""Receive buffer requested from the kernel, in bytes; it grants what its limit allows."""
REORDER_WAIT = 0.05
"""Seconds that packets are held back while one before them is missing."""
MOST_HELD = 512
"""Packets held back while one is missing."""
_LARGEST = 65_536
"""Upper bound of a datagram in bytes: a longer one would be truncated silently."""
_MOST_A_TURN = 400
_ATTEMPTS = 32
_NUMBER_AND_SSRC = struct.Struct(">2xH4xI")


class DatagramPair:
    """The two sockets of one camera; other hosts' datagrams are dropped unread. UnreachableError: no pair is free."""

    def __init__(self, family: socket.AddressFamily, host: str) -> None:
        self._host = host
        self._media, self._control = _bound_pair(family)
        self.ports: tuple[int, int] = (self._media.getsockname()[1], self._control.getsockname()[1])
        self._ssrc = -1
        self._expected = -1
        self._behind = 0
        """Packets in a row that were late, or are of a stream that began anew: the receiver distinguishes them."""
        self._held: dict[int, tuple[bytes, float]] = {}
        """Packets behind a missing one, and when each arrived, by sequence number."""

    def read(self, stream: CameraStream, buffer: memoryview, now: float) -> None:
        """Read everything that has arrived."""
        self._read_control(stream, buffer, now)
        arrived, others = self._arrived(buffer)
        if self._held or arrived:
            self._hand_over(stream, buffer, arrived, now)
        for begin, end in others:
            stream.take_datagram(buffer, begin, end, now)
        if stream.ssrc != self._ssrc:
            if self._ssrc >= 0:
                self._expected, self._held = -1, {}
            self._ssrc = stream.ssrc
        if arrived or others:
            stream.settle()

    def send_control(self, packet: bytes, server_ports: tuple[int, int] | None) -> None:
        """Send a receiver report."""
        if packet and server_ports is not None:
            with suppress(OSError):
                self._control.sendto(packet, (self._host, server_ports[1]))

    def close(self) -> None:
        """Close both sockets."""
        self._media.close()
        self._control.close()

    def _arrived(self, buffer: memoryview) -> tuple[list[tuple[int, int, int]], list[tuple[int, int]]]:
        """Return number and place of each packet of the stream that is read, and the places of all others."""
        arrived: list[tuple[int, int, int]] = []
        others: list[tuple[int, int]] = []
        position = 0
        for _ in range(_MOST_A_TURN):
            if position + _LARGEST > len(buffer):
                break
            try:
                size, sender = self._media.recvfrom_into(buffer[position : position + _LARGEST])
            except (BlockingIOError, ConnectionError, InterruptedError):
                break
            if size >= 12 and sender[0] == self._host:
                number, ssrc = _NUMBER_AND_SSRC.unpack_from(buffer, position)
                if self._ssrc in {-1, ssrc}:
                    arrived.append((number, position, position + size))
                else:
                    others.append((position, position + size))
                position += size
        return arrived, others

    def _hand_over(
        self, stream: CameraStream, buffer: memoryview, arrived: list[tuple[int, int, int]], now: float
    ) -> None:
        """Hand packets over in order; hold those behind a missing one back while it may still come."""
        packets: dict[int, tuple[bytes | memoryview, float]] = {
            number: (buffer[begin:end], now) for number, begin, end in arrived
        }
        packets |= self._held
        if self._expected < 0:
            first = next(iter(packets))
            self._expected = min(packets, key=lambda number: (number - first + 0x8000) & 0xFFFF)
        in_order = sorted(packets, key=self._ahead)
        behind = [number for number in in_order if self._ahead(number) >= 0x8000]
        for number in behind:
            stream.take_datagram(memoryview(packets[number][0]), 0, len(packets[number][0]), now)
        in_order = in_order[: len(in_order) - len(behind)]
        self._behind = 0 if in_order else self._behind + len(behind)
        if self._behind >= PROBATION:
            self._expected, self._behind = -1, 0
        waiting_since = list(accumulate((packets[number][1] for number in reversed(in_order)), min))[::-1]
        self._held = {}
        for place, number in enumerate(in_order):
            packet, arrival = packets[number]
            if (
                number != self._expected
                and now - waiting_since[place] < REORDER_WAIT
                and len(in_order) - place < MOST_HELD
            ):
                self._held = {
                    later: (bytes(packets[later][0]), packets[later][1]) for later in in_order[place:]
                }
                break
            self._expected = (number + 1) & 0xFFFF
            stream.take_datagram(memoryview(packet), 0, len(packet), arrival)

    def _ahead(self, number: int) -> int:
        return (number - self._expected) & 0xFFFF

    def _read_control(self, stream: CameraStream, buffer: memoryview, now: float) -> None:
        for _ in range(8):
            try:
                size, sender = self._control.recvfrom_into(buffer[:_LARGEST])
            except (BlockingIOError, ConnectionError, InterruptedError):
                return
            if sender[0] == self._host:
                stream.control(buffer[:size], now)


def _bound_pair(family: socket.AddressFamily) -> tuple[socket.socket, socket.socket]:
    """Bind two sockets to an even port and the odd one above it (RFC 3550 §11)."""
    for _ in range(_ATTEMPTS):
        first = socket.socket(family, socket.SOCK_DGRAM)
        second = socket.socket(family, socket.SOCK_DGRAM)
        try:
            first.bind(("", 0))
            port = first.getsockname()[1]
            even = port - port % 2
            if even != port:
                first.close()
                first = socket.socket(family, socket.SOCK_DGRAM)
                first.bind(("", even))
            second.bind(("", even + 1))
        except OSError:
            first.close()
            second.close()
            continue
        first.setblocking(False)
        second.setblocking(False)
        with suppress(OSError):
            first.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        return first, second
    raise UnreachableError("No pair of ports for UDP is free.")
