"""Receive the packets of all calls in rounds, with kernel timestamps.

One thread processes requests, arrivals and deadlines in turn. Signalling runs elsewhere and uses `Receiver.do`; no call
is touched by two threads.
"""

import random
import secrets
import select
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog

from rejent.formats.rtp.account import SECOND, ReceiverCounts
from rejent.formats.rtp.rtcp import compound_length, receiver_report
from rejent.kernel.clock import Clock
from rejent.recording.steady_time import SteadyTime
from rejent.streams.calls.network.rtp.datagrams import MAX_DATAGRAM, DatagramReader
from rejent.streams.calls.network.rtp.incoming_stream import IncomingStream, PacketSink, ReceivedCall
from rejent.streams.calls.network.rtp.ports import PortPairs, PortRanges

CLAIMED_S = 0.005
"""Seconds that one message claims; the next of a burst comes sooner."""
MAX_WAIT_S, AGAIN_AFTER_S = 0.12, 0.5
"""Longest wait of others in seconds, and the interval until they wait again, however many call."""
_LOOK_S = 0.001


class SignallingPriority:
    """Claimed by signalling in one thread, respected by the receiver in others."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since = self._until = float("-inf")
        self._wait = threading.Event()

    def claim(self) -> None:
        """Claim priority for a message; more may follow."""
        now = self._clock.monotonic()
        if now >= self._since + AGAIN_AFTER_S:
            self._since = now
        self._until = min(now + CLAIMED_S, self._since + MAX_WAIT_S)

    def give(self) -> None:
        """Wait while priority is claimed; called between pieces of work."""
        while self._clock.monotonic() < self._until:
            self._wait.wait(_LOOK_S)


log = structlog.get_logger(__name__)

TURN_S = 0.15
MIN_PAUSE_S = 0.02
"""Least pause between rounds in seconds, for the sealing thread."""
MAX_PER_TURN = 100
"""Datagrams read from one port per round: a flood delays the others by a millisecond."""
MAX_BUFFERED = 4096
"""Datagrams read from a port before it is closed: more than the kernel buffers."""
SLOW_TURN_S, SLOW_TURNS = 1.0, 3
"""A machine that needs so long for so many rounds running is full; the kernel buffers five seconds."""
MAX_OPENED_PER_TURN = 16
"""Pairs of ports opened ahead per round, which takes two milliseconds."""
LATE = SECOND // 5
"""Time for late packets after the end of a call."""
REPORT_EVERY = 5 * SECOND
"""Mean interval of receiver reports, randomised by half (RFC 3550 §6.2)."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Receiver:
    """Receives all calls of a recorder (``pause``: called between pieces of work; may wait briefly, as the kernel buffers)."""

    def __init__(
        self,
        steady: SteadyTime,
        pairs: PortPairs | PortRanges,
        stamped: Callable[[], int] = lambda: time.clock_gettime_ns(time.CLOCK_REALTIME),
        pause: Callable[[], None] = lambda: None,
    ) -> None:
        self._steady, self._pairs, self._stamped, self._pause = steady, pairs, stamped, pause
        self._calls: dict[int, ReceivedCall] = {}
        self._streams: dict[int, tuple[ReceivedCall, IncomingStream]] = {}
        self._controls: dict[int, tuple[ReceivedCall, IncomingStream]] = {}
        self._requests: deque[Callable[[], None]] = deque()
        self._poll = select.epoll()
        self._room = DatagramReader()
        self._ending = threading.Event()
        self._turned = self.now()
        self._slow = 0
        self._own = secrets.randbits(32)
        self._chance = random.Random(secrets.randbits(64))  # noqa: S311 - spreads reports over time, guards nothing

    def now(self) -> int:
        """Return the steady time, ns since 1970."""
        return (self._steady.now() - _EPOCH) // timedelta(microseconds=1) * 1000

    def instant(self, monotonic: float) -> int:
        """Convert a reading of the monotonic clock to steady time, ns since 1970."""
        return (self._steady.instant(monotonic) - _EPOCH) // timedelta(microseconds=1) * 1000

    @property
    def is_overloaded(self) -> bool:
        """True while rounds take so long that a further call would cost packets of current ones."""
        return self._slow >= SLOW_TURNS

    def do(self, work: Callable[[], None]) -> None:
        """Run work in the receiver's thread in its next round, in order; thread-safe."""
        self._requests.append(work)

    def begin(self, call: PacketSink, streams: Sequence[IncomingStream]) -> ReceivedCall:
        """Receive a call from the next round on; thread-safe."""
        received = ReceivedCall(call, list(streams))
        self.do(lambda: self._begin(received))
        return received

    def add(
        self, received: ReceivedCall, stream: IncomingStream, former: IncomingStream | None = None
    ) -> None:
        """Add a leg that the recording already knows; ``former`` is a dropped input whose leg it continues. Thread-safe."""
        self.do(lambda: self._add(received, stream, former))

    def drop(self, stream: IncomingStream) -> None:
        """Remove a leg after `LATE` while its call continues; thread-safe."""

        def ends() -> None:
            stream.ends = self.now() + LATE

        self.do(ends)

    def end(self, received: ReceivedCall) -> None:
        """Finish a call after `LATE`; thread-safe."""

        def ends() -> None:
            received.ends = self.now() + LATE

        self.do(ends)

    def run(self) -> None:
        """Run rounds until `stop`, then finish every call."""
        pause = TURN_S
        while not self._ending.wait(pause):
            begun = self.now()
            self.turn()
            pause = max(TURN_S - (self.now() - begun) / SECOND, MIN_PAUSE_S)
        self.close()

    def stop(self) -> None:
        """Let `run` return; thread-safe."""
        self._ending.set()

    def close(self) -> None:
        """Take what has arrived, finish every call and release everything."""
        self.turn()
        for received in list(self._calls.values()):
            _isolated(self._finish, received, self.now())
        self._pairs.close()
        self._poll.close()

    def turn(self) -> None:
        """Run one round."""
        begun = self.now()
        self._do_requests()
        now, stamped = self.now(), self._stamped()
        elapsed, self._turned = max(now - self._turned, 0), now
        for _, stream in self._streams.values():
            stream.replenish(elapsed)
        for number, _ in self._poll.poll(0, 2 * len(self._streams) + 1):
            self._pause()
            if number in self._streams:
                _isolated(self._drain, *self._streams[number], now - stamped)
            elif number in self._controls:
                _isolated(self._drain_control, *self._controls[number], now)
        for received in list(self._calls.values()):
            self._pause()
            _isolated(self._look_after, received, now)
        self._pairs.open_ahead(MAX_OPENED_PER_TURN)
        self._slow = self._slow + 1 if self.now() - begun > SLOW_TURN_S * SECOND else 0

    def _look_after(self, received: ReceivedCall, now: int) -> None:
        _isolated(received.recording.tick, now)
        for stream in received.streams:
            if now >= stream.report_at:
                self._report(received, stream, now)
        for stream in [each for each in received.streams if each.ends is not None and now >= each.ends]:
            _isolated(self._drain_rest, received, stream)
            self._give_back(stream)
            received.streams.remove(stream)
        if received.ends is not None and now >= received.ends:
            self._finish(received, now)

    def _do_requests(self) -> None:
        while self._requests:
            self._pause()
            _isolated(self._requests.popleft())

    def _begin(self, received: ReceivedCall) -> None:
        self._calls[id(received)] = received
        for stream in received.streams:
            self._watch(received, stream)

    def _add(self, received: ReceivedCall, stream: IncomingStream, former: IncomingStream | None) -> None:
        if former is not None:
            if former.port.media.fileno() in self._streams:
                _isolated(self._drain_rest, received, former)
                self._give_back(former)
                received.streams.remove(former)
            stream.succeed(former)
        received.streams.append(stream)
        self._watch(received, stream)

    def _watch(self, received: ReceivedCall, stream: IncomingStream) -> None:
        media, control = stream.port.media.fileno(), stream.port.control.fileno()
        self._streams[media] = self._controls[control] = (received, stream)
        stream.report_at = self.now() + int(REPORT_EVERY * self._chance.uniform(0.5, 1.5))
        for number in (media, control):
            self._poll.register(number, select.EPOLLIN)

    def _finish(self, received: ReceivedCall, now: int) -> None:
        del self._calls[id(received)]
        for stream in received.streams:
            _isolated(self._drain_rest, received, stream)
        try:
            received.recording.finish(now)
        finally:
            for stream in received.streams:
                _isolated(self._give_back, stream)

    def _give_back(self, stream: IncomingStream) -> None:
        media, control = stream.port.media.fileno(), stream.port.control.fileno()
        del self._streams[media], self._controls[control]
        for number in (media, control):
            self._poll.unregister(number)
        stream.port.give_back()

    def _drain_rest(self, received: ReceivedCall, stream: IncomingStream) -> None:
        """Take all that waits at a port which is about to be closed, and count what nobody read in time."""
        now = self.now()
        try:
            self._drain(received, stream, now - self._stamped(), MAX_BUFFERED)
        finally:
            stream.port.settle(now)
            self._note(received, stream)

    def _drain(
        self, received: ReceivedCall, stream: IncomingStream, steady: int, most: int = MAX_PER_TURN
    ) -> None:
        """Take what has arrived on a port; a fault in one datagram is raised after the others are taken."""
        take, port, lock, keys, leg = (
            received.recording.take,
            stream.port,
            stream.lock,
            stream.keys,
            stream.leg,
        )
        newest, fault = self._stamped() + steady, None
        budget, octets = stream.budget, stream.octets
        for datagram, arrival, sender in port.arrived(self._room, steady, newest, most):
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
                    lock.reject_last()
            except Exception as met:  # noqa: BLE001 - raised below
                fault = met
        stream.budget, stream.octets = budget, octets
        self._note(received, stream)
        if fault is not None:
            raise fault

    @staticmethod
    def _note(received: ReceivedCall, stream: IncomingStream) -> None:
        lock, port, leg = stream.lock, stream.port, stream.leg
        counted = lock.rejected + port.dropped + port.oversize + stream.flooded
        if counted != stream.counted:
            stream.counted = counted
            flooded = stream.flooded + port.oversize
            received.recording.note_counts(leg, ReceiverCounts(lock.rejected, port.dropped, flooded))
        if (unread := port.take_unread()) is not None:
            received.recording.note_unread(leg, *unread)

    def _drain_control(self, received: ReceivedCall, stream: IncomingStream, now: int) -> None:
        for _ in range(8):
            try:
                datagram, sender = stream.port.control.recvfrom(MAX_DATAGRAM)
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
    def _take_control(received: ReceivedCall, stream: IncomingStream, datagram: bytes, arrival: int) -> None:
        opened = stream.keys.control(datagram) if stream.keys is not None else datagram
        if opened is not None and (length := compound_length(opened)):
            received.recording.take_control(stream.leg, opened[:length], arrival)

    def _report(self, received: ReceivedCall, stream: IncomingStream, now: int) -> None:
        stream.report_at = now + int(REPORT_EVERY * self._chance.uniform(0.5, 1.5))
        followed = stream.lock.followed
        if followed is None:
            return
        known = stream.control_from
        to = known if known is not None and known[0] == followed[0] else (followed[0], followed[1] + 1)
        packet = receiver_report(self._own, received.recording.leg(stream.leg).reception(now))
        with suppress(OSError, OverflowError):
            stream.port.control.sendto(stream.keys.protected(packet) if stream.keys else packet, to)


def _isolated(work: Callable[..., None], *arguments: object) -> None:
    try:
        work(*arguments)
    except Exception:
        log.exception("calls.fault")
