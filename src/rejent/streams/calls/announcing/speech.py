"""What is agreed with a caller on speech (RFC 3264): one line of G.711, its keys, and where it goes."""

import struct
from dataclasses import dataclass, replace

from rejent.streams.calls.announcing.aim import Reached, ear
from rejent.streams.calls.siprec.sdp import Description, Direction, Format, Media
from rejent.streams.calls.siprec.sdp_answer import AnsweredMedia, Ports, write_answer

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
"""What we offer to a caller that wants our offer, before it has a port."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was agreed.

    Attributes:
        place: which media line it is, from 0.
        coding: ``PCMA`` or ``PCMU``.
        payload_type: of the coding.
        events: payload type of telephone events; None where they are not agreed on.
        host, port: where the caller receives.
        elsewhere: that is not where its signalling comes from.
        held: the caller does not listen now.
        direction: what we answer.
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


def agreed(description: Description, reached: Reached) -> Agreed | None:
    """What we take of an offer or an answer; None where it holds no plain G.711, or none that we may send.

    Args:
        description: what the caller wrote.
        reached: how its signalling goes.
    """
    for place, media in enumerate(description.media):
        plain = media.kind == "audio" and media.protocol.upper() in {"RTP/AVP", "RTP/AVPF"}
        coding = _first(media, *CODINGS)
        listens = ear(media.host, reached) if plain and media.port else None
        if coding is not None and listens is not None:
            events = _first(media, _EVENTS)
            held = listens.held or media.direction in {Direction.SENDONLY, Direction.INACTIVE}
            return Agreed(
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


def write_agreed(offer: Description, taken: Agreed, session: str, version: int, ports: Ports) -> bytes:
    """Our answer: the line we take, and every other one without a port."""
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
    """Our own offer."""
    line = AnsweredMedia(replace(OWN_OFFER, port=ports.rtp, packet_time="20"), ports, Direction.SENDRECV)
    return write_answer(session, version, ports.host, [line])


def _first(media: Media, *names: str) -> Format | None:
    return next((one for one in media.formats if one.name in names and one.clock_rate == 8000), None)


@dataclass(slots=True)
class Packets:
    """The packets of one sender (RFC 3550 §5.1).

    Attributes:
        source: its SSRC.
        sequence, stamp: of the next packet; both begin where nobody can guess.
        fresh: the next packet begins a talk spurt.
    """

    source: int
    sequence: int
    stamp: int
    fresh: bool = True

    def packet(self, payload_type: int, payload: bytes) -> bytes:
        """The next packet."""
        marked = payload_type | (0x80 if self.fresh else 0)
        head = struct.pack(
            ">BBHII", 0x80, marked, self.sequence & 0xFFFF, self.stamp & 0xFFFFFFFF, self.source
        )
        self.sequence, self.stamp, self.fresh = self.sequence + 1, self.stamp + len(payload), False
        return head + payload
