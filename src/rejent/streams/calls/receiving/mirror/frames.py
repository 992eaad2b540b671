"""Parse Ethernet frames and IP packets (IEEE 802.3, 802.1Q, 802.1ad, RFC 791, 8200, 768, 9293); malformed ones are ignored."""

import struct
from dataclasses import dataclass, field
from typing import NamedTuple

from rejent.formats.rtp.account import SECOND

IPV4, IPV6 = 0x0800, 0x86DD
TCP, UDP = 6, 17
_TAGS = frozenset({0x8100, 0x88A8, 0x9100})
MAX_TAGS = 4
_ETHERNET = 14
_HOP_BY_HOP, _ROUTING, _FRAGMENT, _AUTHENTICATION, _NOTHING, _DESTINATION = 0, 43, 44, 51, 59, 60
_EXTENSIONS = frozenset({_HOP_BY_HOP, _ROUTING, _AUTHENTICATION, _DESTINATION})
MAX_EXTENSIONS = 8
_UDP_HEAD = struct.Struct(">HHHH")
_TCP_HEAD = struct.Struct(">HHIIBB")
FIN, SYN, RST = 1, 2, 4


class FragmentInfo(NamedTuple):
    """Position of an IP fragment; ``of`` identifies its packet: addresses, protocol and identification."""

    of: bytes
    offset: int
    more: bool


class Packet(NamedTuple):
    """An IP packet, or a fragment with its position; addresses in network format."""

    source: bytes
    destination: bytes
    protocol: int
    payload: bytes
    piece: FragmentInfo | None = None


class Datagram(NamedTuple):
    """A UDP datagram between endpoints: address and port in network format."""

    source: bytes
    destination: bytes
    payload: bytes


class Segment(NamedTuple):
    """A TCP segment between endpoints."""

    source: bytes
    destination: bytes
    sequence: int
    flags: int
    payload: bytes


def read_frame(frame: bytes) -> Packet | None:
    """Return the IP packet of a frame, VLAN tags skipped; None where malformed."""
    at = _ETHERNET
    for _ in range(MAX_TAGS + 1):
        kind = int.from_bytes(frame[at - 2 : at], "big")
        if kind not in _TAGS:
            break
        at += 4
    if kind == IPV4:
        return _ipv4(frame, at)
    return _ipv6(frame, at) if kind == IPV6 else None


def read_datagram(packet: Packet) -> Datagram | None:
    """Return the datagram of a UDP packet; None where truncated."""
    payload = packet.payload
    if packet.protocol != UDP or len(payload) < _UDP_HEAD.size:
        return None
    length = int.from_bytes(payload[4:6], "big")
    if not _UDP_HEAD.size <= length <= len(payload):
        return None
    source, destination = packet.source + payload[:2], packet.destination + payload[2:4]
    return Datagram(source, destination, payload[_UDP_HEAD.size : length])


def read_segment(packet: Packet) -> Segment | None:
    """Return the segment of a TCP packet; None where truncated."""
    payload = packet.payload
    if packet.protocol != TCP or len(payload) < 20:
        return None
    _, _, sequence, _, words, flags = _TCP_HEAD.unpack_from(payload)
    begin = (words >> 4) * 4
    if not 20 <= begin <= len(payload):
        return None
    source, destination = packet.source + payload[:2], packet.destination + payload[2:4]
    return Segment(source, destination, sequence, flags, payload[begin:])


def _ipv4(frame: bytes, at: int) -> Packet | None:
    if len(frame) < at + 20 or frame[at] >> 4 != 4:
        return None
    head, total = (frame[at] & 0x0F) * 4, int.from_bytes(frame[at + 2 : at + 4], "big")
    if not 20 <= head <= total or len(frame) < at + total:
        return None
    source, destination, protocol = frame[at + 12 : at + 16], frame[at + 16 : at + 20], frame[at + 9]
    place = int.from_bytes(frame[at + 6 : at + 8], "big")
    offset, more = (place & 0x1FFF) * 8, bool(place & 0x2000)
    piece = None
    if offset or more:
        of = source + destination + frame[at + 9 : at + 10] + frame[at + 4 : at + 6]
        piece = FragmentInfo(of, offset, more)
    return Packet(source, destination, protocol, frame[at + head : at + total], piece)


def _ipv6(frame: bytes, at: int) -> Packet | None:
    if len(frame) < at + 40 or frame[at] >> 4 != 6:
        return None
    end = at + 40 + int.from_bytes(frame[at + 4 : at + 6], "big")
    if len(frame) < end:
        return None
    source, destination, following = frame[at + 8 : at + 24], frame[at + 24 : at + 40], frame[at + 6]
    begin = at + 40
    for _ in range(MAX_EXTENSIONS):
        if following == _FRAGMENT and begin + 8 <= end:
            place = int.from_bytes(frame[begin + 2 : begin + 4], "big")
            piece = FragmentInfo(
                source + destination + frame[begin + 4 : begin + 8], place & 0xFFF8, bool(place & 1)
            )
            return Packet(source, destination, frame[begin], frame[begin + 8 : end], piece)
        if following not in _EXTENSIONS or begin + 8 > end:
            break
        words = frame[begin + 1]
        length = (words + 2) * 4 if following == _AUTHENTICATION else (words + 1) * 8
        following, begin = frame[begin], begin + length
    if begin > end or following in _EXTENSIONS or following in {_FRAGMENT, _NOTHING}:
        return None
    return Packet(source, destination, following, frame[begin:end])


REASSEMBLY_TIMEOUT = 15 * SECOND
MAX_PACKETS = 512
"""Incomplete packets tracked; the oldest is dropped first."""
MAX_FRAGMENTS = 64
"""Fragments per packet: 64 KiB over links of 1 280 bytes."""
MAX_PACKET = 65_535


@dataclass(slots=True)
class _Unfinished:
    since: int
    pieces: dict[int, bytes] = field(default_factory=dict)
    total: int = -1


class Reassembly:
    """Reassembles packets; ``lost`` counts those that stayed incomplete or were inconsistent."""

    def __init__(self) -> None:
        self._unfinished: dict[bytes, _Unfinished] = {}
        self.lost = 0

    def take(self, packet: Packet, now: int) -> Packet | None:
        """Take a fragment; return the packet once complete."""
        piece = packet.piece
        if piece is None:
            return packet
        self._forget(now)
        known = self._unfinished.get(piece.of)
        if known is None:
            if len(self._unfinished) >= MAX_PACKETS:
                self._drop(next(iter(self._unfinished)))
            known = self._unfinished[piece.of] = _Unfinished(now)
        end = piece.offset + len(packet.payload)
        if not self._fits(known, piece.offset, packet.payload, last=not piece.more):
            self._drop(piece.of)
            return None
        known.pieces[piece.offset] = packet.payload
        if not piece.more:
            known.total = end
        if known.total < 0 or sum(map(len, known.pieces.values())) < known.total:
            return None
        del self._unfinished[piece.of]
        content = b"".join(content for _, content in sorted(known.pieces.items()))
        first = Packet(packet.source, packet.destination, packet.protocol, content)
        return first if len(content) == known.total else None

    @staticmethod
    def _fits(known: _Unfinished, offset: int, content: bytes, *, last: bool) -> bool:
        """Return True unless a fragment overlaps another (RFC 5722) or exceeds the end; an exact copy fits."""
        end = offset + len(content)
        if not content or end > MAX_PACKET or (not last and len(content) % 8):
            return False
        if known.pieces.get(offset) == content:
            return not last or known.total in {-1, end}
        if len(known.pieces) >= MAX_FRAGMENTS or (known.total >= 0 and (last or end > known.total)):
            return False
        if last and any(begin + len(other) > end for begin, other in known.pieces.items()):
            return False
        return not any(begin < end and offset < begin + len(other) for begin, other in known.pieces.items())

    def _forget(self, now: int) -> None:
        while self._unfinished:
            oldest = next(iter(self._unfinished))
            if now - self._unfinished[oldest].since < REASSEMBLY_TIMEOUT:
                return
            self._drop(oldest)

    def _drop(self, of: bytes) -> None:
        del self._unfinished[of]
        self.lost += 1
