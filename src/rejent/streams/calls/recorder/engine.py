"""The recorder of any number of lines, controlled from any thread."""

import asyncio
import ssl
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
import uvloop

from rejent.kernel.clock import Clock
from rejent.recording.contract import Cause, GeneralCause, SourceStatus
from rejent.streams.calls.catalog.lines.addresses import MirrorLine, SiprecLine
from rejent.streams.calls.network.rtp.ports import allow_open_files
from rejent.streams.calls.network.rtp.receiver import SignallingPriority
from rejent.streams.calls.receiving.mirror.mirror_recorder import CAPTURE, MirrorRecorder
from rejent.streams.calls.recorder.line import (
    STORE_CHECK,
    CallBooks,
    Line,
    LineOrder,
    LineSink,
    RefusedNumbers,
)
from rejent.streams.calls.recorder.siprec_endpoint import LISTENER, RtpReception, SiprecEndpoint

log = structlog.get_logger(__name__)

FILES_A_CALL = 6
"""Open files of a call of two legs (`rejent.streams.calls.network.rtp.ports.allow_open_files`)."""
OTHER_FILES = 256
MAX_OPENED_AHEAD = 300
"""Pairs of ports kept open: for a hundred and fifty simultaneous calls of two legs."""
EndpointKey = tuple[str, int, bool]
HEARTBEAT_S = 1.0
STALL_THRESHOLD_S = 3.0


@dataclass(frozen=True, slots=True)
class Silence:
    """An interval without listening, up to now."""

    since: datetime
    cause: Cause


class CallsRecorder:
    """Records calls into one sink (`rejent.recording.contract.Recorder`).

    `add`, `remove`, `hinder`, `statuses`, `confirm_clock` and `stop` are thread-safe. Without ``tls`` no TLS is
    accepted. ``off_by`` returns how far the clock is ahead of the believed time.
    """

    def __init__(
        self,
        sink: LineSink,
        clock: Clock,
        books: CallBooks,
        ports: tuple[int, int],
        *,
        answering: SignallingPriority,
        tls: ssl.SSLContext | None = None,
        off_by: Callable[[], timedelta] = timedelta,
    ) -> None:
        self.tls, self._off_by = tls, off_by
        self._answering = answering
        self._sink, self._clock, self._books, self._ports = sink, clock, books, ports
        files = (allow_open_files() - OTHER_FILES) // FILES_A_CALL
        self._limit = max(1, min(files, (ports[1] - ports[0] + 1) // 4))
        self.refused_numbers = RefusedNumbers()
        self._lines: dict[str, Line] = {}
        self._endpoints: dict[EndpointKey, SiprecEndpoint] = {}
        self._receptions: dict[str, RtpReception] = {}
        self._mirrors: dict[str, MirrorRecorder] = {}
        self._orders: deque[Callable[[], Awaitable[None]]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Event | None = None
        self._stopping = False

    def add(self, order: LineOrder, silence: "Silence | None") -> None:
        """Record a line, or continue with another order; ``silence`` is the gap up to now, None where there is none."""

        async def added() -> None:
            await self._remove(order.source_id)
            await self._add(order, silence)

        self._order(added)

    def remove(self, source_id: str, cause: Cause = GeneralCause.SWITCHED_OFF) -> None:
        """Remove a line; its current calls continue."""

        async def removed() -> None:
            line = self._lines.get(source_id)
            await self._remove(source_id)
            if line is not None:
                line.hinder(STORE_CHECK, cause)

        self._order(removed)

    def hinder(self, source_id: str, cause: Cause) -> None:
        """Take no calls of a line for this cause; `GeneralCause.NONE` resumes."""

        async def hindered() -> None:
            line = self._lines.get(source_id)
            if line is not None:
                line.hinder(STORE_CHECK, cause) if cause else line.free(STORE_CHECK)
            for endpoint in self._endpoints.values():
                endpoint.look()

        self._order(hindered)

    def statuses(self) -> list[SourceStatus]:
        """Return the state of every line."""
        return [line.status for line in list(self._lines.values())]

    def confirm_clock(self) -> None:
        """Adopt the civil clock as confirmed by a person, once no call is in progress."""

        async def confirmed() -> None:
            if not any(endpoint.calls for endpoint in self._endpoints.values()):
                for reception in self._receptions.values():
                    reception.steady.confirm()
            for mirror in self._mirrors.values():
                mirror.confirm_clock()

        self._order(confirmed)

    def look_at_clock(self) -> None:
        """Report a step of the civil clock, once."""
        for place in self._places[:1]:
            step = place.steady.new_step()
            if step is not None:
                self._sink.clock_stepped(step, self._clock.now())

    @property
    def _places(self) -> list[RtpReception | MirrorRecorder]:
        return [*self._receptions.values(), *self._mirrors.values()]

    def stop(self) -> None:
        """End every call and let `run` return."""
        self._stopping = True
        self._order(_nothing)

    def run(self) -> None:
        """Record until `stop`; the sink stays open for its owner to drain."""
        uvloop.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._wake = asyncio.get_running_loop(), asyncio.Event()
        self._wake.set()
        beating = asyncio.create_task(self._beat())
        try:
            while not self._stopping:
                await self._wake.wait()
                self._wake.clear()
                while self._orders:
                    await self._orders.popleft()()
        finally:
            beating.cancel()
            for endpoint in self._endpoints.values():
                await _isolated(endpoint.close())
            await asyncio.sleep(0)
            for place in self._places:
                await _isolated(asyncio.to_thread(place.close))
            for line in self._lines.values():
                line.hinder(STORE_CHECK, GeneralCause.RECORDER_STOPPED)

    async def _beat(self) -> None:
        while True:
            before = self._clock.monotonic()
            await asyncio.sleep(HEARTBEAT_S)
            seconds = self._clock.monotonic() - before
            if seconds > HEARTBEAT_S + STALL_THRESHOLD_S:
                log.error("calls.stood-still", seconds=round(seconds, 1))
                for line in self._lines.values():
                    if not isinstance(
                        line.order.address, MirrorLine
                    ):  # the kernel kept its frames, or counts them as dropped
                        line.note_stall(seconds)

    def _order(self, work: Callable[[], Awaitable[None]]) -> None:
        self._orders.append(work)
        if self._loop is not None and self._wake is not None:
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._wake.set)

    async def _add(self, order: LineOrder, silence: "Silence | None") -> None:
        address = order.address
        if isinstance(address, MirrorLine):
            self._add_mirror(order, address, silence)
            return
        host, port = address.host, address.port
        if host not in self._receptions:
            ahead = min(MAX_OPENED_AHEAD, self._limit // 2)
            self._receptions[host] = RtpReception(
                host, self._ports, self._clock, self._answering, ahead=ahead, off_by=self._off_by()
            )
        reception = self._receptions[host]
        line = self._new_line(order, reception.now, LISTENER, silence)
        endpoint = self._endpoints.get(_key(address))
        if endpoint is None:
            endpoint = self._endpoints[_key(address)] = SiprecEndpoint(
                host,
                port,
                reception,
                limit=self._limit,
                clock=self._clock,
                books=self._books,
                refused_numbers=self.refused_numbers,
                deserted=partial(self._order, partial(self._leave, _key(address))),
                tls=self.tls if address.tls else None,
            )
            await endpoint.open(line)
        else:
            endpoint.add(line)
        self._keep_open(host)
        endpoint.look()

    def _add_mirror(self, order: LineOrder, address: MirrorLine, silence: "Silence | None") -> None:
        mirror = self._mirrors.get(address.interface)
        if mirror is None:
            mirror = MirrorRecorder(
                address.interface, self._clock, self._books, self.refused_numbers, self._off_by()
            )
            self._mirrors[address.interface] = mirror
        mirror.add(self._new_line(order, mirror.now, CAPTURE, silence))

    def _new_line(
        self, order: LineOrder, now: Callable[[], datetime], who: str, silence: "Silence | None"
    ) -> Line:
        line = self._lines[order.source_id] = Line(order, self._sink, now)
        if silence is not None:
            line.hinder(who, silence.cause, silence.since)
        return line

    async def _remove(self, source_id: str) -> None:
        line = self._lines.pop(source_id, None)
        if line is None:
            return
        address = line.order.address
        if isinstance(address, MirrorLine):
            self._mirrors[address.interface].remove(line)
            return
        self._endpoints[_key(address)].remove(line)
        self._keep_open(address.host)
        await self._leave(_key(address))

    def _keep_open(self, host: str) -> None:
        endpoints = [each for key, each in self._endpoints.items() if key[0] == host]
        self._receptions[host].keep_open([line for each in endpoints for line in each.lines])

    async def _leave(self, key: EndpointKey) -> None:
        endpoint = self._endpoints.get(key)
        if endpoint is not None and not endpoint.lines and not endpoint.calls:
            del self._endpoints[key]
            await endpoint.close()


def _key(address: SiprecLine) -> EndpointKey:
    return address.host, address.port, address.tls


async def _isolated(work: Awaitable[None]) -> None:
    try:
        await work
    except Exception:
        log.exception("calls.fault")


async def _nothing() -> None: ...
