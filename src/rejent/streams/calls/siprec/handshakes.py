"""TLS on the network: who connects is known and counted before anything is agreed with them."""

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Protocol

from rejent.streams.calls.siprec.allowed import plain_address

HANDSHAKE_WITHIN = 10.0
"""Seconds within which TLS must be agreed."""
BACKLOG = 512
TRY_AGAIN_S = 1.0
"""Between attempts to take connections, where the machine gives no more."""


class Admits(Protocol):
    """The server behind."""

    dropped: Counter[str]

    def has_room(self, host: str, agreeing: Counter[str]) -> bool:
        """Whether a host may have one more connection beside those that are being agreed on."""


class Handshakes:
    """Takes connections at one port, and agrees on TLS with those that there is room for.

    Args:
        server: says for whom there is room.
        made: makes what speaks on a connection once TLS is agreed.
        context: how we present ourselves and whom we believe.
    """

    def __init__(self, server: Admits, made: Callable[[], asyncio.Protocol], context: ssl.SSLContext) -> None:
        self._server, self._made, self._context = server, made, context
        self._agreeing: Counter[str] = Counter()
        """By host."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._listening: socket.socket | None = None

    def start(self, host: str, port: int) -> None:
        """Begin to listen, in the loop that runs.

        Raises:
            OSError: the address cannot be listened at.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
        self._listening.setblocking(False)
        self._begin(self._take(self._listening))

    @property
    def port(self) -> int:
        """Where it listens; 0 while it does not."""
        return int(self._listening.getsockname()[1]) if self._listening is not None else 0

    async def stop(self) -> None:
        """Take no more, and give up what is not agreed yet."""
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
