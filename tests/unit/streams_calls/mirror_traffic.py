"""Frames as a mirror port shows them: two telephones that call each other, in SIP and RTP over Ethernet."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rejent.formats.rtp.account import SECOND
from rejent.recording.contract import SegmentOpening, SourceStatus
from rejent.streams.calls.catalog.lines.addresses import MirrorLine, StatedLine, line_address
from rejent.streams.calls.catalog.turns import PartyTurn
from rejent.streams.calls.catalog.views import BegunCall, NamedParties
from rejent.streams.calls.receiving.mirror.classifier import FrameClassifier
from rejent.streams.calls.receiving.mirror.observation import MirroredCalls
from rejent.streams.calls.recorder.line import Line, LineOrder, Refusal, RefusedNumbers
from tests.unit.streams_calls.recording_bench import KeepingSink, KeptObject
from tests.unit.streams_calls.rtp_legs import FRAME, START, packet

if TYPE_CHECKING:
    from rejent.streams.calls.recorder.call_books import RefusalNotes

ALICE, BOB = "192.0.2.10", "192.0.2.20"
SBC = "192.0.2.99"
OURS, ANOTHERS = "+48101230001", "+48109876543"
_MACS = bytes.fromhex("020000000002020000000001")


def ip(source: str, destination: str, protocol: int, payload: bytes, identity: int = 1) -> bytes:
    """An IP packet."""
    one, two = ip_address(source), ip_address(destination)
    if one.version == 6:
        head = struct.pack(">IHBB", 6 << 28, len(payload), protocol, 64)
        return head + one.packed + two.packed + payload
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), identity, 0, 64, protocol, 0)
    return head + one.packed + two.packed + payload


def framed(content: bytes, tags: Sequence[int] = ()) -> bytes:
    """A packet in an Ethernet frame, with VLAN tags of these kinds."""
    kind = 0x86DD if content[0] >> 4 == 6 else 0x0800
    tagged = b"".join(struct.pack(">HH", tag, 5) for tag in tags)
    return _MACS + tagged + struct.pack(">H", kind) + content


def udp(source: tuple[str, int], destination: tuple[str, int], payload: bytes, identity: int = 1) -> bytes:
    """A datagram in an IP packet."""
    head = struct.pack(">HHHH", source[1], destination[1], 8 + len(payload), 0)
    return ip(source[0], destination[0], 17, head + payload, identity)


def tcp(
    source: tuple[str, int], destination: tuple[str, int], sequence: int, payload: bytes, flags: int = 0x18
) -> bytes:
    """A segment in an IP packet."""
    head = struct.pack(
        ">HHIIBBHHH", source[1], destination[1], sequence & 0xFFFFFFFF, 0, 5 << 4, flags, 65535, 0, 0
    )
    return ip(source[0], destination[0], 6, head + payload)


def fragments(content: bytes, size: int) -> list[bytes]:
    """An IPv4 packet in fragments with so many bytes of content each, a multiple of eight."""
    head, body = content[:20], content[20:]
    made = []
    for at in range(0, len(body), size):
        piece = body[at : at + size]
        place = at // 8 | (0x2000 if at + size < len(body) else 0)
        made.append(
            head[:2]
            + struct.pack(">H", 20 + len(piece))
            + head[4:6]
            + struct.pack(">H", place)
            + head[8:]
            + piece
        )
    return made


@dataclass
class Call:
    """A call from one telephone to another, message by message and packet by packet.

    Attributes:
        phones: where caller and called speak SIP and hear RTP.
        numbers: who they are.
    """

    phones: tuple[str, str] = (ALICE, BOB)
    numbers: tuple[str, str] = (ANOTHERS, OURS)
    call_id: str = "one@example.org"
    ports: tuple[int, int] = (30_000, 40_000)
    extra: str = ""
    """Header fields of the INVITE."""
    attributes: tuple[str, str] = ("", "")
    """Attributes of the sound that caller and called describe."""
    protocol: str = "RTP/AVP"
    codecs: str = "8 101"
    sequence: int = 1
    spoken: list[list[bytes]] = field(default_factory=lambda: [[], []])
    called_tag: str = "bob"

    def description(self, side: int, port: int | None = None, host: str = "", more: str = "") -> str:
        """What a side describes."""
        host = host or self.phones[side]
        kind = "IP6" if ":" in host else "IP4"
        return (
            f"v=0\r\no=- 1 {self.sequence} IN {kind} {host}\r\ns=-\r\nc=IN {kind} {host}\r\nt=0 0\r\n"
            f"m=audio {self.ports[side] if port is None else port} {self.protocol} {self.codecs}\r\na=rtpmap:101 telephone-event/8000\r\n"
            f"{self.attributes[side]}{more}"
        )  # fmt: skip

    def request(
        self, method: str, side: int = 0, body: str = "", *, to_tag: str | None = None, extra: str = ""
    ) -> bytes:
        """What a side asks."""
        own, other = ("alice", self.called_tag) if side == 0 else (self.called_tag, "alice")
        other = other if to_tag is None else to_tag
        phone, far = self.phones[side], self.phones[1 - side]
        number, target = self.numbers[side], self.numbers[1 - side]
        return self._whole(
            f"{method} sip:{target}@{_host(far)} SIP/2.0\r\nVia: SIP/2.0/UDP {_host(phone)};branch=z9hG4bK{method}{self.sequence}\r\n"
            f"From: <sip:{number}@{_host(phone)}>;tag={own}\r\nTo: <sip:{target}@{_host(far)}>{f';tag={other}' if other else ''}\r\n",
            method, body, extra,
        )  # fmt: skip

    def response(
        self,
        status: int,
        method: str = "INVITE",
        side: int = 0,
        body: str = "",
        *,
        tag: str | None = None,
        extra: str = "",
    ) -> bytes:
        """What is answered to a side that asked."""
        own, other = ("alice", self.called_tag) if side == 0 else (self.called_tag, "alice")
        other = other if tag is None else tag
        phone, far = self.phones[side], self.phones[1 - side]
        number, target = self.numbers[side], self.numbers[1 - side]
        return self._whole(
            f"SIP/2.0 {status} Said\r\nVia: SIP/2.0/UDP {_host(phone)};branch=z9hG4bK{method}{self.sequence}\r\n"
            f"From: <sip:{number}@{_host(phone)}>;tag={own}\r\nTo: <sip:{target}@{_host(far)}>;tag={other}\r\n",
            method, body, extra,
        )  # fmt: skip

    def invite(self, body: str | None = None) -> bytes:
        """The request that opens the call."""
        return self.request(
            "INVITE", 0, self.description(0) if body is None else body, to_tag="", extra=self.extra
        )

    def ok(self, body: str | None = None) -> bytes:
        """The called side takes the call."""
        return self.response(200, "INVITE", 0, self.description(1) if body is None else body)

    def _whole(self, start: str, method: str, body: str, extra: str) -> bytes:
        kind = "Content-Type: application/sdp\r\n" if body else ""
        return (
            f"{start}Call-ID: {self.call_id}\r\nCSeq: {self.sequence} {method}\r\n{extra}{kind}Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    def sip(self, message: bytes, side: int = 0) -> bytes:
        """A message of a side in a frame."""
        return framed(self.sip_packet(message, side))

    def sip_packet(self, message: bytes, side: int = 0) -> bytes:
        """A message of a side in an IP packet."""
        return udp((self.phones[side], 5060), (self.phones[1 - side], 5060), message)

    def speech(self, side: int, count: int = 1, **more: int) -> list[bytes]:
        """The next packets of a side in frames; what they hold is remembered as spoken."""
        return [framed(self.speech_packet(side, **more)) for _ in range(count)]

    def speech_packet(self, side: int, *, kind: int = 8) -> bytes:
        """The next packet of a side, in an IP packet."""
        number = len(self.spoken[side])
        payload = bytes((side * 64 + number + place) & 0xFF for place in range(160))
        datagram = packet(number, 160 * number, ssrc=0xA0 + side, payload=payload, kind=kind)
        self.spoken[side].append(datagram)
        return self.rtp(side, datagram)

    def rtp(self, side: int, datagram: bytes) -> bytes:
        """A datagram of a side's speech, in an IP packet."""
        return udp(
            (self.phones[side], self.ports[side]), (self.phones[1 - side], self.ports[1 - side]), datagram
        )

    def both(self, count: int) -> Iterator[bytes]:
        """Frames of both sides in turn."""
        for _ in range(count):
            yield from (self.speech(side)[0] for side in (0, 1))


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


class DiscardableObject(KeptObject):
    """An object that may be destroyed before it is whole."""

    def discard(self) -> None:
        """Destroy it."""
        assert isinstance(self._sink, KeepingLineSink)
        self._sink.discarded.append(self)


class KeepingLineSink(KeepingSink):
    """A sink that enters at once, and keeps what a line says of itself."""

    def __init__(self) -> None:
        super().__init__()
        self.statuses: list[SourceStatus] = []
        self.discarded: list[KeptObject] = []

    def open_segment(self, opening: SegmentOpening) -> KeptObject:
        """Begin an object that may be discarded."""
        made = DiscardableObject(self, opening)
        self.check(None)
        self.objects.append(made)
        return made

    def enter(self, source_id: str, entry: object) -> None:
        """Enter."""
        assert source_id in {"line", "other"}
        assert callable(entry)
        entry()

    def status(self, status: SourceStatus) -> None:
        """Keep a state."""
        self.statuses.append(status)


@dataclass
class KeptBooks:
    """Books that remember."""

    begun: list[BegunCall] = field(default_factory=list)
    named: list[tuple[str, str, str, str]] = field(default_factory=list)
    turns: tuple[PartyTurn, ...] = ()
    faults: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ended: list[tuple[str, datetime, str]] = field(default_factory=list)
    refused: list[tuple[str, Refusal]] = field(default_factory=list)

    def call_begun(self, call: BegunCall) -> None:
        """A call is recorded."""
        self.begun.append(call)

    def call_named(self, named: NamedParties) -> None:
        """A party was learned."""
        self.named.append((named.call_id, named.caller, named.called, named.direction))
        self.turns = named.turns

    def call_ended(self, call_id: str, end: datetime, why: str, faults: Sequence[str] = ()) -> None:
        """The recording of a call is over."""
        self.ended.append((call_id, end, why))
        self.faults[call_id] = tuple(faults)

    def note_refusal(self, source_id: str, call_id: str, how: Refusal, after_s: float) -> None:
        """A refusal is to be kept."""
        assert (source_id, bool(call_id), how in Refusal, after_s >= 0) == ("line", True, True, True)

    def call_refused(self, source_id: str, call_id: str, how: Refusal, after_s: float) -> None:
        """A party refused."""
        assert (source_id, after_s >= 0) == ("line", True)
        self.refused.append((call_id, how))


class Killed(BaseException):
    """The program is killed."""


def kill_at_discard(books: KeptBooks, folder: Path, monkeypatch: pytest.MonkeyPatch) -> "RefusalNotes":
    """Have the program killed once what was recorded of a call is destroyed; returns where its refusal is noted."""
    from rejent.streams.calls.recorder.call_books import NotedRefusal, RefusalNotes

    notes = RefusalNotes(folder / "refusals")

    def note(source_id: str, call_id: str, how: Refusal, after_s: float) -> None:
        notes.keep(NotedRefusal(source_id, call_id, how.value, after_s))

    def killed(_: DiscardableObject) -> None:
        raise Killed

    monkeypatch.setattr(books, "note_refusal", note)
    monkeypatch.setattr(DiscardableObject, "discard", killed)
    return notes


class Desk:
    """A line behind a mirror port, without the port: frames go in one by one."""

    def __init__(self, directions: Sequence[str] = ("incoming",), **stated: object) -> None:
        told = {"mirror": "eth1", "numbers": ("+48 10 123",)} | stated
        address = line_address(StatedLine(**told))  # type: ignore[arg-type]  # tests state what they like
        assert isinstance(address, MirrorLine)
        self.sink, self.books, self.refusing = KeepingLineSink(), KeptBooks(), RefusedNumbers()
        self.observation = MirroredCalls(self.books, self.refusing)
        self.at = self.told = START
        self.line = Line(LineOrder("line", address, frozenset(directions)), self.sink, self.now)
        self.observation.add(self.line)
        self.dissection = FrameClassifier(
            self.observation.routes,
            frozenset(address.sip_ports),
            self.observation.on_sip,
            self.observation.on_unread,
        )

    def now(self) -> datetime:
        """The instant."""
        return datetime.fromtimestamp(0).astimezone() + timedelta(microseconds=self.at // 1000)

    def see(self, *frames: bytes, apart: int = FRAME // 2) -> None:
        """Frames come, one after the other."""
        for frame in frames:
            self.at += apart
            self.dissection.take(frame, self.at)
            self._tick()

    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.at += int(seconds * SECOND)
        self._tick()

    def _tick(self) -> None:
        more = min(400 * (self.at - self.told) // SECOND, 400)
        self.told = self.at if more == 400 else self.told + more * SECOND // 400
        self.observation.tick(self.at, more)

    def kept(self, leg: int) -> list[bytes]:
        """Every datagram of a leg that was kept, in all objects."""
        return [
            each.datagram for one in self.sink.objects for each in one.reader.packets() if each.leg == leg
        ]

    def leg(self, number: int) -> dict[str, object]:
        """What the last object says of a leg."""
        told = self.sink.objects[-1].reader.manifest
        assert told is not None
        leg: dict[str, object] = told["legs"][number]
        return leg


def taken(desk: Desk, call: Call) -> None:
    """Somebody calls, and is answered."""
    desk.see(
        call.sip(call.invite()),
        call.sip(call.response(180), 1),
        call.sip(call.ok(), 1),
        call.sip(call.request("ACK")),
    )


def over(desk: Desk, call: Call) -> None:
    """The called side hangs up."""
    desk.see(call.sip(call.request("BYE", 1), 1))
    desk.wait(1)


def causes(desk: Desk, leg: int) -> list[str]:
    """Why something of a leg is missing."""
    gaps = desk.leg(leg)["gaps"]
    assert isinstance(gaps, list)
    return [gap["cause"] for gap in gaps]
