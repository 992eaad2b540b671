"""TLS for the SIP server: connections are limited before the handshake."""

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Protocol

from rejent.kernel.tls import server_context
from rejent.streams.calls.receiving.siprec.allowed_callers import plain_address


def tls_context(certificate: Path, key: Path, client_authorities: Path | None = None) -> ssl.SSLContext:
    """Return a context for TLS 1.2 or later (RFC 7866 §12.1) from PEM files; OSError where one of them is unusable.

    ``client_authorities`` issue the certificates required of clients; None requires none.
    """
    context = server_context(certificate, key)
    if client_authorities is not None:
        context.load_verify_locations(client_authorities)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


HANDSHAKE_WITHIN = 10.0
"""Seconds for the TLS handshake."""
BACKLOG = 512
TRY_AGAIN_S = 1.0
"""Seconds between attempts to accept, when the system is out of descriptors."""


class ConnectionLimits(Protocol):
    """The server's limits."""

    dropped: Counter[str]

    def has_room(self, host: str, agreeing: Counter[str]) -> bool:
        """Return True if a host may have one more connection; ``agreeing`` counts handshakes under way, by host."""


class TlsListener:
    """Accepts connections at one port and performs TLS handshakes; ``made`` makes the protocol of an established one."""

    def __init__(
        self, server: ConnectionLimits, made: Callable[[], asyncio.Protocol], context: ssl.SSLContext
    ) -> None:
        self._server, self._made, self._context = server, made, context
        self._agreeing: Counter[str] = Counter()
        """Handshakes under way, by host."""
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
