"""A SIP server on the network: UDP, TCP and TLS around a sans-I/O core such as `RecordingCore`.

Single-threaded, in the running event loop: each message is processed, answered and its events delivered before the
next.
"""

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic

import structlog

from rejent.kernel.clock import Clock
from rejent.streams.calls.network.sip.deadlines import Moment
from rejent.streams.calls.network.sip.dialog_server import DialogServer, Taken
from rejent.streams.calls.network.sip.flow import DEFAULT_PORT, Flow, Outgoing
from rejent.streams.calls.network.sip.header_values import read_uri
from rejent.streams.calls.receiving.siprec.allowed_callers import plain_address
from rejent.streams.calls.receiving.siprec.connection import BACKLOG, Connection, TlsListener
from rejent.streams.calls.receiving.siprec.core import RecordingCore
from rejent.streams.calls.receiving.siprec.events import Event

log = structlog.get_logger(__name__)

SOCKET_BUFFER = 4 * 1024 * 1024
"""Receive buffer for datagrams, in bytes: a burst of large INVITEs must fit."""
ATTEMPTS = 8
MAX_FORBIDDEN_CONNECTIONS = 8
"""Connections at once of hosts that are not allowed: they get their 403 and crowd nobody out."""
MAX_FORBIDDEN_PER_SECOND, MAX_FORBIDDEN_SIZE = 20, 8192
"""Datagrams of hosts that are not allowed which are answered, and their size.

Parsing costs time, and the answer goes to a source that may be forged (RFC 3261 §26.1.5).
"""
CONNECT_TIMEOUT = 5.0
PULSE_S = 0.5
"""Seconds between two signs that the loop turns."""
STOOD_STILL_S = 1.5
"""Seconds without one after which messages may have waited: a caller has sent its INVITE three times by then (RFC 3261 timer A)."""
BACKLOG_S = 2.0
"""Seconds in which what waited is read: a socket buffer of `SOCKET_BUFFER` holds some hundreds of INVITEs."""


@dataclass(slots=True, frozen=True)
class Listening:
    """Addresses and limits of the server; port 0 chooses a free one, None leaves that transport out."""

    host: str
    port: int | None = 5060
    tls_port: int | None = None
    tls: ssl.SSLContext | None = None
    connections: int = 512
    connections_per_host: int = 64


class SipServer(Generic[Taken]):
    """Listens, sends and calls ``on_event``, which must not block, for each event; hosts that are not ``allowed`` get 403."""

    def __init__(
        self,
        core: DialogServer[Any, Taken],
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
        self._handshakes: TlsListener | None = None
        self._connections: dict[int, Connection] = {}
        self._numbers = 0
        self._timer: asyncio.TimerHandle | None = None
        self._due: float | None = None
        self._calling: set[asyncio.Task[None]] = set()
        self._forbidden_since, self._forbidden = float("-inf"), 0
        self._pulsed, self._behind_until = clock.monotonic(), float("-inf")
        self._pulse: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Start to listen; OSError where an address is not available."""
        where = self._listening
        if self._pulse is None:
            self._pulsed = self._clock.monotonic()
            self._beat()
        if where.port is not None:
            await self._listen_plainly(where.port)
        if where.tls_port is not None and where.tls is not None:
            self._handshakes = TlsListener(self, lambda: Connection(self, "tls"), where.tls)
            self._handshakes.start(where.host, where.tls_port)

    async def _listen_plainly(self, port: int) -> None:
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
        """The port of UDP and TCP; 0 while not listening."""
        return int(self._datagrams.get_extra_info("sockname")[1]) if self._datagrams is not None else 0

    @property
    def tls_port(self) -> int:
        """The port of TLS; 0 while not listening."""
        return self._handshakes.port if self._handshakes is not None else 0

    @property
    def listens(self) -> bool:
        """True while any transport listens."""
        return bool(self.port or self.tls_port)

    async def stop(self) -> None:
        """End all sessions, notify their callers and close, whatever fails."""
        self.run_in_core(self._core.stop_all)
        for timer in (self._timer, self._pulse):
            if timer is not None:
                timer.cancel()
        if self._calling:
            await asyncio.wait(self._calling, timeout=CONNECT_TIMEOUT)
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

    def _beat(self) -> None:
        self.note_turn()
        self._pulse = asyncio.get_running_loop().call_later(PULSE_S, self._beat)

    def note_turn(self) -> None:
        """Note that the loop turns; what is read soon after it stood still may have waited."""
        now = self._clock.monotonic()
        if now - self._pulsed > STOOD_STILL_S:
            self._behind_until = now + BACKLOG_S
        self._pulsed = now

    @property
    def is_behind(self) -> bool:
        """True while messages may have waited so long that their senders have given up, since the program or its machine stood still."""
        self.note_turn()
        return self._pulsed < self._behind_until

    @property
    def accepting(self) -> bool:
        """True while new sessions are accepted; set to False while the store is full."""
        return self._core.accepting

    @accepting.setter
    def accepting(self, value: bool) -> None:
        self._core.accepting = value

    def admit(self, connection: Connection, host: str) -> int | None:
        """Return the number of a new connection, or None where there are too many."""
        if not self.has_room(host, Counter()):
            return None
        self._numbers += 1
        self._connections[self._numbers] = connection
        return self._numbers

    def has_room(self, host: str, agreeing: Counter[str]) -> bool:
        """Return True if a host may have one more connection; ``agreeing`` counts TLS handshakes under way, by host."""
        hosts = agreeing + Counter(one.host for one in self._connections.values())
        if host in self._allowed:
            most = self._listening
            room = hosts.total() < most.connections and hosts[host] < most.connections_per_host
        else:
            room = (
                sum(count for one, count in hosts.items() if one not in self._allowed)
                < MAX_FORBIDDEN_CONNECTIONS
            )
        if not room:
            self.dropped["connection-limit"] += 1
        return room

    def gone(self, number: int) -> None:
        """Forget a closed connection."""
        self._connections.pop(number, None)

    def take(self, data: bytes, flow: Flow) -> bool:
        """Process one message; False where its sender is not allowed."""
        allowed = flow.host in self._allowed
        if not allowed:
            self.dropped["not-allowed"] += 1
            if not (flow.reliable or self._may_answer_forbidden(len(data))):
                return False
        with self._guarded():
            if allowed:
                self._core.receive(data, flow, self._now())
            else:
                self._core.forbid(data, flow)
        self._flush()
        return allowed

    def _may_answer_forbidden(self, size: int) -> bool:
        """Return True if the rate limit allows a 403 by UDP."""
        now = self._clock.monotonic()
        if now - self._forbidden_since >= 1.0:
            self._forbidden_since, self._forbidden = now, 0
        self._forbidden += 1
        return self._forbidden <= MAX_FORBIDDEN_PER_SECOND and size <= MAX_FORBIDDEN_SIZE

    def run_in_core(self, work: Callable[[Moment], None]) -> None:
        """Call into the core, then send and deliver what results."""
        with self._guarded():
            work(self._now())
        self._flush()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
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
        """Send first, deliver events afterwards: callers wait for answers."""
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
        """Connect to the Contact of a caller that closed its connection, if it is an allowed address; no name is resolved."""
        address = read_uri(outgoing.target)
        try:
            host = str(plain_address(address.host))
            if host not in self._allowed:
                raise ConnectionError
            async with asyncio.timeout(CONNECT_TIMEOUT):
                _, connection = await asyncio.get_running_loop().create_connection(
                    lambda: Connection(self, "tcp"), host, address.port or DEFAULT_PORT
                )
        except (OSError, TimeoutError, ValueError):
            self.dropped["undeliverable"] += 1
        else:
            connection.send(outgoing.data)

    def _other_connection(self, flow: Flow) -> Connection | None:
        alike = [
            one
            for one in self._connections.values()
            if (one.host, one.transport) == (flow.host, flow.transport)
        ]
        return alike[-1] if alike else None


class RecordingServer(SipServer[Event]):
    """The server of recording sessions; arguments as for `SipServer`."""

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

    @property
    def has_session_room(self) -> bool:
        """True if one more session fits."""
        return self._recording.has_room

    def end(self, session: str) -> bool:
        """End a session that is not to be recorded; False where it is unknown."""
        known = self._recording.stop(session, self._now())
        self._flush()
        return known

    def set_receiving(self, session: str, *, receiving: bool) -> bool:
        """Announce whether we receive media; False where the session is unknown."""
        known = self._recording.set_receiving(session, self._now(), receiving=receiving)
        self._flush()
        return known


class _Datagrams(asyncio.DatagramProtocol, Generic[Taken]):
    def __init__(self, server: SipServer[Taken]) -> None:
        self._server = server

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if data.strip(b"\r\n\0 "):
            self._server.take(data, Flow("udp", str(plain_address(addr[0])), addr[1]))

    def error_received(self, exc: Exception) -> None:
        self._server.dropped["unreachable"] += 1
        log.debug("siprec_datagram_refused", kind=type(exc).__name__)
