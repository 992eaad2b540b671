"""Negotiate media with a caller (RFC 3264): one G.711 line with DTMF."""

import struct
from dataclasses import dataclass, replace

from rejent.streams.calls.announcing.destination import SignallingPeers, destination_of
from rejent.streams.calls.receiving.siprec.sdp import Description, Direction, Format, Media
from rejent.streams.calls.receiving.siprec.sdp_answer import AnsweredMedia, Ports, write_answer

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
"""Our own offer, without a port."""


@dataclass(frozen=True, slots=True)
class NegotiatedMedia:
    """Negotiated media: codec, payload types, the caller's address and the direction of our answer.

    ``elsewhere``: that is not the source of its signalling. ``held``: the caller does not listen now.
    """

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
