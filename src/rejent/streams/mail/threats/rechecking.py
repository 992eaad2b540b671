"""Messages at which checking failed, checked again once they are sealed, from memory: nobody but the two roles opens them later."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from rejent.streams.mail.messages.content import Content
from rejent.streams.mail.threats.checking import Checking
from rejent.streams.mail.threats.verdicts import Verdict

AGAIN_S = 10.0
"""Seconds between attempts: a daemon that was ended is started anew within some."""
MOST_ATTEMPTS = 6
MOST_HELD = 16 << 20
"""Bytes of messages that wait; whoever comes above that stays counted as one at which checking failed."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Failed:
    content: Content = field(repr=False)
    checked: Callable[[Verdict], None] = field(repr=False)
    attempts: int = 0


@dataclass(slots=True)
class Rechecking:
    """The messages that wait; used in the event loop's thread alone."""

    checking: Checking
    again_s: float = AGAIN_S
    _waiting: deque[_Failed] = field(default_factory=deque)
    _held: int = 0
    _task: "asyncio.Task[None] | None" = None

    def add(self, content: Content, checked: Callable[[Verdict], None]) -> None:
        """Check a message again; ``checked`` is given the verdict once no scanner fails at it."""
        if self._held + len(content) > MOST_HELD:
            log.warning("mail.not-rechecked", waiting=len(self._waiting))
            return
        self._held += len(content)
        self._waiting.append(_Failed(content, checked))
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._go_on())

    def close(self) -> None:
        """Forget what waits."""
        if self._task is not None:
            self._task.cancel()

    async def _go_on(self) -> None:
        while self._waiting:
            await asyncio.sleep(self.again_s)
            for _ in range(len(self._waiting)):
                await self._check(self._waiting.popleft())

    async def _check(self, failed: _Failed) -> None:
        failed.attempts += 1
        verdict = await self.checking.verdict(failed.content)
        if verdict.failed and failed.attempts < MOST_ATTEMPTS:
            self._waiting.append(failed)
            return
        self._held -= len(failed.content)
        if verdict.failed:
            log.warning("mail.never-checked", why=verdict.unchecked)
        else:
            failed.checked(verdict)
