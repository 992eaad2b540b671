"""One announced call: dialog, media, playback and its final event."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from rejent.formats.rtp.packet import payload_bounds
from rejent.kernel.numbers import read_number
from rejent.streams.calls.announcing.negotiation import NegotiatedMedia, RtpPackets
from rejent.streams.calls.announcing.playback import FRAME_S, Playback
from rejent.streams.calls.network.sip.deadlines import Moment
from rejent.streams.calls.network.sip.dialogs import Dialog
from rejent.streams.calls.network.sip.message import Request

_SIGNS = "0123456789*#ABCD"
_RELAY = re.compile(r"^[ \t]*Signal[ \t]*=[ \t]*([0-9A-D*#]|1[0-5])[ \t\r]*$", re.IGNORECASE | re.MULTILINE)
"""Limited to one line, to avoid backtracking over blanks."""
_MOST = 1024


@dataclass(slots=True)
class EventReader:
    """Reports each key once, however often its packets repeat; its payload type is None where not negotiated."""

    payload_type: int | None
    _last: tuple[bytes, bytes] | None = None

    def key(self, datagram: bytes) -> str:
        """Return the key that a packet begins; else empty."""
        if self.payload_type is None or len(datagram) < 16 or datagram[1] & 0x7F != self.payload_type:
            return ""
        bounds = payload_bounds(datagram, 0, len(datagram))
        if bounds is None or bounds[1] - bounds[0] < 4:
            return ""
        stamp, event = (datagram[8:12], datagram[4:8]), datagram[bounds[0]]
        if stamp == self._last or event >= len(_SIGNS):
            return ""
        self._last = stamp
        return _SIGNS[event]


def read_info(info: Request) -> str:
    """Return the key in an INFO (``application/dtmf-relay`` or ``application/dtmf``); empty for none."""
    kind = (info.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    text = info.body[:_MOST].decode("ascii", "replace")
    if kind == "application/dtmf":
        sign = text.strip().upper()
    elif kind == "application/dtmf-relay":
        found = _RELAY.search(text)
        sign = found[1].upper() if found else ""
    else:
        return ""
    event = read_number(sign, least=10, most=len(_SIGNS) - 1)
    if event is not None:
        return _SIGNS[event]
    return sign if len(sign) == 1 and sign in _SIGNS else ""


MAX_CATCH_UP = 10
"""Late packets sent at once; beyond, playback is delayed instead."""
MAX_UNCONFIRMED = 250
"""Packets (five seconds) sent to a host other than the signalling source that sends nothing back."""


class MediaSockets(Protocol):
    """The sockets of one caller."""

    @property
    def port(self) -> int:
        """RTP port."""

    def send(self, datagram: bytes, host: str, port: int) -> None:
        """Send a packet, ignoring failures."""

    def close(self) -> None:
        """Release the ports."""


class Outcome(StrEnum):
    """End of an announced call."""

    HANDED_OVER = "handed-over"
    AROUND = "around"
    """Recording refused; the PBX accepted the hand-over to where nobody records."""
    CONTINUED = "continued"
    REFUSED = "refused"
    NOT_TAKEN = "not-taken"
    HUNG_UP = "hung-up"
    NOT_CONFIRMED = "not-confirmed"
    NOT_HEARD = "not-heard"
    """Nothing came from the destination, which seems not to want speech."""
    TOO_LONG = "too-long"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Played:
    """A sound played to one caller, wholly or partly."""

    kind: str
    announcement: int
    start: datetime
    heard_s: float
    completed: bool


@dataclass(frozen=True, slots=True)
class Announced:
    """The final event of an announced call; ``media``: packets came from the caller, so speech passed both ways."""

    caller: str = field(repr=False)
    called: str = field(repr=False)
    start: datetime
    played: tuple[Played, ...]
    keys: str
    outcome: Outcome
    media: bool


@dataclass(eq=False)
class Session:
    """One caller; ``began`` is when the first packet was due, None before and on hold, ``sent`` counts packets since then.

    ``unheard`` counts packets sent to unconfirmed hosts; ``handing``: REFER was sent; ``taken``: the PBX accepted it.
    """

    name: str
    dialog: Dialog
    invite_key: tuple[str, ...]
    sockets: MediaSockets
    playback: Playback
    packets: RtpPackets
    number: str
    caller: str
    called: str
    answered: Moment
    offered: bool = False
    agreed: NegotiatedMedia | None = None
    events: EventReader = field(default_factory=lambda: EventReader(None))
    version: int = 1
    began: float | None = None
    started: bool = False
    sent: int = 0
    heard: int = 0
    spoke: str = ""
    unheard: int = 0
    reached: tuple[str, int] = ("", 0)
    handing: bool = False
    taken: bool = False
    refuses_recording: bool = False

    def take(self, agreed: NegotiatedMedia) -> None:
        """Apply negotiated media."""
        before = self.agreed
        self.agreed = agreed
        if before is None or before.events != agreed.events:
            self.events = EventReader(agreed.events)
        if before is None or (before.host, before.port) != (agreed.host, agreed.port):
            self.reached = (agreed.host, agreed.port)
        if agreed.held:
            self.began = None

    def start_media(self, now: float) -> None:
        """Start or resume playback after the ACK."""
        if self.agreed is None or self.agreed.held or self.handing:
            return
        if not self.started:
            self.started = True
            self.playback.begin(now)
        if self.began is None:
            self.began, self.sent, self.packets.fresh = now, 0, True

    @property
    def due(self) -> float | None:
        """Return the time at which the next packet is due."""
        return None if self.began is None or self.handing else self.began + self.sent * FRAME_S

    def speak(self, now: float) -> None:
        """Send due packets."""
        if self.began is None or self.agreed is None:
            return
        wanted = int((now - self.began) / FRAME_S + 1e-6) + 1
        if wanted - self.sent > MAX_CATCH_UP:
            self.began, self.sent, wanted = now, 0, 1
        while self.sent < wanted and self.playback.decided is None:
            payload = self.playback.payload(self.agreed.coding)
            self.sockets.send(self.packets.packet(self.agreed.payload_type, payload), *self.reached)
            self.sent += 1
            self.unheard += self.agreed.elsewhere and self.spoke != self.agreed.host

    @property
    def wanted(self) -> bool:
        """True while the destination may be sent to: an unconfirmed one only for a while."""
        return self.unheard < MAX_UNCONFIRMED

    def take_packet(self, datagram: bytes, host: str, port: int, now: float) -> None:
        """Process a packet: source port and DTMF; other hosts are ignored."""
        if self.agreed is None or host != self.agreed.host or len(datagram) < 12 or datagram[0] >> 6 != 2:
            return
        self.heard += 1
        self.spoke = host
        self.reached = (host, port)
        if key := self.events.key(datagram):
            self.playback.press(key, now)

    def announced(self, outcome: Outcome) -> Announced:
        """Return the final event."""
        played = tuple(
            Played(
                one.sound.kind,
                one.sound.announcement,
                self.answered.wall + timedelta(seconds=one.at - self.answered.monotonic),
                one.seconds,
                one.completed,
            )
            for one in self.playback.sounds
        )
        return Announced(
            caller=self.caller,
            called=self.called,
            start=self.answered.wall,
            played=played,
            keys=self.playback.keys,
            outcome=outcome,
            media=self.heard > 0,
        )
