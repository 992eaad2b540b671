"""A journal's listener: connections, their limits, and what becomes of each message."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import cast

import structlog

from rejent.streams.mail.receiving.admission import Admission, is_here
from rejent.streams.mail.receiving.connections import PIECE, Connections
from rejent.streams.mail.receiving.smtp import Outcome, ReceivedMessage, SmtpSession, Terms

log = structlog.get_logger(__name__)

MOST_HELD = 256 << 20
"""Bytes of messages that all connections hold at once."""

Receive = Callable[[ReceivedMessage], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of the connections of one journal.

    Attributes:
        connections: at once; any more are told to come later.
        idle_s: seconds without a byte after which one ends.
        message_s: seconds for one message from its first command, however slowly it comes.
        handshake_s: seconds for the handshake of TLS.
    """

    connections: int = 200
    idle_s: float = 120.0
    message_s: float = 600.0
    handshake_s: float = 30.0


@dataclass(slots=True)
class Held:
    """Bytes that all connections of a process hold."""

    most: int = MOST_HELD
    now: int = 0

    def changed(self, before: int, after: int) -> bool:
        """Count a connection's bytes anew; return whether there was room."""
        self.now += after - before
        return self.now <= self.most


class Listener(Connections):
    """Listens at one address; ``receive`` decides of each message, ``refused`` is told of each that was too large.

    Raises OSError.
    """

    def __init__(
        self,
        terms: Terms,
        receive: Receive,
        refused: Callable[[], None],
        held: Held,
        limits: Limits,
        *,
        admission: Admission,
    ) -> None:
        self._terms, self._receive, self._refused, self._held = terms, receive, refused, held
        self._limits, self._admission = limits, admission
        self._encryption: ssl.SSLContext | None = admission.encryption()
        self._senders = admission.passwords()
        super().__init__()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until its end."""
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._tasks.add(task)
        peer, here = (writer.get_extra_info(name, ("",))[0] for name in ("peername", "sockname"))
        auth = self._senders is not None and bool(peer) and not is_here(peer, here)
        session = SmtpSession(replace(self._terms, auth=auth))
        try:
            if not peer or not self._admission.allows(peer, here):
                writer.write(b"554 5.7.1 This host hands nothing over here\r\n")
                return
            if len(self._tasks) > self._limits.connections:
                session.end("421 4.7.0 Too many connections")
            await self._converse(session, reader, writer, peer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._held.changed(session.held, 0)
            self._tasks.discard(task)
            writer.close()

    async def _encrypt(
        self, session: SmtpSession, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Begin TLS; what lies in the reader came in the clear, and from here on nothing gets there unencrypted."""
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        try:
            async with asyncio.timeout(0):
                injected = await reader.read(PIECE)
        except TimeoutError:
            injected = b""
        session.feed(injected)
        writer.write(session.replies())
        if session.awaits_tls and self._encryption is not None and not reader.at_eof():
            async with asyncio.timeout(self._limits.handshake_s):
                await writer.start_tls(self._encryption)
            session.encrypted()

    async def _converse(
        self, session: SmtpSession, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, peer: str
    ) -> None:
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + self._limits.message_s
        while True:
            if session.awaits_tls:
                await self._encrypt(session, reader, writer)
            if replies := session.replies():
                writer.write(replies)
                await writer.drain()
            if session.ended:
                return
            try:
                async with asyncio.timeout_at(min(loop.time() + self._limits.idle_s, ends_at)):
                    data = await reader.read(PIECE)
            except TimeoutError:
                session.end("421 4.4.2 Too slow")
                continue
            if not data:
                return
            await self._take(session, data, peer)
            if not session.held:
                ends_at = loop.time() + self._limits.message_s

    async def _take(self, session: SmtpSession, data: bytes, peer: str) -> None:
        before, too_large = session.held, session.too_large
        session.feed(data)
        if not self._held.changed(before, session.held):
            self._drop(session)
        for _ in range(session.too_large - too_large):
            self._refused()
        while session.credentials is not None and self._senders is not None:
            session.authenticate(accepted=await self._senders.verify(peer, *session.credentials))
        while session.message is not None:
            outcome = await self._receive(session.message)
            before = session.held
            session.settle(outcome)
            self._held.changed(before, session.held)

    def _drop(self, session: SmtpSession) -> None:
        before = session.held
        if session.drop_content(Outcome.NO_ROOM):
            self._held.changed(before, session.held)
            log.warning("mail.no-room", held=self._held.now)
            self._refused()
