"""Classify frames of a mirror port: media to its party, signalling to its reader.

Frames of known calls take a fast path: a few comparisons and one look-up.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from rejent.kernel.numbers import read_number
from rejent.streams.calls.network.sip.header_values import MAX_PARAMETERS
from rejent.streams.calls.network.sip.message import MAX_MESSAGE, Message, SipError, full_name, read_message
from rejent.streams.calls.receiving.mirror.frames import (
    TCP,
    UDP,
    Packet,
    Reassembly,
    read_datagram,
    read_frame,
    read_segment,
)
from rejent.streams.calls.receiving.mirror.routes import Route, Routes
from rejent.streams.calls.receiving.mirror.tcp_streams import TcpStreams

_NEEDED = frozenset(
    {
        "Via", "From", "To", "Call-ID", "CSeq", "Contact", "Content-Type", "Session-Expires", "Privacy",
        "P-Asserted-Identity", "P-Preferred-Identity", "P-Called-Party-ID", "Remote-Party-ID", "Diversion", "History-Info",
    }
)  # fmt: skip
_BY_NAME = {name.lower(): name for name in _NEEDED}
_MAX_LINES = 8
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_FOLDED = re.compile(rb"\r?\n[ \t]+")
_TAG = re.compile(r";\s*tag\s*=\s*([^;,>\s]{1,256})", re.IGNORECASE)
_SIP = re.compile(rb"\s*(?:[A-Za-z]{3,32} \S+ SIP/|SIP/2\.0 [1-6]\d\d)")
_INVITING = re.compile(rb"^(?:INVITE[ \t]|CSeq[ \t]*:[ \t]*\d+[ \t]+INVITE)", re.IGNORECASE | re.MULTILINE)


def read_leniently(content: bytes) -> Message:
    """Parse a message, reduced to the needed fields where it exceeds our limits; SipError where that is not possible."""
    try:
        message = read_message(content)
    except SipError:
        message = read_message(_thinned(content))
    else:
        if any((message.headers.get(name) or "").count(";") >= MAX_PARAMETERS for name in ("From", "To")):
            message = read_message(_thinned(content))
    return replace(message, raw=content)


def invites(content: bytes) -> bool:
    """Return True if an unreadable message belongs to an INVITE."""
    return _INVITING.search(content) is not None


def _thinned(content: bytes) -> bytes:
    """Return a message reduced to the needed fields; what follows its head is the body."""
    text = content[:MAX_MESSAGE].lstrip(b"\r\n")
    end = _HEAD_END.search(text)
    if end is None:
        return content
    first, _, rest = _FOLDED.sub(b" ", text[: end.start()]).partition(b"\n")
    kept: dict[str, list[str]] = {}
    length = ""
    for line in rest.split(b"\n"):
        name, _, value = line.decode("utf-8", "surrogateescape").partition(":")
        full = full_name(name.strip())
        if full.lower() == "content-length" and not length:
            length = value.strip()
        known = _BY_NAME.get(full.lower())
        if known is not None and len(kept.setdefault(known, [])) < _MAX_LINES:
            kept[known].append(_plain(value.strip()) if known in {"From", "To"} else value.strip())
    body = text[end.end() :]
    body = body[: read_number(length, most=len(body))]
    head = "".join(f"{name}: {value}\r\n" for name, values in kept.items() for value in values)
    return first.rstrip(b"\r") + b"\r\n" + head.encode("utf-8", "surrogateescape") + b"\r\n" + body


def _plain(written: str) -> str:
    """Return an address with only its tag, where it has too many parameters."""
    if written.count(";") < MAX_PARAMETERS:
        return written
    address, bracket, parameters = written.rpartition(">")
    if bracket:
        shown, _, uri = address.rpartition("<")
        address = f"{shown}<{uri.partition(';')[0]}>"
    else:
        address, _, parameters = parameters.partition(";")
    tag = _TAG.search(f";{parameters}")
    return f"{address};tag={tag[1]}" if tag else address


_PLAIN = b"\x08\x00\x45"
_HEADS = 42
_UNSEEN = Route.__new__(Route)


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
            if _SIP.match(content):
                self._on_unread(at, invites(content))
            return
        self._on_sip(SipSeen(message, packet.source, packet.destination, at))
