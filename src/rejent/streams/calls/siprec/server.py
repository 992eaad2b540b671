"""A SIP server on the network: UDP, TCP and TLS around what decides, such as `RecordingCore`.

Runs in whatever loop it is started in; the recorder's is uvloop. All in one thread: a message is read, answered and
its events handed on before the next one.
"""

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import structlog

from rejent.kernel.clock import Clock
from rejent.streams.calls.sip.flow import DEFAULT_PORT, Flow, Outgoing
from rejent.streams.calls.sip.header_values import read_uri
from rejent.streams.calls.sip.moment import Moment
from rejent.streams.calls.siprec.allowed import plain_address
from rejent.streams.calls.siprec.connection import Connection
from rejent.streams.calls.siprec.core import RecordingCore
from rejent.streams.calls.siprec.events import Event
from rejent.streams.calls.siprec.handshakes import BACKLOG, Handshakes

log = structlog.get_logger(__name__)

SOCKET_BUFFER = 4 * 1024 * 1024
"""Bytes of datagrams the kernel may hold for us; a burst of large INVITEs must not be lost before it is read."""
ATTEMPTS = 8
"""How often a free port is looked for that is free for UDP and for TCP."""
STRANGERS = 8
"""Connections at once of hosts that may not call: enough to tell them so, too few to keep others out."""
TOLD_A_SECOND, LONGEST_TOLD = 20, 8192
"""Datagrams of hosts that may not call which are read and told so, and their bytes: reading costs us time, and whoever they name as
their sender gets the answer (RFC 3261 §26.1.5)."""
REACHED_WITHIN = 5.0
"""Seconds within which a caller must be reached that closed its connection."""


@dataclass(slots=True, frozen=True)
class Listening:
    """Where the server listens.

    Attributes:
        host: an address of this machine.
        port: for UDP and TCP; 0 takes a free one; None where only TLS is taken.
        tls_port: likewise; None where there is no TLS.
        tls: how TLS presents itself and whom it believes.
        connections: connections at once.
        connections_per_host: of one host.
    """

    host: str
    port: int | None = 5060
    tls_port: int | None = None
    tls: ssl.SSLContext | None = None
    connections: int = 512
    connections_per_host: int = 64


Taken = TypeVar("Taken")


class SipCore(Protocol[Taken]):
    """What decides, without any input or output; such as `RecordingCore`."""

    accepting: bool

    @property
    def next_deadline(self) -> float | None:
        """When `tick` is to be called, in seconds of the monotonic clock."""

    def receive(self, data: bytes, flow: Flow, at: Moment) -> None:
        """Take one message."""

    def forbid(self, data: bytes, flow: Flow) -> None:
        """Refuse a request of one who may not call."""

    def tick(self, at: Moment) -> None:
        """Do what is due."""

    def stop_all(self, at: Moment) -> None:
        """End everything, and take no more."""

    def take_outgoing(self) -> list[Outgoing]:
        """What is to be sent, each time once."""

    def take_events(self) -> list[Taken]:
        """What happened since this was asked last."""


class SipServer(Generic[Taken]):
    """Listens, answers and hands on what happens.

    Args:
        core: what decides.
        clock: gives the instants of events.
        allowed: who may call, such as `AllowedCallers`; others are refused with 403.
        listening: where.
        on_event: takes each event, in order; it must not block.

    Attributes:
        dropped: datagrams and connections not taken, by reason.
    """

    def __init__(
        self,
        core: SipCore[Taken],
        clock: Clock,
        allowed: Container[str],
        listening: Listening,
        on_event: Callable[[Taken], None],
    ) -> None:
        self.dropped: Counter[str] = Counter()
        self._core = core
        self._clock = clock
        self._allowed = allowed
        self._listening = listening
        self._on_event = on_event
        self._datagrams: asyncio.DatagramTransport | None = None
        self._servers: list[asyncio.Server] = []
        self._handshakes: Handshakes | None = None
        self._connections: dict[int, Connection] = {}
        self._numbers = 0
        self._timer: asyncio.TimerHandle | None = None
        self._due: float | None = None
        self._calling: set[asyncio.Task[None]] = set()
        self._told_since, self._told = float("-inf"), 0

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            OSError: an address cannot be listened at.
        """
        where = self._listening
        if where.port is not None:
            await self._listen_plainly(where.port)
        if where.tls_port is not None and where.tls is not None:
            self._handshakes = Handshakes(self, lambda: Connection(self, "tls"), where.tls)
            self._handshakes.start(where.host, where.tls_port)

    async def _listen_plainly(self, port: int) -> None:
        """Listen for UDP and TCP at one port."""
        for left in reversed(range(1 if port else ATTEMPTS)):
            self._datagrams = await self._listen_for_datagrams(port)
            try:
                self._servers.append(await self._listen(self.port))
                break
            except OSError:
                self._datagrams.close()
                if not left:
                    raise

    async def _listen_for_datagrams(self, port: int) -> asyncio.DatagramTransport:
        where = self._listening
        taken = socket.socket(socket.AF_INET6 if ":" in where.host else socket.AF_INET, socket.SOCK_DGRAM)
        try:
            taken.setblocking(False)
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER)
            taken.bind((where.host, port))
        except OSError:
            taken.close()
            raise
        channel, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Datagrams(self), sock=taken
        )
        return channel

    async def _listen(self, port: int) -> asyncio.Server:
        return await asyncio.get_running_loop().create_server(
            lambda: Connection(self, "tcp"), self._listening.host, port, backlog=BACKLOG
        )

    @property
    def port(self) -> int:
        """The port of UDP and TCP; 0 while the server does not listen."""
        return int(self._datagrams.get_extra_info("sockname")[1]) if self._datagrams is not None else 0

    @property
    def tls_port(self) -> int:
        """The port of TLS; 0 while the server does not listen for it."""
        return self._handshakes.port if self._handshakes is not None else 0

    @property
    def listens(self) -> bool:
        """Whether anybody can call."""
        return bool(self.port or self.tls_port)

    async def stop(self) -> None:
        """End all sessions, say so to their callers, and close, whatever goes wrong with one of them."""
        self.hand_in(self._core.stop_all)
        if self._timer is not None:
            self._timer.cancel()
        if self._calling:
            await asyncio.wait(self._calling, timeout=REACHED_WITHIN)
        for server in self._servers:
            server.close()
        if self._handshakes is not None:
            await self._handshakes.stop()
        for connection in list(self._connections.values()):
            connection.close()
        if self._datagrams is not None:
            self._datagrams.close()
        for server in self._servers:
            await server.wait_closed()
        await asyncio.sleep(0)

    @property
    def accepting(self) -> bool:
        """Whether new sessions are taken; set it to False while the store is full."""
        return self._core.accepting

    @accepting.setter
    def accepting(self, value: bool) -> None:
        self._core.accepting = value

    def admit(self, connection: Connection, host: str) -> int | None:
        """The number of a new connection, or None where there are too many."""
        if not self.has_room(host, Counter()):
            return None
        self._numbers += 1
        self._connections[self._numbers] = connection
        return self._numbers

    def has_room(self, host: str, agreeing: Counter[str]) -> bool:
        """Whether a host may have one more connection beside those on which TLS is being agreed."""
        hosts = agreeing + Counter(one.host for one in self._connections.values())
        if host in self._allowed:
            most = self._listening
            room = hosts.total() < most.connections and hosts[host] < most.connections_per_host
        else:
            room = sum(count for one, count in hosts.items() if one not in self._allowed) < STRANGERS
        if not room:
            self.dropped["connection-limit"] += 1
        return room

    def gone(self, number: int) -> None:
        """A connection is closed."""
        self._connections.pop(number, None)

    def take(self, data: bytes, flow: Flow) -> bool:
        """Take one message; False where its sender may not call."""
        allowed = flow.host in self._allowed
        if not allowed:
            self.dropped["not-allowed"] += 1
            if not (flow.reliable or self._may_be_told(len(data))):
                return False
        with self._guarded():
            if allowed:
                self._core.receive(data, flow, self._now())
            else:
                self._core.forbid(data, flow)
        self._flush()
        return allowed

    def _may_be_told(self, size: int) -> bool:
        """Whether there is time to tell one more stranger by UDP that it may not call."""
        now = self._clock.monotonic()
        if now - self._told_since >= 1.0:
            self._told_since, self._told = now, 0
        self._told += 1
        return self._told <= TOLD_A_SECOND and size <= LONGEST_TOLD

    def hand_in(self, work: Callable[[Moment], None]) -> None:
        """Let the core know of something else than a message, and send what comes of it."""
        with self._guarded():
            work(self._now())
        self._flush()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """A fault in one message or in one who listens must not stop the others."""
        try:
            yield
        except Exception:
            self.dropped["fault"] += 1
            log.exception("siprec_fault")

    def _now(self) -> Moment:
        return Moment(self._clock.now(), self._clock.monotonic())

    def _tick(self) -> None:
        self._timer, self._due = None, None
        with self._guarded():
            self._core.tick(self._now())
        self._flush()

    def _flush(self) -> None:
        """Send first, then hand on: a caller waits for its answer, those who store do not."""
        for outgoing in self._core.take_outgoing():
            with self._guarded():
                self._send(outgoing)
        for event in self._core.take_events():
            with self._guarded():
                self._on_event(event)
        self._plan()

    def _plan(self) -> None:
        due = self._core.next_deadline
        if due is None or (self._due is not None and self._due <= due):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._due = due
        wait = max(0.0, due - self._clock.monotonic())
        self._timer = asyncio.get_running_loop().call_later(wait, self._tick)

    def _send(self, outgoing: Outgoing) -> None:
        flow = outgoing.flow
        if flow.transport == "udp":
            if self._datagrams is not None and not self._datagrams.is_closing():
                self._datagrams.sendto(outgoing.data, (flow.host, flow.port))
            return
        connection = self._connections.get(flow.connection) or self._other_connection(flow)
        if connection is not None:
            connection.send(outgoing.data)
        elif outgoing.target and flow.transport == "tcp":
            task = asyncio.get_running_loop().create_task(self._reach(outgoing))
            self._calling.add(task)
            task.add_done_callback(self._calling.discard)
        else:
            self.dropped["undeliverable"] += 1

    async def _reach(self, outgoing: Outgoing) -> None:
        """Connect to a caller that closed its connection, at the address in its Contact, if that one may call.

        A name is not looked up, nor one that stands behind an address like a zone of IPv6.
        """
        address = read_uri(outgoing.target)
        try:
            host = str(plain_address(address.host))
            if host not in self._allowed:
                raise ConnectionError
            async with asyncio.timeout(REACHED_WITHIN):
                _, connection = await asyncio.get_running_loop().create_connection(
                    lambda: Connection(self, "tcp"), host, address.port or DEFAULT_PORT
                )
        except (OSError, TimeoutError, ValueError):
            self.dropped["undeliverable"] += 1
        else:
            connection.send(outgoing.data)

    def _other_connection(self, flow: Flow) -> Connection | None:
        """Another connection from the same host: callers close one and open the next during a session."""
        alike = [
            one
            for one in self._connections.values()
            if (one.host, one.transport) == (flow.host, flow.transport)
        ]
        return alike[-1] if alike else None


class RecordingServer(SipServer[Event]):
    """The server of recording sessions; arguments as those of `SipServer`."""

    def __init__(
        self,
        core: RecordingCore,
        clock: Clock,
        allowed: Container[str],
        listening: Listening,
        on_event: Callable[[Event], None],
    ) -> None:
        super().__init__(core, clock, allowed, listening, on_event)
        self._recording = core

    def end(self, session: str) -> bool:
        """End a session, because the office does not record this call; False where it is not known."""
        known = self._recording.stop(session, self._now())
        self._flush()
        return known

    def set_receiving(self, session: str, *, receiving: bool) -> bool:
        """Tell a caller whether we take its media now; False where the session is not known."""
        known = self._recording.set_receiving(session, self._now(), receiving=receiving)
        self._flush()
        return known


class _Datagrams(asyncio.DatagramProtocol, Generic[Taken]):
    """Messages by UDP; the kernel has put fragments together."""

    def __init__(self, server: SipServer[Taken]) -> None:
        self._server = server

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if data.strip(b"\r\n\0 "):
            self._server.take(data, Flow("udp", str(plain_address(addr[0])), addr[1]))

    def error_received(self, exc: Exception) -> None:
        self._server.dropped["unreachable"] += 1
        log.debug("siprec_datagram_refused", kind=type(exc).__name__)
