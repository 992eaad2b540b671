"""Negotiate media with a caller (RFC 3264): one G.711 line with DTMF."""

import struct
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address, ip_address

from rejent.streams.calls.receiving.siprec.allowed_callers import plain_address
from rejent.streams.calls.receiving.siprec.sdp import (
    AnsweredMedia,
    Description,
    Direction,
    Format,
    Media,
    Ports,
    write_answer,
)


@dataclass(frozen=True, slots=True)
class SignallingPeers:
    """Addresses of the signalling: the source of the caller's messages, and our own."""

    caller: str
    own: str


@dataclass(frozen=True, slots=True)
class Destination:
    """Address to which speech goes, unspecified for RFC 2543 hold; ``elsewhere`` where it is not the source of signalling."""

    host: str
    elsewhere: bool

    @property
    def held(self) -> bool:
        """True if nobody listens now."""
        return ip_address(self.host).is_unspecified


def destination_of(written: str, reached: SignallingPeers) -> Destination | None:
    """Return the destination of speech; None for a name, a multicast address, ourselves or another address family."""
    try:
        address = ip_address(written) if written else plain_address(reached.caller)
        address = getattr(address, "ipv4_mapped", None) or address
        caller, own = plain_address(reached.caller), plain_address(reached.own)
    except ValueError:
        return None
    if address.is_unspecified:
        return Destination(str(address), elsewhere=False)
    ourselves = _is_ours(address, own) and not _is_ours(caller, own)
    scoped = isinstance(address, IPv6Address) and address.scope_id is not None
    if address.version != own.version or scoped or ourselves or _is_of_many(address):
        return None
    return Destination(str(address), elsewhere=address != caller)


def _is_ours(address: IPv4Address | IPv6Address, own: IPv4Address | IPv6Address) -> bool:
    return address.is_loopback or address == own


def _is_of_many(address: IPv4Address | IPv6Address) -> bool:
    """Return True for multicast and reserved IPv4 with broadcast; the kernel rejects subnet broadcasts."""
    return address.is_multicast or (address.version == 4 and address.is_reserved)


CODINGS = ("PCMA", "PCMU")
_EVENTS = "TELEPHONE-EVENT"
_ANSWERS = {
    Direction.SENDRECV: Direction.SENDRECV,
    Direction.RECVONLY: Direction.SENDONLY,
    Direction.SENDONLY: Direction.RECVONLY,
    Direction.INACTIVE: Direction.INACTIVE,
}
_OFFERED = (Format(8, "PCMA", 8000), Format(0, "PCMU", 8000), Format(101, _EVENTS, 8000, 1, "0-15"))
OWN_OFFER = Media("audio", 0, "RTP/AVP", tuple(str(one.payload_type) for one in _OFFERED), formats=_OFFERED)


@dataclass(frozen=True, slots=True)
class NegotiatedMedia:
    """Negotiated media, and the direction of our answer; ``held``: the caller does not listen now."""

    place: int
    coding: str
    payload_type: int
    events: int | None
    host: str
    port: int
    elsewhere: bool
    held: bool
    direction: Direction


def negotiate_media(description: Description, reached: SignallingPeers) -> NegotiatedMedia | None:
    """Return the media of an offer or answer; None without plain G.711 to a permitted destination."""
    for place, media in enumerate(description.media):
        plain = media.kind == "audio" and media.protocol.upper() in {"RTP/AVP", "RTP/AVPF"}
        coding = _first(media, *CODINGS)
        listens = destination_of(media.host, reached) if plain and media.port else None
        if coding is not None and listens is not None:
            events = _first(media, _EVENTS)
            held = listens.held or media.direction in {Direction.SENDONLY, Direction.INACTIVE}
            return NegotiatedMedia(
                place,
                coding.name,
                coding.payload_type,
                events.payload_type if events else None,
                listens.host,
                media.port,
                listens.elsewhere,
                held,
                _ANSWERS[media.direction],
            )
    return None


def write_negotiated(
    offer: Description, taken: NegotiatedMedia, session: str, version: int, ports: Ports
) -> bytes:
    """Return our answer: one accepted line, all others rejected."""
    lines = []
    for place, media in enumerate(offer.media):
        if place != taken.place:
            lines.append(AnsweredMedia(media))
            continue
        chosen = [one for one in media.formats if one.payload_type in {taken.payload_type, taken.events}]
        lines.append(
            AnsweredMedia(
                replace(media, formats=tuple(chosen), mux=False, label="", packet_time="20"),
                ports,
                taken.direction,
            )
        )
    return write_answer(session, version, ports.host, lines)


def write_own(session: str, version: int, ports: Ports) -> bytes:
    """Return our own offer."""
    line = AnsweredMedia(replace(OWN_OFFER, port=ports.rtp, packet_time="20"), ports, Direction.SENDRECV)
    return write_answer(session, version, ports.host, [line])


def _first(media: Media, *names: str) -> Format | None:
    return next((one for one in media.formats if one.name in names and one.clock_rate == 8000), None)


@dataclass(slots=True)
class RtpPackets:
    """Makes the packets of one sender (RFC 3550 §5.1); ``fresh`` where the next one starts a talk spurt."""

    source: int
    sequence: int
    stamp: int
    fresh: bool = True

    def packet(self, payload_type: int, payload: bytes) -> bytes:
        """Return the next packet."""
        marked = payload_type | (0x80 if self.fresh else 0)
        head = struct.pack(
            ">BBHII", 0x80, marked, self.sequence & 0xFFFF, self.stamp & 0xFFFFFFFF, self.source
        )
        self.sequence, self.stamp, self.fresh = self.sequence + 1, self.stamp + len(payload), False
        return head + payload
