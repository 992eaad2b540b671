"""A listening server and its connections, for every protocol by which messages come."""

import asyncio
from abc import ABC, abstractmethod

PIECE = 1 << 18
"""Bytes that are read at once."""


class Connections(ABC):
    """Listens, gives each connection to `connected`, and ends them."""

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, host: str, port: int) -> None:
        """Begin to listen. Raises OSError: the address is taken, or is none of this machine."""
        self._server = await asyncio.start_server(self.connected, host, port, limit=PIECE)

    @property
    def port(self) -> int:
        """Return the port listened at."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server else 0

    async def close(self) -> None:
        """Stop listening and end every connection."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @abstractmethod
    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until its end."""
