"""The announcing service on the network: one address per line, all in one loop."""

import asyncio
import queue
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import structlog

from rejent.kernel.clock import Clock
from rejent.streams.calls.announcing.core import AnnouncingCore, ServiceAddress
from rejent.streams.calls.announcing.playback import Programme
from rejent.streams.calls.announcing.session import Announced
from rejent.streams.calls.network.rtp.datagrams import MAX_DATAGRAM
from rejent.streams.calls.network.rtp.ports import MediaPort, NoPortError, PortPairs
from rejent.streams.calls.receiving.siprec.allowed_callers import AllowedCallers
from rejent.streams.calls.receiving.siprec.server import Listening, SipServer

log = structlog.get_logger(__name__)

MAX_PER_TURN = 64
MAX_QUEUED = 10_000
"""Events waiting to be taken; further ones are dropped and logged."""
TRY_AGAIN_S = 5.0
REST_S = 2.0
"""Seconds of quarantine of ports: incoming media is not kept, and short calls must not exhaust them."""


@dataclass(frozen=True)
class AnnouncingOrder:
    """Settings for answering one line's calls; ``programme`` is None while there is nothing to play."""

    source_id: str
    host: str
    port: int
    callers: tuple[str, ...]
    programme: Programme | None


def port_pairs(host: str, ports: tuple[int, int], clock: Clock) -> PortPairs:
    """Return the ports for callers."""
    return PortPairs(host, *ports, clock, rest_s=REST_S)


class _CallerSockets:
    def __init__(
        self, taken: MediaPort, pairs: PortPairs, heard: Callable[["_CallerSockets", bytes, str, int], None]
    ) -> None:
        self._taken, self._pairs, self._heard = taken, pairs, heard
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(taken.media.fileno(), self._read)

    @property
    def port(self) -> int:
        """RTP port."""
        return self._taken.number

    def send(self, datagram: bytes, host: str, port: int) -> None:
        """Send a packet, ignoring failures: other callers are served in the same turn."""
        with suppress(OSError, OverflowError, TypeError, ValueError):
            self._taken.media.sendto(datagram, (host, port))

    def close(self) -> None:
        """Release the ports."""
        self._loop.remove_reader(self._taken.media.fileno())
        self._pairs.give_back(self._taken)

    def _read(self) -> None:
        for _ in range(MAX_PER_TURN):
            try:
                datagram, sender = self._taken.media.recvfrom(MAX_DATAGRAM)
            except OSError:
                return
            self._heard(self, datagram, sender[0], sender[1])
            if self._taken.media.fileno() < 0:
                return


class _LineServer:
    def __init__(
        self,
        order: AnnouncingOrder,
        pairs: PortPairs,
        clock: Clock,
        on_announced: Callable[[str, Announced], None],
    ) -> None:
        self.order = order
        self._clock, self._pairs = clock, pairs
        self.core = AnnouncingCore(
            ServiceAddress(order.host, order.port),
            order.programme,
            self._sockets_of_caller,
            secrets.token_bytes,
        )
        allowed = AllowedCallers(order.callers)
        listening = Listening(order.host, order.port)
        self.server = SipServer[Announced](
            self.core, clock, allowed, listening, partial(on_announced, order.source_id)
        )

    def _sockets_of_caller(self, _name: str) -> _CallerSockets | None:
        try:
            return _CallerSockets(self._pairs.take(), self._pairs, self._heard)
        except NoPortError:
            return None

    def _heard(self, sockets: _CallerSockets, datagram: bytes, host: str, port: int) -> None:
        session = self.core.session_of(sockets)
        if session is not None:
            self.server.run_in_core(lambda at: self.core.hear(session, datagram, host, port, at))


class AnnouncingService:
    """All announced lines; ``announced`` is a queue of line id and event, for another thread."""

    def __init__(self, clock: Clock, ports: tuple[int, int]) -> None:
        self.announced: queue.Queue[tuple[str, Announced]] = queue.Queue(MAX_QUEUED)
        self._clock, self._ports = clock, ports
        self._wanted: dict[str, AnnouncingOrder] = {}
        self._line_servers: dict[str, _LineServer] = {}
        self._pairs: dict[str, PortPairs] = {}
        self._failing: dict[str, AnnouncingOrder] = {}
        self._loop = asyncio.new_event_loop()
        self._changed, self._stopping = asyncio.Event(), False

    def run(self) -> None:
        """Answer calls until `stop`, in a thread of its own."""
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    def want(self, orders: list[AnnouncingOrder]) -> None:
        """Replace the orders; thread-safe."""
        self._call(partial(self._want, {order.source_id: order for order in orders}))

    def stop(self) -> None:
        """End all calls and stop; thread-safe."""
        self._call(self._stop)

    def _call(self, work: Callable[[], None]) -> None:
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(work)

    def _want(self, orders: dict[str, AnnouncingOrder]) -> None:
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
        for line_server in self._line_servers.values():
            await line_server.server.stop()

    async def _arrange(self) -> bool:
        """Apply the orders; True if an address was not available."""
        failed = False
        for name, line_server in list(self._line_servers.items()):
            wanted = self._wanted.get(name)
            if wanted is not None and replace(wanted, programme=None) == replace(
                line_server.order, programme=None
            ):
                line_server.core.programme = wanted.programme
                continue
            del self._line_servers[name]
            await line_server.server.stop()
        for name, order in self._wanted.items():
            if name in self._line_servers:
                continue
            pairs = self._pairs.setdefault(order.host, port_pairs(order.host, self._ports, self._clock))
            line_server = _LineServer(order, pairs, self._clock, self._queue)
            try:
                await line_server.server.start()
            except OSError as error:
                failed = True
                if self._failing.get(name) != order:
                    log.error("announcing.cannot-listen", source=name, kind=type(error).__name__)  # noqa: TRY400 - the kind says enough
                self._failing[name] = order
                await line_server.server.stop()
            else:
                self._line_servers[name] = line_server
                self._failing.pop(name, None)
        return failed

    def _queue(self, source_id: str, announced: Announced) -> None:
        try:
            self.announced.put_nowait((source_id, announced))
        except queue.Full:
            log.error("announcing.not-noted", source=source_id)  # noqa: TRY400 - no fault of the program
