"""Classify frames of a mirror port: media to its party, signalling to its reader.

Frames of known calls take a fast path: a few comparisons and one look-up.
"""

from collections.abc import Callable
from typing import NamedTuple

from rejent.streams.calls.network.sip.errors import SipError
from rejent.streams.calls.network.sip.message import Message
from rejent.streams.calls.receiving.mirror.fragments import Reassembly
from rejent.streams.calls.receiving.mirror.frames import (
    TCP,
    UDP,
    Packet,
    read_datagram,
    read_frame,
    read_segment,
)
from rejent.streams.calls.receiving.mirror.lenient_reader import invites, is_sip, read_leniently
from rejent.streams.calls.receiving.mirror.routes import Route, Routes
from rejent.streams.calls.receiving.mirror.tcp_streams import TcpStreams

_PLAIN = b"\x08\x00\x45"
"""EtherType and first byte of plain IPv4, without tags and options."""
_HEADS = 42
"""Bytes of headers in a plain frame."""
_UNSEEN = Route.__new__(Route)
"""Marks a pair of endpoints that is not cached."""


class SipSeen(NamedTuple):
    """A SIP message between two hosts; addresses in network format."""

    message: Message
    source: bytes
    destination: bytes
    at: int


class FrameClassifier:
    """Dispatches frames. ``on_unread`` is called for an unreadable message, with its arrival and if it may open a call."""

    def __init__(
        self,
        routes: Routes,
        sip_ports: frozenset[int],
        on_sip: Callable[[SipSeen], None],
        on_unread: Callable[[int, bool], None],
    ) -> None:
        self._known, self._routes, self._on_sip = routes.known, routes, on_sip
        self._on_unread = on_unread
        self._sip = frozenset(port.to_bytes(2, "big") for port in sip_ports)
        self.fragments, self.connections = Reassembly(), TcpStreams()

    def take(self, frame: bytes, at: int) -> None:
        """Process a frame that arrived at an instant in ns of steady time."""
        if frame[12:15] == _PLAIN and frame[23:24] == b"\x11" and not (frame[20] & 0x3F or frame[21]):
            route = self._known.get(frame[26:38], _UNSEEN)
            if route is None:
                return
            if route is not _UNSEEN and len(frame) >= _HEADS:
                end = 34 + (frame[38] << 8 | frame[39])
                if not _HEADS <= end <= len(frame):
                    return
                if route.control:
                    route.party.take_report(route, frame[_HEADS:end], at)
                else:
                    route.party.take(route, frame[_HEADS:end], at)
                return
        packet = read_frame(frame)
        if packet is not None and packet.piece is not None:
            packet = self.fragments.take(packet, at)
        if packet is not None:
            self._take_packet(packet, at)

    def _take_packet(self, packet: Packet, at: int) -> None:
        if packet.protocol == UDP:
            self._take_datagram(packet, at)
        elif packet.protocol == TCP:
            segment = read_segment(packet)
            if segment is not None and not self._sip.isdisjoint(
                (segment.source[-2:], segment.destination[-2:])
            ):
                for content in self.connections.take(segment, at):
                    self._read(content, packet, at)

    def _take_datagram(self, packet: Packet, at: int) -> None:
        datagram = read_datagram(packet)
        if datagram is None:
            return
        source, destination = datagram.source, datagram.destination
        if not self._sip.isdisjoint((source[-2:], destination[-2:])):
            self._read(datagram.payload, packet, at)
            return
        pair = packet.source + packet.destination + source[-2:] + destination[-2:]
        route = self._known.get(pair, _UNSEEN)
        if route is _UNSEEN:
            route = self._routes.look(pair, source, destination)
        if route is not None:
            route.take(datagram.payload, at)

    def _read(self, content: bytes, packet: Packet, at: int) -> None:
        if not content.strip(b"\r\n\0"):
            return
        try:
            message = read_leniently(content)
        except SipError:
            if is_sip(content):
                self._on_unread(at, invites(content))
            return
        self._on_sip(SipSeen(message, packet.source, packet.destination, at))
