"""One address for SIPREC sessions, and the lines behind it."""

import asyncio
import secrets
import ssl
import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

import structlog

from rejent.formats.matroska.manifest import instant
from rejent.kernel.clock import Clock
from rejent.recording.steady_time import SteadyTime
from rejent.streams.calls.catalog.lines.addresses import SiprecLine
from rejent.streams.calls.catalog.lines.parts import LineCause
from rejent.streams.calls.network.rtp.ports import MediaPort, NoPortError, PortPairs, PortRanges
from rejent.streams.calls.network.rtp.receiver import Receiver, SignallingPriority
from rejent.streams.calls.receiving.siprec.core import LINES_OF_A_CALL, RecordingCore, Settings
from rejent.streams.calls.receiving.siprec.events import Begun, Confirmed, Ended, Event, NoRoom, StreamRemoved
from rejent.streams.calls.receiving.siprec.sdp import Media, Ports
from rejent.streams.calls.receiving.siprec.server import Listening, RecordingServer
from rejent.streams.calls.recorder.beginnings import DeferredStarts, DoubtfulStarts
from rejent.streams.calls.recorder.line import AdmittedCall, CallBooks, Line, Refusal, RefusedNumbers
from rejent.streams.calls.recorder.parties import belongs, named, parties, possible_ways
from rejent.streams.calls.recorder.siprec_call import SiprecCall

log = structlog.get_logger(__name__)

DRAWN = 4096
"""Octets fetched at once: enough for thirty answers."""


class EntropyPool:
    """Returns unpredictable octets; single-threaded. Each system call would release the interpreter lock and delay an answer."""

    def __init__(self) -> None:
        self._drawn = b""

    def __call__(self, count: int) -> bytes:
        """Return so many octets, at most `DRAWN`."""
        if len(self._drawn) < count:
            self._drawn = secrets.token_bytes(DRAWN)
        given, self._drawn = self._drawn[:count], self._drawn[count:]
        return given


DECISION_TIMEOUT_S = 5.0
"""Seconds in which metadata may still name the parties; some devices begin with placeholders."""
LISTENER = "listener"
ROOM, LOAD = "room", "load"
"""Hindrances: a call was refused because no other fits, or the machine does not keep up."""
TRY_AGAIN_S = 5.0


def _later(after_s: float, work: Callable[[], None]) -> object:
    return asyncio.get_running_loop().call_later(after_s, work)


class RtpReception:
    """Receives packets at one address, in a thread of its own that respects signalling."""

    def __init__(
        self,
        host: str,
        ports: tuple[int, int],
        clock: Clock,
        answering: SignallingPriority,
        *,
        ahead: int,
        off_by: timedelta = timedelta(),
    ) -> None:
        self.steady = SteadyTime(clock, off_by)
        self._common, self._ranges = ports, PortRanges(host, clock, ahead=ahead)
        self.answering = answering
        self.receiver = Receiver(self.steady, self._ranges, pause=self.answering.give)
        self._thread = threading.Thread(target=self.receiver.run, name=f"receiving-{host}")
        self._thread.start()

    def pairs(self, line: Line) -> PortPairs:
        """Return the ports for the calls of a line."""
        return self._ranges[self._range(line)]

    def keep_open(self, lines: Iterable[Line]) -> None:
        """Keep ports open ahead for these lines alone, each within its range: its own, or the common one."""
        self._ranges.keep_open({self._range(line) for line in lines})

    def _range(self, line: Line) -> tuple[int, int]:
        address = line.order.address
        own = address.rtp_ports if isinstance(address, SiprecLine) else None
        return own or self._common

    def now(self) -> datetime:
        """Return the steady time."""
        return self.steady.now()

    def close(self) -> None:
        """Finish every call."""
        self.receiver.stop()
        self._thread.join()


class SiprecEndpoint:
    """Listens at one address for all its lines; single-threaded, in its loop.

    It is the `MediaPorts` and the allowed callers of its server, and admits calls. ``port`` is for UDP and TCP, or for
    TLS alone; ``deserted`` is called after the last call if no line is left.
    """

    def __init__(
        self,
        host: str,
        port: int,
        reception: RtpReception,
        *,
        limit: int,
        clock: Clock,
        books: CallBooks,
        refused_numbers: RefusedNumbers,
        deserted: Callable[[], None],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.lines: list[Line] = []
        self._leaving: list[Line] = []
        self._refused_numbers, self._deserted = refused_numbers, deserted
        self._host, self._reception, self._books = host, reception, books
        self._calls: dict[str, SiprecCall] = {}
        self._sockets: dict[int, MediaPort] = {}
        self._admitted: AdmittedCall | None = None
        self._beginnings = DeferredStarts(clock, _later)
        self._doubtful = DoubtfulStarts(self._beginnings.add, _later)
        presented = Settings(host, port, tls_port=port, limit=limit)
        core = RecordingCore(presented, self, EntropyPool(), self._admission)
        plain, encrypted = (port, None) if tls is None else (None, port)
        listening = Listening(
            host, plain, tls_port=encrypted, tls=tls, connections=limit, connections_per_host=limit
        )
        self._server = RecordingServer(core, clock, self, listening, self._on_event)
        self._trying: asyncio.Task[None] | None = None
        self._why: str | None = None

    @property
    def calls(self) -> int:
        """Number of current calls."""
        return len(self._calls)

    def __contains__(self, host: object) -> bool:
        lines = (*self.lines, *self._leaving)
        return any(isinstance(host, str) and host in line.callers for line in lines)

    async def open(self, line: Line) -> None:
        """Listen for a first line, which is known before anybody is heard; now, or as soon as the address is free."""
        self.lines.append(line)
        if not await self._listens():
            self._trying = asyncio.create_task(self._try_on())

    async def close(self) -> None:
        """End all calls and stop listening."""
        if self._trying is not None:
            self._trying.cancel()
        try:
            await self._server.stop()
        finally:
            self._doubtful.give_up_all()
            self._beginnings.begin_all()

    def add(self, line: Line) -> None:
        """Accept calls of a further line."""
        self.lines.append(line)
        if self._server.listens:
            line.free(LISTENER)
        else:
            line.hinder(LISTENER, LineCause.CANNOT_LISTEN)

    def remove(self, line: Line) -> None:
        """Accept no more calls of a line."""
        self.lines.remove(line)
        self._leaving.append(line)
        self._let_go()
        self.look()

    def _let_go(self) -> None:
        under_way = [call.line for call in self._calls.values()]
        self._leaving = [line for line in self._leaving if line in under_way]

    def look(self) -> None:
        """Accept sessions while any line takes calls; lines are free again once there is room and the machine keeps up."""
        has_room, keeps_up = self._server.has_session_room, not self._reception.receiver.is_overloaded
        for line in self.lines:
            if has_room and self._reception.pairs(line).free >= LINES_OF_A_CALL:
                line.free(ROOM)
            if keeps_up:
                line.free(LOAD)
        self._server.accepting = any(not line.cause for line in self.lines)

    async def _listens(self) -> bool:
        try:
            await self._server.start()
        except OSError as error:
            if error.strerror != self._why:
                log.error("calls.cannot-listen", host=self._host, why=error.strerror)  # noqa: TRY400 - one line is enough
            self._why = error.strerror
            for line in self.lines:
                line.hinder(LISTENER, LineCause.CANNOT_LISTEN)
            return False
        log.info("calls.listening", host=self._host, port=self._server.port or self._server.tls_port)
        for line in self.lines:
            line.free(LISTENER)
        self.look()
        return True

    async def _try_on(self) -> None:
        while True:
            await asyncio.sleep(TRY_AGAIN_S)
            if await self._listens():
                return

    def _admission(self, begun: Begun) -> int:
        self._reception.answering.claim()
        self._admitted = None
        candidates = [line for line in self.lines if begun.source.host in line.callers]
        if not candidates:
            return 403
        stated = parties(begun, begun.metadata)
        line = max(candidates, key=lambda each: belongs(stated, each.order.address.numbers))
        if self._reception.receiver.is_overloaded:
            line.hinder(LOAD, LineCause.OVERLOADED)
        if line.cause:
            return 503
        if self._refused_numbers.names(named(begun, begun.metadata)):
            line.refuse(self._books, "", Refusal.LIST)
            return 603
        admitted = AdmittedCall(line, stated, possible_ways(stated, line.order.address.numbers))
        if admitted.wanted is False:
            log.info("call.out-of-scope", source=line.source_id, way=admitted.way.value)
            return 603
        self._admitted = admitted
        return 0

    @property
    def free(self) -> int:
        """Available pairs of ports, of the line that has most."""
        return max((self._reception.pairs(line).free for line in self.lines), default=0)

    def allocate(self, session: str, media: Media) -> Ports | None:  # noqa: ARG002 - the form of `MediaPorts`
        """Return two open ports for the call that a session records or was just admitted for, or None where none are left."""
        known = self._calls.get(session) or self._admitted
        if known is None:
            return None
        try:
            taken = self._reception.pairs(known.line).take()
        except NoPortError:
            log.warning("calls.no-port", host=self._host)
            return None
        self._sockets[taken.number] = taken
        return Ports(self._host, taken.number, taken.number + 1)

    def release(self, ports: Ports) -> None:
        """Release the ports of a removed stream, unless a call took them over."""
        taken = self._sockets.pop(ports.rtp, None)
        if taken is not None:
            taken.give_back()

    def last_packet_at(self, session: str) -> float | None:
        """Return when a session's last packet arrived, by the monotonic clock."""
        call = self._calls.get(session)
        heard = call.heard if call is not None else 0
        return self._reception.steady.monotonic(instant(heard)) if heard else None

    def _on_event(self, event: Event) -> None:
        if isinstance(event, Begun) and self._admitted is not None:
            self._begin(event, self._admitted)
            return
        if isinstance(event, NoRoom):
            log.warning("calls.no-room", host=self._host, calls=self.calls)
            for line in [self._admitted.line] if event.session and self._admitted else self.lines:
                if event.host in line.callers:
                    line.hinder(ROOM, LineCause.NO_ROOM)
            return
        known = self._calls.get(event.session)
        if known is None:
            return
        if isinstance(event, Ended):
            self._end(event.session, known)
        elif isinstance(event, Confirmed):
            self._doubtful.confirm(known)
        elif isinstance(event, StreamRemoved):
            asyncio.get_running_loop().call_soon(self._stays_removed, event)
        known.take(event)

    def _begin(self, event: Begun, admitted: AdmittedCall) -> None:
        loop = asyncio.get_running_loop()
        call = self._calls[event.session] = SiprecCall(
            admitted,
            event,
            receiver=self._reception.receiver,
            ports=self._sockets.pop,
            books=self._books,
            end_session=partial(loop.call_soon, self._server.end, event.session),
            is_refused=self._refused_numbers.names,
            later=loop.call_soon_threadsafe,
        )
        if self._server.is_behind:
            self._doubtful.add(call)
        else:
            self._beginnings.add(call)
        loop.call_later(DECISION_TIMEOUT_S, call.look_again, DECISION_TIMEOUT_S)

    def _end(self, session: str, known: SiprecCall) -> None:
        del self._calls[session]
        if self._doubtful.give_up(known):
            log.info("call.given-up", source=known.line.source_id)
        asyncio.get_running_loop().call_soon(self.look)
        if self._leaving:
            self._let_go()
        if not self._calls and not self.lines:
            self._deserted()

    def _stays_removed(self, event: StreamRemoved) -> None:
        call = self._calls.get(event.session)
        if call is not None:
            self._doubtful.start(call)
            self._beginnings.begin(call)
            at = self._reception.receiver.instant(event.at.monotonic)
            call.stream_removed(event.stream, at)
