"""One TCP or TLS connection, bounded in memory and in the time it may leave a message incomplete."""

import asyncio
from collections import Counter
from typing import Protocol, cast

from rejent.streams.calls.network.sip.errors import SipError
from rejent.streams.calls.network.sip.flow import Flow
from rejent.streams.calls.network.sip.framing import MessageStream
from rejent.streams.calls.receiving.siprec.allowed_callers import plain_address

MAX_UNSENT = 1024 * 1024
"""Unsent bytes at which a connection is aborted."""
MESSAGE_TIMEOUT = 30.0
"""Seconds for completing a message, and for the first one of a connection."""


class MessageServer(Protocol):
    """The server behind a connection."""

    dropped: Counter[str]

    def admit(self, connection: "Connection", host: str) -> int | None:
        """Return the number of a new connection, or None where there are too many."""

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
        """Answer keep-alives; True if there were any."""
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
