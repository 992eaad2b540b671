"""Calls of a PBX that does not exist, handed over as an SBC does it (RFC 7866 §6): INVITE with metadata, two legs, BYE."""

import asyncio
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import quoteattr

from rejent.capture.calls.sip.message import Response, read_message
from rejent.capture.calls.sip.timers import LIFETIME, T1
from rejent.capture.calls.siprec.sdp import read_description
from rejent.kernel.clock import Clock

FRAME_S = 0.02
FRAME = 160
"""Samples, and bytes of A-law, in one packet."""
_PCMA = 8


@dataclass(frozen=True, slots=True)
class SimulatedCall:
    """A call that is handed over.

    Attributes:
        caller, called: numbers as the PBX signals them.
        legs: what each of the two says, A-law, 8000 samples a second.
    """

    caller: str
    called: str
    legs: tuple[bytes, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class HandedOver:
    """How it went.

    Attributes:
        status: what the recorder answered; 0 where it did not answer.
        packets: how many were sent.
    """

    status: int
    packets: int


class _Signalling(asyncio.DatagramProtocol):
    """Answers that come back, by the number and method of what they answer."""

    def __init__(self) -> None:
        self.answers: dict[tuple[int, str], asyncio.Future[Response]] = {}

    def datagram_received(self, data: bytes, _addr: tuple[str | int, ...]) -> None:
        """Hand a final answer to whoever waits for it."""
        message = read_message(data)
        if isinstance(message, Response) and message.status >= 200:
            waiting = self.answers.get(message.sequence)
            if waiting is not None and not waiting.done():
                waiting.set_result(message)


async def hand_over(call: SimulatedCall, recorder: tuple[str, int], clock: Clock) -> HandedOver:
    """Hand one call over to a recorder and wait for its end.

    Args:
        call: what is said by whom.
        recorder: where it takes recording sessions by UDP.
        clock: dates the metadata.
    """
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(_Signalling, remote_addr=recorder)
    media = [
        (await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=(_own(transport)[0], 0)))[0]
        for _ in call.legs
    ]
    try:
        return await _handed_over(call, _Session(transport, protocol, recorder, media), clock)
    finally:
        for each in (*media, transport):
            each.close()


def _own(transport: asyncio.DatagramTransport) -> tuple[str, int]:
    host, port = transport.get_extra_info("sockname")[:2]
    return str(host), int(port)


class _Session:
    """One recording session, from our side."""

    def __init__(
        self,
        transport: asyncio.DatagramTransport,
        protocol: _Signalling,
        recorder: tuple[str, int],
        media: Sequence[asyncio.DatagramTransport],
    ) -> None:
        self.media = media
        self.host, self.port = _own(transport)
        self._transport, self._protocol = transport, protocol
        self._target = f"sip:recorder@{recorder[0]}:{recorder[1]}"
        self.name, self._tag = secrets.token_hex(12), secrets.token_hex(6)
        self._sequence = 0

    async def ask(self, method: str, to_tag: str = "", fields: str = "", body: str = "") -> Response | None:
        """Send a request, again and again until it is answered (RFC 3261 §17.1); nothing if it never is."""
        self._sequence += 1
        answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._protocol.answers[self._sequence, method] = answer
        sent = self._message(method, to_tag, fields, body)
        pause, left = T1, LIFETIME
        while left > 0:
            self._transport.sendto(sent)
            try:
                return await asyncio.wait_for(asyncio.shield(answer), pause)
            except TimeoutError:
                left -= pause
                pause *= 2
        return None

    def acknowledge(self, to_tag: str) -> None:
        """Confirm the answer to the INVITE."""
        self._transport.sendto(self._message("ACK", to_tag))

    def _message(self, method: str, to_tag: str, fields: str = "", body: str = "") -> bytes:
        to = f";tag={to_tag}" if to_tag else ""
        head = (
            f"{method} {self._target} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self.host}:{self.port};rport;branch=z9hG4bK{secrets.token_hex(8)}\r\n"
            f"From: <sip:pbx@{self.host}>;tag={self._tag}\r\n"
            f"To: <{self._target}>{to}\r\n"
            f"Call-ID: {self.name}\r\nCSeq: {self._sequence} {method}\r\n"
            f"Contact: <sip:pbx@{self.host}:{self.port}>;+sip.src\r\nMax-Forwards: 70\r\n"
            f"{fields}Content-Length: {len(body.encode())}\r\n\r\n"
        )
        return (head + body).encode()


async def _handed_over(call: SimulatedCall, session: _Session, clock: Clock) -> HandedOver:
    boundary = secrets.token_hex(8)
    fields = f"Require: siprec\r\nContent-Type: multipart/mixed;boundary={boundary}\r\n"
    answer = await session.ask("INVITE", fields=fields, body=_invitation(call, session, boundary, clock))
    if answer is None:
        return HandedOver(0, 0)
    tag = (answer.headers.get("To") or "").rpartition("tag=")[2]
    session.acknowledge(tag)
    if answer.status >= 300:
        return HandedOver(answer.status, 0)
    targets = [(media.host, media.port) for media in read_description(answer.body).media]
    packets = await _speak(call, session, targets)
    await session.ask("BYE", tag)
    return HandedOver(answer.status, packets)


async def _speak(call: SimulatedCall, session: _Session, targets: Sequence[tuple[str, int]]) -> int:
    """Send both legs, a packet of each every 20 ms."""
    loop = asyncio.get_running_loop()
    begun, sent = loop.time(), 0
    source = secrets.randbits(31)
    for number in range(len(call.legs[0]) // FRAME):
        await asyncio.sleep(begun + number * FRAME_S - loop.time())
        for leg, (media, target) in enumerate(zip(session.media, targets, strict=True)):
            marked = _PCMA | (0x80 if not number else 0)
            head = struct.pack(
                ">BBHII", 0x80, marked, number & 0xFFFF, FRAME * number & 0xFFFFFFFF, source + leg
            )
            media.sendto(head + call.legs[leg][FRAME * number : FRAME * (number + 1)], target)
            sent += 1
    return sent


def _invitation(call: SimulatedCall, session: _Session, boundary: str, clock: Clock) -> str:
    """The description of both legs and the metadata, as parts of one body (RFC 7866 §9.1)."""
    lines = "".join(
        f"m=audio {_own(media)[1]} RTP/AVP {_PCMA}\r\na=rtpmap:{_PCMA} PCMA/8000\r\na=sendonly\r\na=label:{label}\r\n"
        for label, media in enumerate(session.media, 1)
    )
    description = (
        f"v=0\r\no=pbx 1 1 IN IP4 {session.host}\r\ns=-\r\nc=IN IP4 {session.host}\r\nt=0 0\r\n{lines}"
    )
    return (
        f"--{boundary}\r\nContent-Type: application/sdp\r\n\r\n{description}"
        f"--{boundary}\r\nContent-Type: application/rs-metadata+xml\r\nContent-Disposition: recording-session\r\n\r\n"
        f"{_metadata(call, session, clock)}\r\n--{boundary}--\r\n"
    )


def _metadata(call: SimulatedCall, session: _Session, clock: Clock) -> str:
    """Who speaks on which leg since when (RFC 7865 §6)."""
    since = f"<associate-time>{clock.now().strftime('%Y-%m-%dT%H:%M:%SZ')}</associate-time>"
    session_id, people = session.name, ((1, 2, call.caller), (2, 1, call.called))
    parts = [
        f"<session session_id={quoteattr(session_id)}/>",
        f"<sessionrecordingassoc session_id={quoteattr(session_id)}>{since}</sessionrecordingassoc>",
    ]
    for own, other, number in people:
        aor = quoteattr(f"sip:{number}@{session.host}")
        parts += [
            f'<participant participant_id="p{own}"><nameID aor={aor}/></participant>',
            f'<stream stream_id="s{own}" session_id={quoteattr(session_id)}><label>{own}</label></stream>',
            f'<participantsessionassoc participant_id="p{own}" session_id={quoteattr(session_id)}>{since}</participantsessionassoc>',
            f'<participantstreamassoc participant_id="p{own}"><send>s{own}</send><recv>s{other}</recv></participantstreamassoc>',
        ]
    inside = "".join(parts)
    return f'<?xml version="1.0" encoding="UTF-8"?><recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>complete</datamode>{inside}</recording>'
