"""Listeners of journals: connections with their limits, what all of them hold, and what becomes of each message."""

import asyncio
import errno
import os
import socket
import ssl
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

import structlog

from rejent.streams.mail.receiving.admission import Admission, is_here
from rejent.streams.mail.receiving.milter import MilterSession
from rejent.streams.mail.receiving.received import Outcome, ReceivedMessage
from rejent.streams.mail.receiving.smtp import SmtpSession, Terms
from rejent.streams.mail.sources import is_socket

log = structlog.get_logger(__name__)

PIECE = 1 << 18
"""Bytes that are read at once."""
_OF_GROUP = 0o660
"""Rights to a socket: of the group of its folder, which is the mail server's."""
_PROBE_S = 1.0
MOST_HELD = 512 << 20
"""Bytes of messages that all connections hold at once, in memory and, where they are long, on disk."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of the connections of one journal.

    Attributes:
        connections: at once; for any more the one that was silent for longest before its message gives way.
        of_a_host: of one host at once; Postfix opens 20 (``default_destination_concurrency_limit``).
        idle_s: seconds without a byte after which one ends (RFC 5321 §4.5.3.2.7: at least five minutes).
        message_s: seconds for one message from its first command, however slowly it comes.
        handshake_s: seconds for the handshake of TLS.
    """

    connections: int = 200
    of_a_host: int = 100
    idle_s: float = 300.0
    message_s: float = 600.0
    handshake_s: float = 30.0


MILTER_LIMITS = Limits(connections=1000, of_a_host=1000, idle_s=3600.0, message_s=3600.0)
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


@dataclass(slots=True)
class _Place(Generic[S]):
    """A connection that is served, and when it was heard last."""

    session: S
    writer: asyncio.StreamWriter
    task: "asyncio.Task[None]"
    host: str
    heard_at: float


class Connections(ABC, Generic[S]):
    """Listens, serves each connection within its limits, and ends them; ``lost`` is called for each message that is not looked at."""

    def __init__(self, lost: Callable[[], None], held: Held, limits: Limits) -> None:
        self._lost, self._held, self._limits = lost, held, limits
        self._server: asyncio.Server | None = None
        self._socket = ""
        self._tasks: set[asyncio.Task[None]] = set()
        self._places: list[_Place[S]] = []

    async def open(self, host: str, port: int) -> None:
        """Begin to listen, at a socket where its path stands in the host's place.

        Raises OSError: the address is taken, is none of this machine, or the socket's folder cannot be written to.
        """
        if is_socket(host):
            _require_free(host)
            self._server = await asyncio.start_unix_server(self.connected, host, limit=PIECE)
            self._socket = host
            _share(host)
        else:
            self._server = await asyncio.start_server(self.connected, host, port, limit=PIECE)

    @property
    def port(self) -> int:
        """Return the port listened at; of a socket there is none."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server and not self._socket else 0

    async def close(self) -> None:
        """Stop listening and end every connection."""
        if self._server is not None:
            self._server.close()
            _give_back(self._socket)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until its end; one at which the program fails is told to come again."""
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._tasks.add(task)
        session = self._session(writer)
        place = _Place(session, writer, task, _addresses(writer)[0], asyncio.get_running_loop().time())
        try:
            if self._admits(session, writer):
                if self._make_room(place):
                    self._places.append(place)
                else:
                    self._turn_away(session)
                await self._converse(place, reader)
        except (OSError, asyncio.CancelledError):
            pass
        except Exception:
            log.exception("mail.fault")
            session.end("421 4.3.0 A fault here; try again")
            writer.write(session.replies())
        finally:
            self._end(session)
            self._held.changed(session.held, 0)
            self._tasks.discard(task)
            self._leave(place)
            writer.close()

    def _make_room(self, new: _Place[S]) -> bool:
        """See that a connection can be served: where there are too many, the one gives way that was silent for longest before its message."""
        of_host = [each for each in self._places if each.host == new.host]
        if len(of_host) >= self._limits.of_a_host:
            rivals = of_host
        elif len(self._places) >= self._limits.connections:
            rivals = self._places
        else:
            return True
        silent = min((each for each in rivals if each.session.gives_way), key=_heard_at, default=None)
        if silent is not None:
            silent.session.end("421 4.4.2 Others wait")
            silent.writer.write(silent.session.replies())
            silent.task.cancel()
            self._leave(silent)
        return silent is not None

    def _leave(self, place: _Place[S]) -> None:
        if place in self._places:
            self._places.remove(place)

    @abstractmethod
    def _session(self, writer: asyncio.StreamWriter) -> S:
        """Return the session of a new connection."""

    @abstractmethod
    def _admits(self, session: S, writer: asyncio.StreamWriter) -> bool:
        """Return whether who connects may be served."""

    @abstractmethod
    def _turn_away(self, session: S) -> None:
        """End the session of a connection for which there is no room."""

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

    async def _converse(self, place: _Place[S], reader: asyncio.StreamReader) -> None:
        session, writer = place.session, place.writer
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
            place.heard_at = loop.time()
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


def _heard_at(place: _Place[Any]) -> float:
    return place.heard_at


def _require_free(path: str) -> None:
    """See that nobody listens at a socket; what a killed program left of one is taken over. Raises OSError: somebody does."""
    with socket.socket(socket.AF_UNIX) as probe, suppress(ConnectionRefusedError, FileNotFoundError):
        probe.settimeout(_PROBE_S)
        probe.connect(path)
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))


def _share(path: str) -> None:
    Path(path).chmod(_OF_GROUP)


def _give_back(path: str) -> None:
    if path:
        Path(path).unlink(missing_ok=True)


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

    def _admits(self, _session: SmtpSession, writer: asyncio.StreamWriter) -> bool:
        peer, here = _addresses(writer)
        if not peer or not self._admission.allows(peer, here):
            writer.write(b"554 5.7.1 This host hands nothing over here\r\n")
            return False
        return True

    def _turn_away(self, session: SmtpSession) -> None:
        session.end("421 4.7.0 Too many connections")

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
    """Return who connects to which address of this machine; of a socket neither is known."""
    told = (writer.get_extra_info(name) for name in ("peername", "sockname"))
    peer, here = (str(each[0]) if isinstance(each, tuple) and each else "" for each in told)
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
        spool: Path | None = None,
        answer_s: float = ANSWER_S,
    ) -> None:
        super().__init__(lost, held, limits)
        self._receive, self._answer_s = receive, answer_s
        self._most_bytes, self._spool = most_bytes, spool
        self._storing: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Stop listening and end every connection; what is under way then goes its way and counts as lost, what is being stored is waited for."""
        await super().close()
        if self._storing:
            await asyncio.wait(self._storing, timeout=self._answer_s)

    def _session(self, _writer: asyncio.StreamWriter) -> MilterSession:
        return MilterSession(self._most_bytes, self._spool)

    def _admits(self, _session: MilterSession, _writer: asyncio.StreamWriter) -> bool:
        return True

    def _turn_away(self, session: MilterSession) -> None:
        """End a session; what its server takes meanwhile passes unseen."""
        log.warning("mail.milter-crowd", connections=len(self._places))
        self._lost()
        session.end("")

    def _end(self, session: MilterSession) -> None:
        """Count the message that was under way, or waited, as lost; its server may deliver it to a journal, so it is decided of."""
        if session.under_way or session.message is not None:
            self._lost()
        if (passing := session.passing()) is not None:
            self._store(passing)

    async def _outcome(self, message: ReceivedMessage) -> Outcome:
        """Store a message, or go on without waiting for a store that stands still; its bytes count as held until it is done."""
        storing = self._store(message)
        done, _ = await asyncio.wait({storing}, timeout=self._answer_s)
        if done:
            return Outcome.TAKEN
        size = len(message.content)
        log.warning("mail.milter-late", held=self._held.now)
        self._held.changed(0, size)
        storing.add_done_callback(lambda _: self._held.changed(size, 0))
        return Outcome.TAKEN

    def _store(self, message: ReceivedMessage) -> "asyncio.Task[None]":
        storing = asyncio.get_running_loop().create_task(self._receive(message))
        self._storing.add(storing)
        storing.add_done_callback(self._storing.discard)
        return storing
