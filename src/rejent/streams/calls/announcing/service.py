"""Announcing on the network: one address for each line, all in one loop, and what it tells handed on."""

import asyncio
import queue
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import structlog

from rejent.kernel.clock import Clock
from rejent.streams.calls.announcing.core import AnnouncingCore, Presence
from rejent.streams.calls.announcing.course import Programme
from rejent.streams.calls.announcing.session import Announced
from rejent.streams.calls.rtp.datagrams import MAX_DATAGRAM
from rejent.streams.calls.rtp.errors import NoPortError
from rejent.streams.calls.rtp.ports import MediaPort, PortPairs
from rejent.streams.calls.siprec.allowed_callers import AllowedCallers
from rejent.streams.calls.siprec.server import Listening, SipServer

log = structlog.get_logger(__name__)

AT_ONCE = 64
"""Packets of one caller that are read in a turn; whoever sends more waits, and the others do not."""
MOST_WAITING = 10_000
"""What was told and is not yet taken; beyond that the newest is dropped, and a log line says so."""
TRY_AGAIN_S = 5.0
REST_S = 2.0
"""Seconds that a pair of ports rests: nothing of what comes in is kept, and whoever rings and hangs up at once leaves others some."""


@dataclass(frozen=True)
class Announcing:
    """How the calls of one line are answered.

    Attributes:
        callers: addresses and networks that may send calls.
        programme: nothing while there is nothing to be said.
    """

    source_id: str
    host: str
    port: int
    callers: tuple[str, ...]
    programme: Programme | None


def port_pairs(host: str, ports: tuple[int, int], clock: Clock) -> PortPairs:
    """The ports at which callers are spoken to."""
    return PortPairs(host, *ports, clock, rest_s=REST_S)


class _Ears:
    """The sockets of one caller in the loop."""

    def __init__(
        self, taken: MediaPort, pairs: PortPairs, heard: Callable[["_Ears", bytes, str, int], None]
    ) -> None:
        self._taken, self._pairs, self._heard = taken, pairs, heard
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(taken.media.fileno(), self._read)

    @property
    def port(self) -> int:
        """Where speech is received."""
        return self._taken.number

    def send(self, datagram: bytes, host: str, port: int) -> None:
        """Send a packet; one that the kernel does not take, or that goes nowhere, is lost: others are spoken to in the same turn."""
        with suppress(OSError, OverflowError, TypeError, ValueError):
            self._taken.media.sendto(datagram, (host, port))

    def close(self) -> None:
        """Give the ports back."""
        self._loop.remove_reader(self._taken.media.fileno())
        self._pairs.give_back(self._taken)

    def _read(self) -> None:
        for _ in range(AT_ONCE):
            try:
                datagram, sender = self._taken.media.recvfrom(MAX_DATAGRAM)
            except OSError:
                return
            self._heard(self, datagram, sender[0], sender[1])
            if self._taken.media.fileno() < 0:
                return


class _Desk:
    """One line: its core and its server."""

    def __init__(
        self, order: Announcing, pairs: PortPairs, clock: Clock, told: Callable[[str, Announced], None]
    ) -> None:
        self.order = order
        self._clock, self._pairs = clock, pairs
        self.core = AnnouncingCore(
            Presence(order.host, order.port), order.programme, self._voice, secrets.token_bytes
        )
        allowed = AllowedCallers(order.callers)
        listening = Listening(order.host, order.port)
        self.server = SipServer[Announced](
            self.core, clock, allowed, listening, partial(told, order.source_id)
        )

    def _voice(self, _name: str) -> _Ears | None:
        try:
            return _Ears(self._pairs.take(), self._pairs, self._heard)
        except NoPortError:
            return None

    def _heard(self, ears: _Ears, datagram: bytes, host: str, port: int) -> None:
        session = self.core.session_of(ears)
        if session is not None:
            self.server.run_in_core(lambda at: self.core.hear(session, datagram, host, port, at))


class AnnouncingService:
    """Every line that is announced.

    Args:
        clock: gives all instants.
        ports: the lowest and the highest port for speech.

    Attributes:
        told: the line and what was told of a caller, in order, to be taken by another thread.
    """

    def __init__(self, clock: Clock, ports: tuple[int, int]) -> None:
        self.told: queue.Queue[tuple[str, Announced]] = queue.Queue(MOST_WAITING)
        self._clock, self._ports = clock, ports
        self._wanted: dict[str, Announcing] = {}
        self._desks: dict[str, _Desk] = {}
        self._pairs: dict[str, PortPairs] = {}
        self._failing: dict[str, Announcing] = {}
        """What could not be served when that was tried last; told once, not at each try."""
        self._loop = asyncio.new_event_loop()
        self._changed, self._stopping = asyncio.Event(), False

    def run(self) -> None:
        """Answer calls until `stop`; in a thread of its own."""
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    def want(self, orders: list[Announcing]) -> None:
        """What is announced from now on; from any thread."""
        self._call(partial(self._want, {order.source_id: order for order in orders}))

    def stop(self) -> None:
        """Hang up everywhere and end; from any thread."""
        self._call(self._stop)

    def listening(self) -> dict[str, int]:
        """The port of each line at which calls are answered now."""
        return {name: desk.server.port for name, desk in list(self._desks.items())}

    def _call(self, work: Callable[[], None]) -> None:
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(work)

    def _want(self, orders: dict[str, Announcing]) -> None:
        self._wanted = orders
        self._changed.set()

    def _stop(self) -> None:
        self._stopping = True
        self._changed.set()

    async def _serve(self) -> None:
        while not self._stopping:
            failed = await self._arrange()
            with suppress(TimeoutError):
                async with asyncio.timeout(TRY_AGAIN_S if failed else None):
                    await self._changed.wait()
            self._changed.clear()
        for desk in self._desks.values():
            await desk.server.stop()

    async def _arrange(self) -> bool:
        """Serve what is wanted and nothing else; whether an address could not be had."""
        failed = False
        for name, desk in list(self._desks.items()):
            wanted = self._wanted.get(name)
            if wanted is not None and replace(wanted, programme=None) == replace(desk.order, programme=None):
                desk.core.programme = wanted.programme
                continue
            del self._desks[name]
            await desk.server.stop()
        for name, order in self._wanted.items():
            if name in self._desks:
                continue
            pairs = self._pairs.setdefault(order.host, port_pairs(order.host, self._ports, self._clock))
            desk = _Desk(order, pairs, self._clock, self._tell)
            try:
                await desk.server.start()
            except OSError as error:
                failed = True
                if self._failing.get(name) != order:
                    log.error("announcing.cannot-listen", source=name, kind=type(error).__name__)  # noqa: TRY400 - the kind says enough
                self._failing[name] = order
                await desk.server.stop()
            else:
                self._desks[name] = desk
                self._failing.pop(name, None)
        return failed

    def _tell(self, source_id: str, announced: Announced) -> None:
        try:
            self.told.put_nowait((source_id, announced))
        except queue.Full:
            log.error("announcing.not-noted", source=source_id)  # noqa: TRY400 - no fault of the program
