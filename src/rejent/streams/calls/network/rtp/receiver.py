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
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog

from rejent.formats.rtp.account import SECOND, ReceiverCounts, Role
from rejent.formats.rtp.leg import Leg
from rejent.formats.rtp.rtcp import compound_length, receiver_report
from rejent.recording.steady_time import SteadyTime
from rejent.streams.calls.network.rtp.datagrams import MAX_DATAGRAM, DatagramReader
from rejent.streams.calls.network.rtp.ports import RECEIVE_BUFFER, MediaPort, PortPairs
from rejent.streams.calls.network.rtp.source_lock import Address, SourceLock

log = structlog.get_logger(__name__)

TURN_S = 0.15
"""Seconds between rounds."""
MIN_PAUSE_S = 0.02
"""Least pause between rounds in seconds, for the sealing thread."""
MAX_PER_TURN = 100
"""Datagrams read from one port per round: a flood delays the others by a millisecond."""
MAX_PACKETS_PER_SECOND = 400
"""Per leg; speech has 50 or 100."""
MAX_OCTETS_PER_SECOND = 64 * 1024
"""Per leg: eight times G.711, twice linear PCM at 16 kHz."""
MAX_BURST_OCTETS = RECEIVE_BUFFER
"""Per leg at once: all that the kernel may have buffered."""
MAX_OPENED_PER_TURN = 16
"""Pairs of ports opened ahead per round, which takes two milliseconds."""
LATE = SECOND // 5
"""Time for late packets after the end of a call."""
REPORT_EVERY = 5 * SECOND
"""Mean interval of receiver reports, randomised by half (RFC 3550 §6.2)."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class PacketSink(Protocol):
    """Consumer of a call's packets, such as `rejent.streams.calls.recorder.call_recording.CallRecording`."""

    def leg(self, number: int) -> Leg:
        """Return a leg, for receiver reports."""

    def take(self, leg: int, datagram: bytes, arrival: int) -> Role:
        """Take an RTP packet."""

    def take_control(self, leg: int, datagram: bytes, arrival: int) -> None:
        """Take an RTCP datagram."""

    def note_counts(self, leg: int, counted: ReceiverCounts) -> None:
        """Update the receiver's counts."""

    def tick(self, now: int) -> None:
        """Process what is due."""

    def finish(self, now: int) -> None:
        """Finish; nothing more comes."""


class SrtpKeys(Protocol):
    """SRTP keys, such as `rejent.streams.calls.network.rtp.srtp.SdesKeys`."""

    def media(self, datagram: bytes) -> bytes | None:
        """Return the decrypted packet, or None if not authentic."""

    def control(self, datagram: bytes) -> bytes | None:
        """Return the decrypted RTCP datagram, or None if not authentic."""

    def protected(self, report: bytes) -> bytes:
        """Encrypt a report of ours."""


@dataclass(slots=True)
class IncomingStream:
    """The input of one leg."""

    leg: int
    port: MediaPort
    lock: SourceLock
    keys: SrtpKeys | None = None
    counted: int = 0
    """Sum of the counts last passed to the recording."""
    budget: int = MAX_PACKETS_PER_SECOND
    """Packets accepted until the next replenishment."""
    octets: int = MAX_BURST_OCTETS
    """Octets accepted until the next replenishment."""
    flooded: int = 0
    report_at: int = 0
    control_from: Address | None = None
    ends: int | None = None
    """Time at which its ports are released while the call continues."""

    def succeed(self, former: "IncomingStream") -> None:
        """Continue the counts of a former input of the same leg."""
        self.port.succeed(former.port)
        self.lock.rejected += former.lock.rejected
        self.flooded += former.flooded
        self.budget = min(self.budget, former.budget)
        self.octets = min(self.octets, former.octets)

    def replenish(self, elapsed: int) -> None:
        """Add to the budgets for elapsed ns."""
        self.budget = min(self.budget + MAX_PACKETS_PER_SECOND * elapsed // SECOND, MAX_PACKETS_PER_SECOND)
        self.octets = min(self.octets + MAX_OCTETS_PER_SECOND * elapsed // SECOND, MAX_BURST_OCTETS)


@dataclass(slots=True)
class ReceivedCall:
    """A call and its inputs."""

    recording: PacketSink
    streams: list[IncomingStream]
    ends: int | None = None


class Receiver:
    """Receives all calls of a recorder (``pause``: called between pieces of work; may wait briefly, as the kernel buffers)."""

    def __init__(
        self,
        steady: SteadyTime,
        pairs: PortPairs,
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
        self._own = secrets.randbits(32)
        self._chance = random.Random(secrets.randbits(64))  # noqa: S311 - spreads reports over time, guards nothing

    def now(self) -> int:
        """Return the steady time, ns since 1970."""
        return (self._steady.now() - _EPOCH) // timedelta(microseconds=1) * 1000

    def instant(self, monotonic: float) -> int:
        """Convert a reading of the monotonic clock to steady time, ns since 1970."""
        return (self._steady.instant(monotonic) - _EPOCH) // timedelta(microseconds=1) * 1000

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
        self._do_requests()
        now, stamped = self.now(), self._stamped()
        elapsed = min(max(now - self._turned, 0), SECOND)
        self._turned = now
        for number, _ in self._poll.poll(0, 2 * len(self._streams) + 1):
            self._pause()
            if number in self._streams:
                _isolated(self._drain, *self._streams[number], now - stamped)
            elif number in self._controls:
                _isolated(self._drain_control, *self._controls[number], now)
        for received in list(self._calls.values()):
            self._pause()
            _isolated(self._look_after, received, now, elapsed)
        self._pairs.open_ahead(MAX_OPENED_PER_TURN)

    def _look_after(self, received: ReceivedCall, now: int, elapsed: int) -> None:
        """Process what is due for one call, ``elapsed`` ns after the last time."""
        _isolated(received.recording.tick, now)
        for stream in received.streams:
            stream.replenish(elapsed)
            if now >= stream.report_at:
                self._report(received, stream, now)
        for stream in [each for each in received.streams if each.ends is not None and now >= each.ends]:
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
                _isolated(self._drain, received, former, self.now() - self._stamped())
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
        self._pairs.give_back(stream.port)

    def _drain(self, received: ReceivedCall, stream: IncomingStream, steady: int) -> None:
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
        for datagram, arrival, sender in port.arrived(self._room, steady, newest, MAX_PER_TURN):
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
        counted = lock.rejected + port.dropped + port.oversize + stream.flooded
        if counted != stream.counted:
            stream.counted = counted
            flooded = stream.flooded + port.oversize
            received.recording.note_counts(leg, ReceiverCounts(lock.rejected, port.dropped, flooded))
        if fault is not None:
            raise fault

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
        """Pass on an RTCP datagram without trailing octets."""
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
    """Run work for one call; log its fault instead of stopping the others."""
    try:
        work(*arguments)
    except Exception:
        log.exception("calls.fault")
