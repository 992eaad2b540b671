"""One caller who is answered: dialog, speech and course, and what is told when it is over."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from rejent.streams.calls.announcing.course import Course
from rejent.streams.calls.announcing.keys import EventReader
from rejent.streams.calls.announcing.sound import FRAME_S
from rejent.streams.calls.announcing.speech import Agreed, Packets
from rejent.streams.calls.sip.dialogs import Dialog
from rejent.streams.calls.sip.moment import Moment

LATE = 10
"""Packets that are made up for at once when we come late; what is later is left out of nobody's ear but played later."""
MOST_UNHEARD = 250
"""Packets, five seconds of them, that one caller may have sent to hosts from which nothing comes and its signalling does not either."""


class Voice(Protocol):
    """The sockets of one caller."""

    @property
    def port(self) -> int:
        """Where speech is received."""

    def send(self, datagram: bytes, host: str, port: int) -> None:
        """Send a packet; what cannot be sent is lost as any packet may be."""

    def close(self) -> None:
        """Give the ports back."""


class Outcome(StrEnum):
    """What became of a caller."""

    HANDED_OVER = "handed-over"
    """The PBX took them on to the line."""
    AROUND = "around"
    """They refused to be recorded, and the PBX took them on to where nobody records."""
    CONTINUED = "continued"
    """We hung up after all was said, and the dialplan went on."""
    REFUSED = "refused"
    """They refused to be recorded, and we hung up saying so."""
    NOT_TAKEN = "not-taken"
    """The PBX did not take them on."""
    HUNG_UP = "hung-up"
    """They, or the PBX, hung up before."""
    NOT_CONFIRMED = "not-confirmed"
    """The PBX never confirmed our answer."""
    NOT_HEARD = "not-heard"
    """Nothing came from where speech was to go, so that nobody seems to want it there."""
    TOO_LONG = "too-long"
    """It took longer than any announcement may."""
    STOPPED = "stopped"
    """The program was stopped, or could not go on with them."""


@dataclass(frozen=True, slots=True)
class Played:
    """A sound that one caller heard, or a part of it.

    Attributes:
        start: when it began.
        heard_s: seconds of it that were sent.
    """

    kind: str
    announcement: int
    start: datetime
    heard_s: float
    completed: bool


@dataclass(frozen=True, slots=True)
class Announced:
    """One caller was answered, and it is over.

    Attributes:
        caller, called: as signalled.
        media: packets came from the caller, so that speech went through both ways.
    """

    caller: str = field(repr=False)
    called: str = field(repr=False)
    start: datetime
    played: tuple[Played, ...]
    keys: str
    outcome: Outcome
    media: bool


@dataclass(eq=False)
class Session:
    """One caller.

    Attributes:
        name: ours, never used twice.
        opened_by: the transaction of the INVITE.
        answered: when it was answered.
        began: when the first packet was due; None before, and while the caller does not listen.
        sent: packets since then.
        spoke: the host that packets of the caller came from last.
        unheard: packets sent to hosts that are not its PBX and from which none had come.
        handing: the hand-over was asked for.
        taken: the PBX took it, or said that it does.
        refusing: the caller refused to be recorded.
    """

    name: str
    dialog: Dialog
    invite_key: tuple[str, ...]
    voice: Voice
    course: Course
    packets: Packets
    number: str
    caller: str
    called: str
    answered: Moment
    offered: bool = False
    agreed: Agreed | None = None
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
    refusing: bool = False

    def take(self, agreed: Agreed) -> None:
        """What was agreed on speech, at first or anew."""
        before = self.agreed
        self.agreed = agreed
        if before is None or before.events != agreed.events:
            self.events = EventReader(agreed.events)
        if before is None or (before.host, before.port) != (agreed.host, agreed.port):
            self.reached = (agreed.host, agreed.port)
        if agreed.held:
            self.began = None

    def listens(self, now: float) -> None:
        """The caller confirmed: say what is to be said, or go on with it."""
        if self.agreed is None or self.agreed.held or self.handing:
            return
        if not self.started:
            self.started = True
            self.course.begin(now)
        if self.began is None:
            self.began, self.sent, self.packets.fresh = now, 0, True

    @property
    def due(self) -> float | None:
        """When the next packet is to go."""
        return None if self.began is None or self.handing else self.began + self.sent * FRAME_S

    def speak(self, now: float) -> None:
        """Send what is due."""
        if self.began is None or self.agreed is None:
            return
        wanted = int((now - self.began) / FRAME_S + 1e-6) + 1
        if wanted - self.sent > LATE:
            self.began, self.sent, wanted = now, 0, 1
        while self.sent < wanted and self.course.decided is None:
            payload = self.course.payload(self.agreed.coding)
            self.voice.send(self.packets.packet(self.agreed.payload_type, payload), *self.reached)
            self.sent += 1
            self.unheard += self.agreed.elsewhere and self.spoke != self.agreed.host

    @property
    def wanted(self) -> bool:
        """Whether speech may go on to where it goes: a stranger may name any host, and only who listens there can show it."""
        return self.unheard < MOST_UNHEARD

    def hear(self, datagram: bytes, host: str, port: int, now: float) -> None:
        """A packet of the caller: it tells where to send to, and perhaps a key.

        Packets of hosts other than the one that was signalled are not listened to.
        """
        if self.agreed is None or host != self.agreed.host or len(datagram) < 12 or datagram[0] >> 6 != 2:
            return
        self.heard += 1
        self.spoke = host
        self.reached = (host, port)
        if key := self.events.key(datagram):
            self.course.press(key, now)

    def told(self, outcome: Outcome) -> Announced:
        """What is told of it when it is over."""
        played = tuple(
            Played(
                one.sound.kind,
                one.sound.announcement,
                self.answered.wall + timedelta(seconds=one.at - self.answered.monotonic),
                one.seconds,
                one.completed,
            )
            for one in self.course.stretches
        )
        return Announced(
            caller=self.caller,
            called=self.called,
            start=self.answered.wall,
            played=played,
            keys=self.course.keys,
            outcome=outcome,
            media=self.heard > 0,
        )
