"""Listeners of journals: connections with their limits, what all of them hold, and what becomes of each message."""

import asyncio
import ssl
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar, cast

import structlog

from rejent.streams.mail.receiving.admission import Admission, is_here
from rejent.streams.mail.receiving.milter import MilterSession
from rejent.streams.mail.receiving.smtp import Outcome, ReceivedMessage, SmtpSession, Terms

log = structlog.get_logger(__name__)

PIECE = 1 << 18
"""Bytes that are read at once."""
MOST_HELD = 256 << 20
"""Bytes of messages that all connections hold at once."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of the connections of one journal.

    Attributes:
        connections: at once; any more are put off until later.
        idle_s: seconds without a byte after which one ends.
        message_s: seconds for one message from its first command, however slowly it comes.
        handshake_s: seconds for the handshake of TLS.
    """

    connections: int = 200
    idle_s: float = 120.0
    message_s: float = 600.0
    handshake_s: float = 30.0


MILTER_LIMITS = Limits(connections=1000, idle_s=3600.0, message_s=3600.0)
"""A connection stays for as long as its server's own with a client, which bounds that; one that is closed here lets messages pass."""
ANSWER_S = 10.0
"""Seconds after which a message is accepted though it is not stored yet; storing it goes on."""


@dataclass(slots=True)
class Held:
    """Bytes that all connections of a process hold."""

    most: int = MOST_HELD
    now: int = 0

    def changed(self, before: int, after: int) -> bool:
        """Count a connection's bytes anew; return whether there was room."""
        self.now += after - before
        return self.now <= self.most


S = TypeVar("S", SmtpSession, MilterSession)


class Connections(ABC, Generic[S]):
    """Listens, serves each connection within its limits, and ends them; ``lost`` is called for each message that is not looked at."""

    def __init__(self, lost: Callable[[], None], held: Held, limits: Limits) -> None:
        self._lost, self._held, self._limits = lost, held, limits
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

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until its end."""
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._tasks.add(task)
        session = self._session(writer)
        try:
            if self._admits(session, writer, crowded=len(self._tasks) > self._limits.connections):
                await self._converse(session, reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._end(session)
            self._held.changed(session.held, 0)
            self._tasks.discard(task)
            writer.close()

    @abstractmethod
    def _session(self, writer: asyncio.StreamWriter) -> S:
        """Return the session of a new connection."""

    @abstractmethod
    def _admits(self, session: S, writer: asyncio.StreamWriter, *, crowded: bool) -> bool:
        """Return whether a connection is served."""

    @abstractmethod
    async def _outcome(self, message: ReceivedMessage) -> Outcome:
        """Store a message, and return what its reply states."""

    async def _before_replies(
        self, session: S, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Do what the protocol wants before the replies are sent."""

    async def _after_feeding(self, session: S, writer: asyncio.StreamWriter) -> None:
        """Do what the protocol wants of what came."""

    def _end(self, session: S) -> None:
        """Take note of how a session ended."""

    async def _converse(self, session: S, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + self._limits.message_s
        while True:
            await self._before_replies(session, reader, writer)
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
            await self._take(session, data, writer)
            if not session.under_way:
                ends_at = loop.time() + self._limits.message_s

    async def _take(self, session: S, data: bytes, writer: asyncio.StreamWriter) -> None:
        before, lost = session.held, session.lost
        session.feed(data)
        if not self._held.changed(before, session.held):
            self._drop(session)
        for _ in range(session.lost - lost):
            self._lost()
        await self._after_feeding(session, writer)
        while session.message is not None:
            outcome = await self._outcome(session.message)
            before = session.held
            session.settle(outcome)
            self._held.changed(before, session.held)

    def _drop(self, session: S) -> None:
        before = session.held
        if session.drop_content():
            self._held.changed(before, session.held)
            log.warning("mail.no-room", held=self._held.now)
            self._lost()


Receive = Callable[[ReceivedMessage], Awaitable[Outcome]]


class Listener(Connections[SmtpSession]):
    """Listens at one address; ``receive`` decides of each message, ``refused`` is called for each that was too large.

    Raises OSError: the certificate of ``admission`` or its key cannot be used.
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
        super().__init__(refused, held, limits)
        self._terms, self._receive, self._admission = terms, receive, admission
        self._encryption: ssl.SSLContext | None = admission.encryption()
        self._senders = admission.passwords()

    def _session(self, writer: asyncio.StreamWriter) -> SmtpSession:
        peer, here = _addresses(writer)
        auth = self._senders is not None and bool(peer) and not is_here(peer, here)
        return SmtpSession(replace(self._terms, auth=auth))

    def _admits(self, session: SmtpSession, writer: asyncio.StreamWriter, *, crowded: bool) -> bool:
        peer, here = _addresses(writer)
        if not peer or not self._admission.allows(peer, here):
            writer.write(b"554 5.7.1 This host hands nothing over here\r\n")
            return False
        if crowded:
            session.end("421 4.7.0 Too many connections")
        return True

    async def _before_replies(
        self, session: SmtpSession, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Begin TLS; what lies in the reader came in the clear, and from here on nothing gets there unencrypted."""
        if not session.awaits_tls:
            return
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket is read and written
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

    async def _after_feeding(self, session: SmtpSession, writer: asyncio.StreamWriter) -> None:
        """Verify a password that waits."""
        while session.credentials is not None and self._senders is not None:
            peer, _ = _addresses(writer)
            session.authenticate(accepted=await self._senders.verify(peer, *session.credentials))

    async def _outcome(self, message: ReceivedMessage) -> Outcome:
        return await self._receive(message)


def _addresses(writer: asyncio.StreamWriter) -> tuple[str, str]:
    peer, here = (writer.get_extra_info(name, ("",))[0] for name in ("peername", "sockname"))
    return peer, here


class MilterListener(Connections[MilterSession]):
    """Listens at one address; ``receive`` stores each message, ``lost`` is called for each that went its way and was not looked at."""

    def __init__(
        self,
        receive: Callable[[ReceivedMessage], Coroutine[Any, Any, None]],
        lost: Callable[[], None],
        held: Held,
        limits: Limits,
        most_bytes: int,
        *,
        answer_s: float = ANSWER_S,
    ) -> None:
        super().__init__(lost, held, limits)
        self._receive, self._most_bytes, self._answer_s = receive, most_bytes, answer_s
        self._storing: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Stop listening and end every connection; what is under way then goes its way and counts as lost, what is being stored is waited for."""
        await super().close()
        if self._storing:
            await asyncio.wait(self._storing, timeout=self._answer_s)

    def _session(self, _writer: asyncio.StreamWriter) -> MilterSession:
        return MilterSession(self._most_bytes)

    def _admits(self, _session: MilterSession, _writer: asyncio.StreamWriter, *, crowded: bool) -> bool:
        if crowded:
            log.warning("mail.milter-crowd", connections=len(self._tasks))
            self._lost()
        return not crowded

    def _end(self, session: MilterSession) -> None:
        """Count the message that was under way, or waited, as lost."""
        if session.under_way or session.message is not None:
            self._lost()

    async def _outcome(self, message: ReceivedMessage) -> Outcome:
        """Store a message, or go on without waiting for a store that stands still; its bytes count as held until it is done."""
        storing = asyncio.get_running_loop().create_task(self._receive(message))
        self._storing.add(storing)
        done, _ = await asyncio.wait({storing}, timeout=self._answer_s)
        if done:
            self._storing.discard(storing)
            return Outcome.TAKEN
        size = len(message.content)
        log.warning("mail.milter-late", held=self._held.now)
        self._held.changed(0, size)
        storing.add_done_callback(lambda _: self._held.changed(size, 0))
        storing.add_done_callback(self._storing.discard)
        return Outcome.TAKEN
