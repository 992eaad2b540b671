"""One address at which calls are handed over, and the lines behind it."""

import asyncio
import ssl
import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial

import structlog

from rejent.formats.matroska.manifest import instant
from rejent.kernel.clock import Clock
from rejent.recording.contract import Cause
from rejent.recording.steady_time import SteadyTime
from rejent.streams.calls.recorder.beginning import Beginnings
from rejent.streams.calls.recorder.call import Admitted, CallUnderWay
from rejent.streams.calls.recorder.chance import Chance
from rejent.streams.calls.recorder.line import CallBooks, Line, Refusal, Refusing
from rejent.streams.calls.rtp.errors import NoPortError
from rejent.streams.calls.rtp.ports import MediaPort, PortPairs
from rejent.streams.calls.rtp.priority import SignallingPriority
from rejent.streams.calls.rtp.receiver import Receiver
from rejent.streams.calls.scope import belongs, named, parties, possible_ways
from rejent.streams.calls.siprec.capabilities import Settings
from rejent.streams.calls.siprec.core import RecordingCore
from rejent.streams.calls.siprec.events import Begun, Ended, Event, StreamRemoved
from rejent.streams.calls.siprec.sdp import Media
from rejent.streams.calls.siprec.sdp_answer import Ports
from rejent.streams.calls.siprec.server import Listening, RecordingServer

log = structlog.get_logger(__name__)

DECIDED_WITHIN_S = 5.0
"""Seconds in which a caller may still say who talks; devices that begin with stand-ins say it at once."""
TRY_AGAIN_S = 5.0
"""Between attempts to listen at an address that is taken."""


class Reception:
    """Where packets come in at one address of this machine, in a thread of its own.

    Args:
        host: the address.
        ports: the lowest and the highest port for packets.
        clock: gives all instants.
        answering: claimed while callers wait for an answer; packets wait then.
        ahead: pairs of ports that are kept open for calls to come.
    """

    def __init__(
        self, host: str, ports: tuple[int, int], clock: Clock, answering: SignallingPriority, ahead: int
    ) -> None:
        self.steady = SteadyTime(clock)
        self.pairs = PortPairs(host, *ports, clock, ahead=ahead)
        self.answering = answering
        self.receiver = Receiver(self.steady, self.pairs, pause=self.answering.give)
        self._thread = threading.Thread(target=self.receiver.run, name=f"receiving-{host}")
        self._thread.start()

    def now(self) -> datetime:
        """The instant in steady time."""
        return self.steady.now()

    def close(self) -> None:
        """Finish every call."""
        self.receiver.stop()
        self._thread.join()


class Door:
    """Listens at one address for all its lines; everything here happens in the thread of its loop.

    It is the `MediaPorts` of its sessions, says who may call, and which calls are let in.

    Args:
        host: an address of this machine.
        port: for signalling: by UDP and TCP, or by TLS alone where ``tls`` is given.
        reception: takes the packets.
        limit: calls at once.
        clock: gives all instants.
        books: where calls are entered.
        refusing: who is never recorded.
        deserted: called when the last call has ended and there is no line any more.
        tls: how we present ourselves, and whom we believe.
    """

    def __init__(
        self,
        host: str,
        port: int,
        reception: Reception,
        *,
        limit: int,
        clock: Clock,
        books: CallBooks,
        refusing: Refusing,
        deserted: Callable[[], None],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.lines: list[Line] = []
        self._leaving: list[Line] = []
        """Lines that take no more calls, while those under way are recorded to their end."""
        self._refusing, self._deserted = refusing, deserted
        self._host, self._reception, self._books = host, reception, books
        self._calls: dict[str, CallUnderWay] = {}
        self._sockets: dict[int, MediaPort] = {}
        """Opened for a stream that no call has taken over yet."""
        self._admitted: Admitted | None = None
        self._beginnings = Beginnings(
            clock, lambda after_s, work: asyncio.get_running_loop().call_later(after_s, work)
        )
        presented = Settings(host, port, tls_port=port, limit=limit)
        core = RecordingCore(presented, self, Chance(), self._admission)
        plain, encrypted = (port, None) if tls is None else (None, port)
        listening = Listening(
            host, plain, tls_port=encrypted, tls=tls, connections=limit, connections_per_host=limit
        )
        self._server = RecordingServer(core, clock, self, listening, self._on_event)
        self._trying: asyncio.Task[None] | None = None
        self._why: str | None = None
        """Why nobody listened when that was tried last; told once, not at each try."""

    @property
    def calls(self) -> int:
        """Calls under way."""
        return len(self._calls)

    def __contains__(self, host: object) -> bool:
        """Whether somebody may hand calls over, or has handed over calls that are under way."""
        lines = (*self.lines, *self._leaving)
        return any(isinstance(host, str) and host in line.callers for line in lines)

    async def open(self) -> None:
        """Listen, at once or as soon as the address is free; until then its lines are hindered."""
        if not await self._listens():
            self._trying = asyncio.create_task(self._try_on())

    async def close(self) -> None:
        """End all calls and listen no more."""
        if self._trying is not None:
            self._trying.cancel()
        try:
            await self._server.stop()
        finally:
            self._beginnings.begin_all()

    def add(self, line: Line) -> None:
        """Take calls of a line, too."""
        self.lines.append(line)
        if self._server.listens:
            line.free("door")
        else:
            line.hinder("door", Cause.CANNOT_LISTEN)

    def remove(self, line: Line) -> None:
        """Take no more calls of a line."""
        self.lines.remove(line)
        self._leaving.append(line)
        self._let_go()
        self.look()

    def _let_go(self) -> None:
        """Forget the lines whose last call has ended."""
        under_way = [call.line for call in self._calls.values()]
        self._leaving = [line for line in self._leaving if line in under_way]

    def look(self) -> None:
        """Say to those who ask beforehand whether any line takes calls."""
        self._server.accepting = any(not line.cause for line in self.lines)

    async def _listens(self) -> bool:
        try:
            await self._server.start()
        except OSError as error:
            if error.strerror != self._why:
                log.error("calls.cannot-listen", host=self._host, why=error.strerror)  # noqa: TRY400 - one line is enough
            self._why = error.strerror
            for line in self.lines:
                line.hinder("door", Cause.CANNOT_LISTEN)
            return False
        log.info("calls.listening", host=self._host, port=self._server.port or self._server.tls_port)
        for line in self.lines:
            line.free("door")
        self.look()
        return True

    async def _try_on(self) -> None:
        while True:
            await asyncio.sleep(TRY_AGAIN_S)
            if await self._listens():
                return

    # Who is let in

    def _admission(self, begun: Begun) -> int:
        """With which status a session is refused; 0 lets it in."""
        self._reception.answering.claim()
        candidates = [line for line in self.lines if begun.source.host in line.callers]
        if not candidates:
            return 403
        stated = parties(begun, begun.metadata)
        line = max(candidates, key=lambda each: belongs(stated, each.order.address.numbers))
        if line.cause:
            return 503
        if self._refusing.names(named(begun, begun.metadata)):
            entry = partial(self._books.call_refused, line.source_id, "", Refusal.LIST, 0.0)
            line.enter(entry)
            return 603
        admitted = Admitted(line, stated, possible_ways(stated, line.order.address.numbers))
        if admitted.wanted is False:
            log.info("call.out-of-scope", source=line.source_id, way=admitted.way.value)
            return 603
        self._admitted = admitted
        return 0

    # What its sessions ask of it

    @property
    def free(self) -> int:
        """Pairs of ports that could be had now."""
        return self._reception.pairs.free

    def allocate(self, session: str, media: Media) -> Ports | None:  # noqa: ARG002 - the form of `MediaPorts`
        """Two open ports, or none where none are left."""
        try:
            taken = self._reception.pairs.take()
        except NoPortError:
            log.warning("calls.no-port", host=self._host)
            return None
        self._sockets[taken.number] = taken
        return Ports(self._host, taken.number, taken.number + 1)

    def release(self, ports: Ports) -> None:
        """The ports of a stream that is gone; those that a call took over its receiver gives back."""
        taken = self._sockets.pop(ports.rtp, None)
        if taken is not None:
            self._reception.pairs.give_back(taken)

    def last_packet_at(self, session: str) -> float | None:
        """When a packet of a session came last, by the monotonic clock."""
        call = self._calls.get(session)
        heard = call.heard if call is not None else 0
        return self._reception.steady.monotonic(instant(heard)) if heard else None

    # What they tell

    def _on_event(self, event: Event) -> None:
        loop = asyncio.get_running_loop()
        if isinstance(event, Begun) and self._admitted is not None:
            call = CallUnderWay(
                self._admitted,
                event,
                receiver=self._reception.receiver,
                ports=self._sockets.pop,
                books=self._books,
                refuse=partial(loop.call_soon, self._server.end, event.session),
                refuses=self._refusing.names,
                later=loop.call_soon_threadsafe,
            )
            self._calls[event.session] = call
            self._beginnings.add(call)
            loop.call_later(DECIDED_WITHIN_S, call.look_again, DECIDED_WITHIN_S)
            return
        known = self._calls.get(event.session)
        if known is None:
            return
        if isinstance(event, Ended):
            del self._calls[event.session]
            if self._leaving:
                self._let_go()
            if not self._calls and not self.lines:
                self._deserted()
        elif isinstance(event, StreamRemoved):
            loop.call_soon(self._stays_removed, event)
        known.take(event)

    def _stays_removed(self, event: StreamRemoved) -> None:
        """Give up a stream, unless it went because its whole call did."""
        call = self._calls.get(event.session)
        if call is not None:
            self._beginnings.begin(call)
            at = self._reception.receiver.instant(event.at.monotonic)
            call.stays_removed(event.stream, at)
