"""Connections by TCP and TLS, bounded in number, in memory and in the time they may leave a message incomplete."""

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Coroutine
from functools import cache
from pathlib import Path
from typing import Protocol, cast

from rejent.kernel.errors import InputRefusedError
from rejent.kernel.tls import reason_of, server_context
from rejent.office.installation import Installation
from rejent.streams.calls.network.sip.flow import Flow
from rejent.streams.calls.network.sip.framing import MessageStream
from rejent.streams.calls.network.sip.message import SipError
from rejent.streams.calls.receiving.siprec.allowed_callers import plain_address
from rejent.streams.calls.settings import calls_settings

MAX_UNSENT = 1024 * 1024
MESSAGE_TIMEOUT = 30.0


class MessageServer(Protocol):
    """The server behind a connection."""

    dropped: Counter[str]

    def admit(self, connection: "Connection", host: str) -> int | None:
        """Return the number of a new connection, or None where there are too many."""

    def has_room(self, host: str, agreeing: Counter[str]) -> bool:
        """Return True if a host may have one more connection; ``agreeing`` counts handshakes under way, by host."""

    def gone(self, number: int) -> None:
        """Forget a closed connection."""

    def take(self, data: bytes, flow: Flow) -> bool:
        """Process one message; False where its sender is not allowed."""


class Connection(asyncio.Protocol):
    """One peer by TCP or TLS; ``host`` is empty before the connection is made."""

    def __init__(self, server: MessageServer, transport: str) -> None:
        self.host = ""
        self.transport = transport
        self._server = server
        self._stream = MessageStream(answers=True)
        self._flow = Flow(transport, "", 0)
        self._channel: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Register the connection, or abort it where there are too many."""
        channel = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        self.host = str(plain_address(peer[0])) if peer else ""
        number = self._server.admit(self, self.host)
        if number is None or not self.host:
            channel.abort()
            return
        self._channel = channel
        self._flow = Flow(self.transport, self.host, peer[1], number)
        self._await_whole()

    def data_received(self, data: bytes) -> None:
        """Process received bytes; close after a framing error, and after the first message of a host that is not allowed."""
        if self._channel is None:
            return
        whole = False
        try:
            for message in self._stream.cut(data):
                whole = True
                self._answer_pings()
                if not self._server.take(message, self._flow):
                    self.close()
                    return
        except SipError:
            self._server.dropped["broken-stream"] += 1
            if self._channel is not None:
                self._channel.abort()
            return
        whole = self._answer_pings() or whole
        self._watch(whole=whole)

    def _answer_pings(self) -> bool:
        pings, self._stream.pings = self._stream.pings, 0
        if pings:
            self.send(b"\r\n" * pings)
        return bool(pings)

    def _watch(self, *, whole: bool) -> None:
        if self._deadline is not None and whole:
            self._deadline.cancel()
            self._deadline = None
        if self._deadline is None and self._stream.unfinished:
            self._await_whole()

    def _await_whole(self) -> None:
        self._deadline = asyncio.get_running_loop().call_later(MESSAGE_TIMEOUT, self._give_up)

    def _give_up(self) -> None:
        self._server.dropped["too-slow"] += 1
        if self._channel is not None:
            self._channel.abort()

    def send(self, data: bytes) -> None:
        """Send, or abort if the peer does not read."""
        if self._channel is None or self._channel.is_closing():
            return
        if self._channel.get_write_buffer_size() > MAX_UNSENT:
            self._server.dropped["unread"] += 1
            self._channel.abort()
            return
        self._channel.write(data)

    def close(self) -> None:
        """Close after all data is sent."""
        if self._channel is not None:
            self._channel.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - why it closed changes nothing
        """Forget the connection."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._channel = None
        self._server.gone(self._flow.connection)


def tls_context(certificate: Path, key: Path, client_authorities: Path | None = None) -> ssl.SSLContext:
    """Return a context for TLS 1.2 or later from PEM files, with clients' authorities if any; OSError where one is unusable."""
    context = server_context(certificate, key)
    if client_authorities is not None:
        context.load_verify_locations(client_authorities)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


HANDSHAKE_WITHIN = 10.0
BACKLOG = 512
TRY_AGAIN_S = 1.0


class TlsListener:
    """Accepts connections at one port and performs TLS handshakes; ``made`` makes the protocol of an established one."""

    def __init__(
        self, server: MessageServer, made: Callable[[], asyncio.Protocol], context: ssl.SSLContext
    ) -> None:
        self._server, self._made, self._context = server, made, context
        self._agreeing: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listening: socket.socket | None = None

    def start(self, host: str, port: int) -> None:
        """Listen, in the running loop; OSError where the address is not available."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
        self._listening.setblocking(False)
        self._begin(self._take(self._listening))

    @property
    def port(self) -> int:
        """The bound port; 0 while not listening."""
        return int(self._listening.getsockname()[1]) if self._listening is not None else 0

    async def stop(self) -> None:
        """Stop listening and cancel handshakes."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._listening is not None:
            self._listening.close()
            self._listening = None

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                taken, address = await loop.sock_accept(listening)
            except OSError:
                self._server.dropped["not-accepted"] += 1
                await asyncio.sleep(TRY_AGAIN_S)
                continue
            host = str(plain_address(address[0]))
            if not self._server.has_room(host, self._agreeing):
                taken.close()
                continue
            self._agreeing[host] += 1
            self._begin(self._agree(taken, host))

    async def _agree(self, taken: socket.socket, host: str) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                self._made, taken, ssl=self._context, ssl_handshake_timeout=HANDSHAKE_WITHIN
            )
        except OSError:
            self._server.dropped["not-agreed"] += 1
            taken.close()
        finally:
            self._agreeing.subtract([host])
            if not self._agreeing[host]:
                del self._agreeing[host]


@cache
def session_encryption(installation: Installation) -> ssl.SSLContext | None:
    """Return the TLS configuration while its files are readable; None without a certificate, InputRefusedError where it cannot be used."""
    stated = calls_settings(installation)
    if not stated.certificate:
        return None
    certificate, key = installation.directory / stated.certificate, installation.directory / stated.key
    authorities = stated.authorities
    try:
        return tls_context(certificate, key, installation.directory / authorities if authorities else None)
    except OSError as error:
        raise InputRefusedError(
            "Recording sessions cannot be taken by TLS with {certificate} and {key}: {why}.",
            certificate=certificate,
            key=key,
            why=reason_of(error),
            advice="Name PEM files that belong together, the key without a passphrase, in rejent.toml.",
        ) from None
