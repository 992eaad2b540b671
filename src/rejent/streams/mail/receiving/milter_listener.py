"""Listens for a mail server that hands messages over to a milter; whatever happens here, the message goes its way."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, cast

import structlog

from rejent.streams.mail.receiving.connections import PIECE, Connections
from rejent.streams.mail.receiving.listener import Held, Limits
from rejent.streams.mail.receiving.milter import MilterSession
from rejent.streams.mail.receiving.smtp import ReceivedMessage

log = structlog.get_logger(__name__)

MILTER_LIMITS = Limits(connections=1000, idle_s=3600.0, message_s=3600.0)
"""A connection stays for as long as its server's own with a client, which bounds that; one that is closed here lets messages pass."""
ANSWER_S = 10.0
"""Seconds after which a message is accepted though it is not stored yet; storing it goes on."""


class MilterListener(Connections):
    """Listens at one address; ``receive`` stores each message, ``lost`` is told of each that went its way and was not looked at."""

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
        self._receive, self._lost, self._held = receive, lost, held
        self._limits, self._most_bytes, self._answer_s = limits, most_bytes, answer_s
        self._storing: set[asyncio.Task[None]] = set()
        super().__init__()

    async def close(self) -> None:
        """Stop listening and end every connection; what is under way then goes its way and counts as lost, what is being stored is waited for."""
        await super().close()
        if self._storing:
            await asyncio.wait(self._storing, timeout=self._answer_s)

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until its end."""
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._tasks.add(task)
        session, left = MilterSession(self._most_bytes), False
        try:
            if len(self._tasks) > self._limits.connections:
                log.warning("mail.milter-crowd", connections=len(self._tasks))
                self._lost()
                return
            left = await self._converse(session, reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            if not left and (session.under_way or session.message is not None):
                self._lost()
            self._held.changed(session.held, 0)
            self._tasks.discard(task)
            writer.close()

    async def _converse(
        self, session: MilterSession, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Go on until an end; return whether it was the server's."""
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + self._limits.message_s
        while True:
            if replies := session.replies():
                writer.write(replies)
                await writer.drain()
            if session.ended:
                return not session.under_way
            try:
                async with asyncio.timeout_at(min(loop.time() + self._limits.idle_s, ends_at)):
                    data = await reader.read(PIECE)
            except TimeoutError:
                return False
            if not data:
                return not session.under_way
            await self._take(session, data)
            if not session.under_way:
                ends_at = loop.time() + self._limits.message_s

    async def _take(self, session: MilterSession, data: bytes) -> None:
        before, lost = session.held, session.lost
        session.feed(data)
        if not self._held.changed(before, session.held):
            before = session.held
            if session.drop_content():
                self._held.changed(before, session.held)
                log.warning("mail.no-room", held=self._held.now)
                self._lost()
        for _ in range(session.lost - lost):
            self._lost()
        while session.message is not None:
            await self._store(session.message)
            before = session.held
            session.settle()
            self._held.changed(before, session.held)

    async def _store(self, message: ReceivedMessage) -> None:
        """Store a message, or go on without waiting for a store that stands still; its bytes count as held until it is done."""
        storing = asyncio.get_running_loop().create_task(self._receive(message))
        self._storing.add(storing)
        done, _ = await asyncio.wait({storing}, timeout=self._answer_s)
        if done:
            self._storing.discard(storing)
            return
        size = len(message.content)
        log.warning("mail.milter-late", held=self._held.now)
        self._held.changed(0, size)
        storing.add_done_callback(lambda _: self._held.changed(size, 0))
        storing.add_done_callback(self._storing.discard)
