"""A SIPREC session recording client (RFC 7866 §6, §7.1) by UDP, and calls handed over with the speech of both legs."""

import asyncio
import secrets
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from rejent.kernel.clock import Clock
from rejent.streams.calls.network.sip.message import Response, read_message
from rejent.streams.calls.network.sip.transactions import T1, TRANSACTION_TIMEOUT
from rejent.streams.calls.receiving.siprec.sdp import read_description


@dataclass(frozen=True, slots=True)
class Speaker:
    """A party of a call: the label of its media line, and its number."""

    label: str
    number: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """Result of a session; status 0 without a response, no packets if the response came ``late``, after the call."""

    status: int
    packets: int
    waited_s: float = 0.0
    late: bool = False


class _Signalling(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.answers: dict[tuple[int, str], asyncio.Future[Response]] = {}

    def datagram_received(self, data: bytes, _addr: tuple[str | int, ...]) -> None:
        """Resolve the future of a final response."""
        message = read_message(data)
        if isinstance(message, Response) and message.status >= 200:
            waiting = self.answers.get(message.sequence)
            if waiting is not None and not waiting.done():
                waiting.set_result(message)


@asynccontextmanager
async def recording_session(recorder: tuple[str, int]) -> AsyncIterator["RecordingSession"]:
    """Open a socket for a session with a recorder; closed after the block."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(_Signalling, remote_addr=recorder)
    try:
        yield RecordingSession(transport, protocol, recorder)
    finally:
        transport.close()


class SessionWriter:
    """Writes the requests of one recording session, with the CSeq number of the last."""

    def __init__(self, host: str, port: int, recorder: tuple[str, int]) -> None:
        self.host, self.port, self.sequence = host, port, 0
        self._target = f"sip:recorder@{recorder[0]}:{recorder[1]}"
        self._name, self._tag, self._to = secrets.token_hex(12), secrets.token_hex(6), ""

    def invite(self, speakers: Sequence[Speaker], description: str, clock: Clock) -> bytes:
        """Return the INVITE; ``description`` is SDP with a line for each speaker, the caller first."""
        boundary = secrets.token_hex(8)
        fields = f"Require: siprec\r\nContent-Type: multipart/mixed;boundary={boundary}\r\n"
        body = (
            f"--{boundary}\r\nContent-Type: application/sdp\r\n\r\n{description}"
            f"--{boundary}\r\nContent-Type: application/rs-metadata+xml\r\nContent-Disposition: recording-session\r\n\r\n"
            f"{self._metadata(speakers, clock)}\r\n--{boundary}--\r\n"
        )
        return self.request("INVITE", fields, body)

    def acknowledge(self, answer: Response) -> bytes:
        """Return the ACK."""
        self._to = (answer.headers.get("To") or "").rpartition("tag=")[2]
        return self._message("ACK")

    def request(self, method: str, fields: str = "", body: str = "") -> bytes:
        """Return the next request."""
        self.sequence += 1
        return self._message(method, fields, body)

    def _message(self, method: str, fields: str = "", body: str = "") -> bytes:
        to = f";tag={self._to}" if self._to else ""
        head = (
            f"{method} {self._target} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self.host}:{self.port};rport;branch=z9hG4bK{secrets.token_hex(8)}\r\n"
            f"From: <sip:pbx@{self.host}>;tag={self._tag}\r\n"
            f"To: <{self._target}>{to}\r\n"
            f"Call-ID: {self._name}\r\nCSeq: {self.sequence} {method}\r\n"
            f"Contact: <sip:pbx@{self.host}:{self.port}>;+sip.src\r\nMax-Forwards: 70\r\n"
            f"{fields}Content-Length: {len(body.encode())}\r\n\r\n"
        )
        return (head + body).encode()

    def _metadata(self, speakers: Sequence[Speaker], clock: Clock) -> str:
        since = f"<associate-time>{clock.now().strftime('%Y-%m-%dT%H:%M:%SZ')}</associate-time>"
        session_id = quoteattr(self._name)
        parts = [
            f"<session session_id={session_id}/>",
            f"<sessionrecordingassoc session_id={session_id}>{since}</sessionrecordingassoc>",
        ]
        for own, speaker in enumerate(speakers, 1):
            heard = "".join(f"<recv>s{other}</recv>" for other in range(1, len(speakers) + 1) if other != own)
            aor = quoteattr(f"sip:{speaker.number}@{self.host}")
            parts += [
                f'<participant participant_id="p{own}"><nameID aor={aor}/></participant>',
                f'<stream stream_id="s{own}" session_id={session_id}><label>{escape(speaker.label)}</label></stream>',
                f'<participantsessionassoc participant_id="p{own}" session_id={session_id}>{since}</participantsessionassoc>',
                f'<participantstreamassoc participant_id="p{own}"><send>s{own}</send>{heard}</participantstreamassoc>',
            ]
        inside = "".join(parts)
        return f'<?xml version="1.0" encoding="UTF-8"?><recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>complete</datamode>{inside}</recording>'


class RecordingSession:
    """One recording session on the client side."""

    def __init__(
        self, transport: asyncio.DatagramTransport, protocol: _Signalling, recorder: tuple[str, int]
    ) -> None:
        self.host, self.port = own_address(transport)
        self._transport, self._protocol = transport, protocol
        self._writer = SessionWriter(self.host, self.port, recorder)

    async def begin(
        self, speakers: Sequence[Speaker], description: str, clock: Clock, over: asyncio.Event
    ) -> Response | None:
        """Send INVITE and ACK; return the final response, or None. Once ``over`` is set, nothing is retransmitted."""
        answer = await self._send_request("INVITE", self._writer.invite(speakers, description, clock), over)
        if answer is not None:
            self._transport.sendto(self._writer.acknowledge(answer))
        return answer

    async def end(self) -> None:
        """Send BYE."""
        await self.ask("BYE")

    async def ask(self, method: str, fields: str = "", body: str = "") -> Response | None:
        """Send a request until answered (RFC 3261 §17.1); None on timeout."""
        return await self._send_request(method, self._writer.request(method, fields, body), None)

    async def _send_request(self, method: str, sent: bytes, over: asyncio.Event | None) -> Response | None:
        answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._protocol.answers[self._writer.sequence, method] = answer
        pause, left = T1, TRANSACTION_TIMEOUT
        while left > 0:
            if over is None or not over.is_set():
                self._transport.sendto(sent)
            try:
                return await asyncio.wait_for(asyncio.shield(answer), pause)
            except TimeoutError:
                left -= pause
                pause *= 2
        return None


async def query_status(recorder: tuple[str, int], patience_s: float) -> int:
    """Return the status of a recorder's response to OPTIONS; 0 on timeout."""
    async with recording_session(recorder) as session:
        try:
            answer = await asyncio.wait_for(session.ask("OPTIONS"), patience_s)
        except TimeoutError:
            return 0
    return answer.status if answer is not None else 0


def own_address(transport: asyncio.DatagramTransport) -> tuple[str, int]:
    """Return the local address of a transport."""
    host, port = transport.get_extra_info("sockname")[:2]
    return str(host), int(port)


FRAME_S = 0.02
FRAME = 160
CALLERS = tuple(f"10777{number:04d}" for number in range(200, 260))
"""No area of Poland has the code 10."""
_PCMA = 8


@dataclass(frozen=True, slots=True)
class SimulatedCall:
    """A call to hand over; ``legs`` are the speech of each party, A-law, 8000 samples per second."""

    caller: str
    called: str
    legs: tuple[bytes, bytes] = field(repr=False)

    @property
    def speakers(self) -> tuple[Speaker, Speaker]:
        """The speaker of each media line."""
        return Speaker("1", self.caller), Speaker("2", self.called)


async def hand_over(
    call: SimulatedCall, recorder: tuple[str, int], clock: Clock, over: asyncio.Event | None = None
) -> HandOver:
    """Hand one call over to a recorder and wait for its end: ``over``, or the end of the speech."""
    over = over or asyncio.Event()
    loop = asyncio.get_running_loop()
    async with recording_session(recorder) as session:
        media = [
            (await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=(session.host, 0)))[0]
            for _ in call.legs
        ]
        try:
            return await _handed_over(call, session, media, clock, over)
        finally:
            for each in media:
                each.close()


async def _handed_over(
    call: SimulatedCall,
    session: RecordingSession,
    media: Sequence[asyncio.DatagramTransport],
    clock: Clock,
    over: asyncio.Event,
) -> HandOver:
    begun = clock.monotonic()
    description = _description(session.host, [own_address(each)[1] for each in media], call.speakers)
    answer = await session.begin(call.speakers, description, clock, over)
    waited, late = clock.monotonic() - begun, over.is_set()
    if answer is None or answer.status >= 300:
        return HandOver(answer.status if answer is not None else 0, 0, waited)
    targets = [(line.host, line.port) for line in read_description(answer.body).media]
    packets = await _speak(call, media, targets, over)
    await session.end()
    return HandOver(answer.status, packets, waited, late)


async def _speak(
    call: SimulatedCall,
    media: Sequence[asyncio.DatagramTransport],
    targets: Sequence[tuple[str, int]],
    over: asyncio.Event,
) -> int:
    loop = asyncio.get_running_loop()
    begun, sent = loop.time(), 0
    source = secrets.randbits(31)
    for number in range(len(call.legs[0]) // FRAME):
        await asyncio.sleep(begun + number * FRAME_S - loop.time())
        if over.is_set():
            break
        for leg, (out, target) in enumerate(zip(media, targets, strict=True)):
            out.sendto(speech_packet(call.legs[leg], number, source + leg), target)
            sent += 1
    return sent


def speech_packet(leg: bytes, number: int, source: int) -> bytes:
    """Return the packet of a leg with this number, from the synchronisation source (RFC 3550 §5.1)."""
    marked = _PCMA | (0x80 if not number else 0)
    head = struct.pack(">BBHII", 0x80, marked, number & 0xFFFF, FRAME * number & 0xFFFFFFFF, source)
    return head + leg[FRAME * number : FRAME * (number + 1)]


def _description(host: str, ports: Sequence[int], speakers: Sequence[Speaker]) -> str:
    lines = "".join(
        f"m=audio {port} RTP/AVP {_PCMA}\r\na=rtpmap:{_PCMA} PCMA/8000\r\na=sendonly\r\na=label:{speaker.label}\r\n"
        for port, speaker in zip(ports, speakers, strict=True)
    )
    return f"v=0\r\no=pbx 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n{lines}"
