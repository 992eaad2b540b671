"""Hand over simulated calls, with the speech of both legs."""

import asyncio
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from rejent.kernel.clock import Clock
from rejent.streams.calls.practice.client.session import (
    HandOver,
    RecordingSession,
    Speaker,
    own_address,
    recording_session,
)
from rejent.streams.calls.receiving.siprec.sdp import read_description

FRAME_S = 0.02
FRAME = 160
"""Samples and A-law bytes per packet."""
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
    """Send both legs, a packet of each every 20 ms."""
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
