"""The recorder of calls: any number of lines, told from any thread what to record."""

import asyncio
import ssl
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
import uvloop

from rejent.kernel.clock import Clock
from rejent.recording.contract import Cause, SourceStatus
from rejent.streams.calls.catalog.lines import MirrorLine, SiprecLine
from rejent.streams.calls.mirror.watch import WATCH, MirrorWatch
from rejent.streams.calls.recorder.door import Door, Reception
from rejent.streams.calls.recorder.line import ROSTER, CallBooks, Line, LineOrder, LineSink, Refusing
from rejent.streams.calls.rtp.ports import allow_open_files
from rejent.streams.calls.rtp.priority import SignallingPriority

log = structlog.get_logger(__name__)

FILES_A_CALL = 6
"""Open files that a call of two legs takes (`rejent.streams.calls.rtp.ports.allow_open_files`)."""
OTHER_FILES = 256
MOST_AHEAD = 300
"""Pairs of ports that are kept open for calls to come: a hundred and fifty calls of two legs may come at one instant."""
Place = tuple[str, int, bool]
"""Address and port of a door, and whether it is encrypted."""
BEAT_S = 1.0
"""Between two signs that the recorder gives itself."""
STOOD_STILL_S = 3.0
"""Seconds by which a sign may be late: beyond, whatever was handed over meanwhile may be lost."""


@dataclass(frozen=True, slots=True)
class Silence:
    """A stretch in which nobody listened, up to now."""

    since: datetime
    cause: Cause


class CallsRecorder:
    """Records calls into one sink; see `rejent.recording.contract.Recorder`.

    `add`, `remove`, `hinder`, `statuses`, `confirm_clock` and `stop` may be called from any thread.

    Args:
        sink: takes recordings, gaps and states.
        clock: gives all instants.
        books: where calls are entered.
        ports: the lowest and the highest port for packets.
        answering: claimed while callers wait for an answer.
        tls: how we present ourselves to those who call by TLS, and whom we believe; nothing where nobody may.

    Attributes:
        refusing: who is never recorded.
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
    ) -> None:
        self.tls = tls
        self._answering = answering
        self._sink, self._clock, self._books, self._ports = sink, clock, books, ports
        files = (allow_open_files() - OTHER_FILES) // FILES_A_CALL
        self._limit = max(1, min(files, (ports[1] - ports[0] + 1) // 4))
        self.refusing = Refusing()
        self._lines: dict[str, Line] = {}
        self._doors: dict[Place, Door] = {}
        self._receptions: dict[str, Reception] = {}
        self._watches: dict[str, MirrorWatch] = {}
        self._orders: deque[Callable[[], Awaitable[None]]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Event | None = None
        self._stopping = False

    def add(self, order: LineOrder, silence: "Silence | None") -> None:
        """Record a line, or go on with another order.

        Args:
            order: what is to be recorded.
            silence: since when and why nobody listened; None for a line that is new, or was listened to until now.
        """

        async def added() -> None:
            await self._remove(order.source_id)
            await self._add(order, silence)

        self._order(added)

    def remove(self, source_id: str, cause: Cause = Cause.SWITCHED_OFF) -> None:
        """End one line: it takes no more calls, and those under way are recorded to their end."""

        async def removed() -> None:
            line = self._lines.get(source_id)
            await self._remove(source_id)
            if line is not None:
                line.hinder(ROSTER, cause)

        self._order(removed)

    def hinder(self, source_id: str, cause: Cause) -> None:
        """Take no calls of a line for this cause; take them again where the cause is none."""

        async def hindered() -> None:
            line = self._lines.get(source_id)
            if line is not None:
                line.hinder(ROSTER, cause) if cause else line.free(ROSTER)
            for door in self._doors.values():
                door.look()

        self._order(hindered)

    def statuses(self) -> list[SourceStatus]:
        """Every line as it stands."""
        return [line.status for line in list(self._lines.values())]

    def confirm_clock(self) -> None:
        """A person vouches for the civil clock as it stands now: the next call is told in it, once none is under way."""

        async def confirmed() -> None:
            if not any(door.calls for door in self._doors.values()):
                for reception in self._receptions.values():
                    reception.steady.confirm()
            for watch in self._watches.values():
                watch.confirm_clock()

        self._order(confirmed)

    def look_at_clock(self) -> None:
        """Tell once if the civil clock stepped."""
        for place in self._places[:1]:
            step = place.steady.new_step()
            if step is not None:
                self._sink.clock_stepped(step, self._clock.now())

    @property
    def _places(self) -> list[Reception | MirrorWatch]:
        """Where packets come in, each in a time of its own."""
        return [*self._receptions.values(), *self._watches.values()]

    def stop(self) -> None:
        """End every call, hand its last object over, return from `run`."""
        self._stopping = True
        self._order(_nothing)

    def run(self) -> None:
        """Record until `stop`. The sink is left open: what it still holds is its owner's to wait for."""
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
            for door in self._doors.values():
                await _apart(door.close())
            await asyncio.sleep(0)
            for place in self._places:
                await _apart(asyncio.to_thread(place.close))
            for line in self._lines.values():
                line.hinder(ROSTER, Cause.RECORDER_STOPPED)

    async def _beat(self) -> None:
        """Notice that nothing was done for a while, which nobody else can tell once it is over."""
        while True:
            before = self._clock.monotonic()
            await asyncio.sleep(BEAT_S)
            seconds = self._clock.monotonic() - before
            if seconds > BEAT_S + STOOD_STILL_S:
                log.error("calls.stood-still", seconds=round(seconds, 1))
                for line in self._lines.values():
                    if not isinstance(
                        line.order.address, MirrorLine
                    ):  # the kernel kept its frames, or counts them as dropped
                        line.stood_still(seconds)

    def _order(self, work: Callable[[], Awaitable[None]]) -> None:
        self._orders.append(work)
        if self._loop is not None and self._wake is not None:
            self._loop.call_soon_threadsafe(self._wake.set)

    async def _add(self, order: LineOrder, silence: "Silence | None") -> None:
        address = order.address
        if isinstance(address, MirrorLine):
            self._watch(order, address, silence)
            return
        host, port = address.host, address.port
        if host not in self._receptions:
            ahead = min(MOST_AHEAD, self._limit // 2)
            self._receptions[host] = Reception(host, self._ports, self._clock, self._answering, ahead)
        reception = self._receptions[host]
        line = self._made(order, reception.now, "door", silence)
        door = self._doors.get(_place(address))
        if door is None:
            door = self._doors[_place(address)] = Door(
                host,
                port,
                reception,
                limit=self._limit,
                clock=self._clock,
                books=self._books,
                refusing=self.refusing,
                deserted=partial(self._order, partial(self._leave, _place(address))),
                tls=self.tls if address.tls else None,
            )
            await door.open()
        door.add(line)
        door.look()

    def _watch(self, order: LineOrder, address: MirrorLine, silence: "Silence | None") -> None:
        watch = self._watches.get(address.interface)
        if watch is None:
            watch = MirrorWatch(address.interface, self._clock, self._books, self.refusing)
            self._watches[address.interface] = watch
        watch.add(self._made(order, watch.now, WATCH, silence))

    def _made(
        self, order: LineOrder, now: Callable[[], datetime], who: str, silence: "Silence | None"
    ) -> Line:
        line = self._lines[order.source_id] = Line(order, self._sink, now)
        if silence is not None:
            line.hinder(who, silence.cause, silence.since)
        return line

    async def _remove(self, source_id: str) -> None:
        """Take no more of its calls; an address without a line is closed once its last call has ended."""
        line = self._lines.pop(source_id, None)
        if line is None:
            return
        address = line.order.address
        if isinstance(address, MirrorLine):
            self._watches[address.interface].remove(line)
            return
        self._doors[_place(address)].remove(line)
        await self._leave(_place(address))

    async def _leave(self, place: Place) -> None:
        """Close an address that has neither lines nor calls."""
        door = self._doors.get(place)
        if door is not None and not door.lines and not door.calls:
            del self._doors[place]
            await door.close()


def _place(address: SiprecLine) -> Place:
    return address.host, address.port, address.tls


async def _apart(work: Awaitable[None]) -> None:
    """Close one of several; a fault in it must not leave the others open."""
    try:
        await work
    except Exception:
        log.exception("calls.fault")


async def _nothing() -> None:
    """Only wakes."""
