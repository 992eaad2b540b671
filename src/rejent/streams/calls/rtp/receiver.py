"""Receives the packets of all calls, seven times a second, each with the instant at which the kernel took it.

One thread takes turns: what signalling asked for, what has arrived, what is due. Signalling runs elsewhere and hands its
wishes to `Receiver.do`; nothing of a call is touched by two threads.
"""

import random
import secrets
import select
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog

from rejent.formats.rtp.account import SECOND, Role
from rejent.formats.rtp.outside import Outside
from rejent.formats.rtp.rtcp import compound_length, receiver_report
from rejent.formats.rtp.streams import Leg
from rejent.recording.steady_time import SteadyTime
from rejent.streams.calls.rtp.datagrams import LARGEST, Datagrams
from rejent.streams.calls.rtp.ports import RECEIVE_BUFFER, MediaPort, PortPairs
from rejent.streams.calls.rtp.source_lock import Address, SourceLock

log = structlog.get_logger(__name__)

TURN_S = 0.15
"""Seconds from one turn to the next."""
SHORTEST_PAUSE_S = 0.02
"""Seconds between two turns however much there is to do, so that the sealing thread gets on."""
MOST_A_TURN = 100
"""Datagrams read from one port in a turn: a flood on it delays the others by a millisecond."""
MOST_A_SECOND = 400
"""Packets of one leg that are kept a second; speech has 50, or 100 at most."""
OCTETS_A_SECOND = 64 * 1024
"""Octets of one leg that are kept a second: eight times those of G.711, twice those of linear sound at 16 kHz."""
OCTETS_AT_ONCE = RECEIVE_BUFFER
"""Octets of one leg that are kept at once, so that nothing is lost of what the kernel held for us."""
OPENED_A_TURN = 16
"""Pairs of ports that are opened ahead in one turn, which takes two milliseconds."""
LATE = SECOND // 5
"""How long packets may still come after a call has ended."""
REPORT_EVERY = 5 * SECOND
"""Between two reports to a sender, give or take a half (RFC 3550 §6.2)."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TakesPackets(Protocol):
    """What becomes of a call's packets; `rejent.streams.calls.recorder.writer.CallRecording` is one."""

    def leg(self, number: int) -> Leg:
        """One leg, for reports to its sender."""

    def take(self, leg: int, datagram: bytes, arrival: int) -> Role:
        """A packet came."""

    def take_control(self, leg: int, datagram: bytes, arrival: int) -> None:
        """An RTCP datagram came."""

    def note_outside(self, leg: int, outside: Outside) -> None:
        """What the receiver counted beside the packets."""

    def tick(self, now: int) -> None:
        """Time has passed."""

    def finish(self, now: int) -> None:
        """Nothing more comes."""


class Unprotects(Protocol):
    """Opens SRTP; `rejent.streams.calls.rtp.srtp.SdesKeys` is one."""

    def media(self, datagram: bytes) -> bytes | None:
        """The packet in it, or nothing where it is not authentic."""

    def control(self, datagram: bytes) -> bytes | None:
        """The RTCP datagram in it, or nothing where it is not authentic."""

    def protected(self, report: bytes) -> bytes:
        """A report of ours as it is sent."""


@dataclass(slots=True)
class Stream:
    """One leg's way in.

    Attributes:
        leg: its number in the call.
        port: its sockets.
        lock: whose datagrams are taken.
        keys: what opens them, where they are encrypted.
    """

    leg: int
    port: MediaPort
    lock: SourceLock
    keys: Unprotects | None = None
    outside: int = 0
    """Datagrams that were not taken, as last told to the recording."""
    budget: int = MOST_A_SECOND
    """Packets that may come now."""
    octets: int = OCTETS_AT_ONCE
    """Octets that may come now."""
    flooded: int = 0
    report_at: int = 0
    control_from: Address | None = None
    ends: int | None = None
    """When its ports are given back though the call goes on."""

    def succeed(self, former: "Stream") -> None:
        """Go on as a further way in of the same leg, which the former one was until now."""
        self.port.succeed(former.port)
        self.lock.refused += former.lock.refused
        self.flooded += former.flooded
        self.budget = min(self.budget, former.budget)
        self.octets = min(self.octets, former.octets)

    def replenish(self, elapsed: int) -> None:
        """Time has passed, in ns, so that more may come."""
        self.budget = min(self.budget + MOST_A_SECOND * elapsed // SECOND, MOST_A_SECOND)
        self.octets = min(self.octets + OCTETS_A_SECOND * elapsed // SECOND, OCTETS_AT_ONCE)


@dataclass(slots=True)
class ReceivedCall:
    """A call and its streams."""

    recording: TakesPackets
    streams: list[Stream]
    ends: int | None = None


class Receiver:
    """Receives all calls of a recorder.

    Args:
        steady: the time in which arrivals are told.
        pairs: where ports go back to.
        stamped: reads the clock that the kernel stamps datagrams with; only their age is taken from it.
        pause: called between two pieces of work; it may wait a moment, for the kernel keeps what comes.
    """

    def __init__(
        self,
        steady: SteadyTime,
        pairs: PortPairs,
        stamped: Callable[[], int] = lambda: time.clock_gettime_ns(time.CLOCK_REALTIME),
        pause: Callable[[], None] = lambda: None,
    ) -> None:
        self._steady, self._pairs, self._stamped, self._pause = steady, pairs, stamped, pause
        self._calls: dict[int, ReceivedCall] = {}
        self._streams: dict[int, tuple[ReceivedCall, Stream]] = {}
        self._controls: dict[int, tuple[ReceivedCall, Stream]] = {}
        self._asked: deque[Callable[[], None]] = deque()
        self._poll = select.epoll()
        self._room = Datagrams()
        self._ending = threading.Event()
        self._turned = self.now()
        self._own = secrets.randbits(32)
        self._chance = random.Random(secrets.randbits(64))  # noqa: S311 - spreads reports over time, guards nothing

    def now(self) -> int:
        """The instant in steady time, ns since 1970."""
        return (self._steady.now() - _EPOCH) // timedelta(microseconds=1) * 1000

    def instant(self, monotonic: float) -> int:
        """The instant in steady time that belongs to a reading of the monotonic clock, ns since 1970."""
        return (self._steady.instant(monotonic) - _EPOCH) // timedelta(microseconds=1) * 1000

    def do(self, work: Callable[[], None]) -> None:
        """Have the receiver's thread do something at its next turn, in order; callable from any thread."""
        self._asked.append(work)

    def begin(self, call: TakesPackets, streams: Sequence[Stream]) -> ReceivedCall:
        """Receive a call from the next turn on; callable from any thread."""
        received = ReceivedCall(call, list(streams))
        self.do(lambda: self._begin(received))
        return received

    def add(self, received: ReceivedCall, stream: Stream, former: Stream | None = None) -> None:
        """A further leg of a call, which its recording knows already; callable from any thread.

        Args:
            received: the call.
            stream: its way in.
            former: one that was dropped, whose leg it goes on with.
        """
        self.do(lambda: self._add(received, stream, former))

    def drop(self, stream: Stream) -> None:
        """A leg will not come back, though its call goes on: what is late still comes; callable from any thread."""

        def ends() -> None:
            stream.ends = self.now() + LATE

        self.do(ends)

    def end(self, received: ReceivedCall) -> None:
        """A call has ended: what is late still comes, then it is finished; callable from any thread."""

        def ends() -> None:
            received.ends = self.now() + LATE

        self.do(ends)

    def run(self) -> None:
        """Take turns until `stop`; then finish every call."""
        pause = TURN_S
        while not self._ending.wait(pause):
            begun = self.now()
            self.turn()
            pause = max(TURN_S - (self.now() - begun) / SECOND, SHORTEST_PAUSE_S)
        self.close()

    def stop(self) -> None:
        """Let `run` return; callable from any thread."""
        self._ending.set()

    def close(self) -> None:
        """Take what has arrived, finish every call and give everything back."""
        self.turn()
        for received in list(self._calls.values()):
            _apart(self._finish, received, self.now())
        self._pairs.close()
        self._poll.close()

    def turn(self) -> None:
        """Do what was asked, take what has arrived, and see what is due."""
        self._do_asked()
        now, stamped = self.now(), self._stamped()
        elapsed = min(max(now - self._turned, 0), SECOND)
        self._turned = now
        for number, _ in self._poll.poll(0, 2 * len(self._streams) + 1):
            self._pause()
            if number in self._streams:
                _apart(self._drain, *self._streams[number], now - stamped)
            elif number in self._controls:
                _apart(self._drain_control, *self._controls[number], now)
        for received in list(self._calls.values()):
            self._pause()
            _apart(self._look_after, received, now, elapsed)
        self._pairs.open_ahead(OPENED_A_TURN)

    def _look_after(self, received: ReceivedCall, now: int, elapsed: int) -> None:
        """Do what is due for one call, ``elapsed`` ns after it was done last."""
        _apart(received.recording.tick, now)
        for stream in received.streams:
            stream.replenish(elapsed)
            if now >= stream.report_at:
                self._report(received, stream, now)
        for stream in [each for each in received.streams if each.ends is not None and now >= each.ends]:
            self._give_back(stream)
            received.streams.remove(stream)
        if received.ends is not None and now >= received.ends:
            self._finish(received, now)

    def _do_asked(self) -> None:
        while self._asked:
            self._pause()
            _apart(self._asked.popleft())

    def _begin(self, received: ReceivedCall) -> None:
        self._calls[id(received)] = received
        for stream in received.streams:
            self._watch(received, stream)

    def _add(self, received: ReceivedCall, stream: Stream, former: Stream | None) -> None:
        if former is not None:
            if former.port.media.fileno() in self._streams:
                _apart(self._drain, received, former, self.now() - self._stamped())
                self._give_back(former)
                received.streams.remove(former)
            stream.succeed(former)
        received.streams.append(stream)
        self._watch(received, stream)

    def _watch(self, received: ReceivedCall, stream: Stream) -> None:
        media, control = stream.port.media.fileno(), stream.port.control.fileno()
        self._streams[media] = self._controls[control] = (received, stream)
        stream.report_at = self.now() + int(REPORT_EVERY * self._chance.uniform(0.5, 1.5))
        for number in (media, control):
            self._poll.register(number, select.EPOLLIN)

    def _finish(self, received: ReceivedCall, now: int) -> None:
        del self._calls[id(received)]
        try:
            received.recording.finish(now)
        finally:
            for stream in received.streams:
                _apart(self._give_back, stream)

    def _give_back(self, stream: Stream) -> None:
        media, control = stream.port.media.fileno(), stream.port.control.fileno()
        del self._streams[media], self._controls[control]
        for number in (media, control):
            self._poll.unregister(number)
        self._pairs.give_back(stream.port)

    def _drain(self, received: ReceivedCall, stream: Stream, steady: int) -> None:
        """Take what has arrived on a port; ``steady`` is what leads from the kernel's stamps to steady time.

        A fault in one datagram costs that one; it is raised once the others are taken.
        """
        take, port, lock, keys, leg = (
            received.recording.take,
            stream.port,
            stream.lock,
            stream.keys,
            stream.leg,
        )
        newest, fault = self._stamped() + steady, None
        budget, octets = stream.budget, stream.octets
        for datagram, arrival, sender in port.arrived(self._room, steady, newest, MOST_A_TURN):
            if not lock.admits(sender, arrival):
                continue
            if budget <= 0 or octets < len(datagram):
                stream.flooded += 1
                continue
            budget -= 1
            octets -= len(datagram)
            try:
                if (
                    len(datagram) > 1
                    and 192 <= datagram[1] <= 223
                    and received.recording.leg(leg).is_control(datagram)
                ):
                    self._take_control(received, stream, datagram, arrival)
                elif (opened := datagram if keys is None else keys.media(datagram)) is not None:
                    take(leg, opened, arrival)
                else:
                    lock.renounce()
            except Exception as met:  # noqa: BLE001 - told below, once the others are taken
                fault = met
        stream.budget, stream.octets = budget, octets
        outside = lock.refused + port.dropped + port.oversize + stream.flooded
        if outside != stream.outside:
            stream.outside = outside
            flooded = stream.flooded + port.oversize
            received.recording.note_outside(leg, Outside(lock.refused, port.dropped, flooded))
        if fault is not None:
            raise fault

    def _drain_control(self, received: ReceivedCall, stream: Stream, now: int) -> None:
        for _ in range(8):
            try:
                datagram, sender = stream.port.control.recvfrom(LARGEST)
            except OSError:
                return
            followed = stream.lock.followed
            host = followed[0] if followed else stream.lock.signalled
            if host is not None and sender[0] != host:
                continue
            if stream.budget <= 0 or stream.octets < len(datagram):
                stream.flooded += 1
            else:
                stream.budget -= 1
                stream.octets -= len(datagram)
                stream.control_from = sender[:2]
                self._take_control(received, stream, datagram, now)

    @staticmethod
    def _take_control(received: ReceivedCall, stream: Stream, datagram: bytes, arrival: int) -> None:
        """Hand on an RTCP datagram without what may stand behind it."""
        opened = stream.keys.control(datagram) if stream.keys is not None else datagram
        if opened is not None and (length := compound_length(opened)):
            received.recording.take_control(stream.leg, opened[:length], arrival)

    def _report(self, received: ReceivedCall, stream: Stream, now: int) -> None:
        """Tell a sender how its packets come."""
        stream.report_at = now + int(REPORT_EVERY * self._chance.uniform(0.5, 1.5))
        followed = stream.lock.followed
        if followed is None:
            return
        known = stream.control_from
        to = known if known is not None and known[0] == followed[0] else (followed[0], followed[1] + 1)
        packet = receiver_report(self._own, received.recording.leg(stream.leg).reception(now))
        with suppress(OSError, OverflowError):
            stream.port.control.sendto(stream.keys.protected(packet) if stream.keys else packet, to)


def _apart(work: Callable[..., None], *arguments: object) -> None:
    """Do something for one call; a fault in it must not stop the others."""
    try:
        work(*arguments)
    except Exception:
        log.exception("calls.fault")
