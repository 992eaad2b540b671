"""Hold each message against what the office set, before it is sealed: a bounded wait, and never a refusal."""

import asyncio
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field
from typing import Protocol

import structlog

from rejent.content.workshop import Course, Refusals, Workshop
from rejent.kernel.clock import Clock
from rejent.kernel.errors import ConflictError, InputRefusedError, RejentError
from rejent.streams.mail.messages.content import Content
from rejent.streams.mail.threats.known import Known
from rejent.streams.mail.threats.verdicts import (
    FAILURES,
    LARGEST,
    NOBODY_ASKED,
    NotCheckedError,
    Unchecked,
    Verdict,
    together,
)

WAIT_S = 2.0
CHECK_S = 5.0
_LATE_AT_MOST = 2
"""How often a scanner is late running until nobody waits for its turn any more; whoever finds it free still asks, so that checking never stops."""

log = structlog.get_logger(__name__)


class Scanner(Protocol):
    """Something that looks at messages; one thread at a time uses it."""

    @property
    def name(self) -> str:
        """Return its name in logs."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of what it holds messages against."""

    def check(self, content: Content) -> Verdict:
        """Return what is found. Raises NotCheckedError: nothing can be said."""

    def close(self) -> None:
        """Give everything back."""


class _ExaminationWorkshop(Workshop):
    """The child process that holds rules and lists."""

    refusals = Refusals(
        busy=lambda: ConflictError("Another message is examined."),
        late=lambda: ConflictError("The examination of a message took too long."),
        undecodable=lambda: InputRefusedError("A message cannot be examined."),
    )


class Examiner:
    """Rules and lists of hosts, in a child process that reads no file, writes none, and is replaced at once where it dies or is late."""

    def __init__(
        self, known: Known, clock: Clock, seconds: float = CHECK_S, command: list[str] | None = None
    ) -> None:
        self.name = "examination"
        self.names = tuple(name for name, of in (("yara", known.rules), ("hosts", known.hosts)) if of)
        self._known = json.dumps(asdict(known)).encode()
        self._workshop = _ExaminationWorkshop(clock, children=1, seconds=seconds, command=command)
        self._held = ExitStack()
        self._course: Course | None = None

    def check(self, content: Content) -> Verdict:
        """Return what rules and lists say of a message."""
        if len(content) > LARGEST:
            raise NotCheckedError(Unchecked.LARGE)
        try:
            answer = json.loads(self._begun().feed(content[:]))
        except InputRefusedError:  # the child answers, and lives
            raise NotCheckedError(Unchecked.FAULT) from None
        except RejentError:
            self._replace()
            raise NotCheckedError(Unchecked.LATE) from None
        return Verdict(
            tuple(answer["found"]), tuple(f"{name}={Unchecked.PARTLY.value}" for name in answer["partly"])
        )

    def close(self) -> None:
        """End the child."""
        self._held.close()
        self._workshop.close()

    def _begun(self) -> Course:
        """Return the course of a child that holds rules and lists, begun where there is none."""
        if self._course is None:
            job = "rejent.streams.mail.threats.examining:Examination"
            self._course = self._held.enter_context(self._workshop.course(job, self._known))
        return self._course

    def _replace(self) -> None:
        """Kill the child that is late or dead, and begin another for the next message."""
        self._course = None
        broken, self._held = self._held, ExitStack()
        with suppress(TimeoutError):
            broken.__exit__(TimeoutError, TimeoutError(), None)
        with suppress(RejentError):
            self._begun()


class Unusable:
    """A scanner that is set and cannot be used."""

    def __init__(self, name: str) -> None:
        self.name, self.names = name, (name,)

    def check(self, _content: Content) -> Verdict:
        """Refuse."""
        raise NotCheckedError(Unchecked.AWAY)

    def close(self) -> None:
        """Do nothing."""


@dataclass(slots=True)
class _Turn:
    """A scanner, and who waits for it."""

    scanner: Scanner
    thread: ThreadPoolExecutor
    free: asyncio.Semaphore
    late: int = 0
    """How often it was late since it last answered."""


@dataclass(slots=True)
class Checking:
    """The scanners that are set; used in the event loop's thread alone.

    It is given the bytes of a message, in memory; it returns names.
    """

    wait_s: float = WAIT_S
    _turns: list[_Turn] = field(default_factory=list)

    def set(self, scanners: Sequence[Scanner]) -> None:
        """Ask these from now on; those before are given back once they have answered."""
        for each in self._turns:
            each.thread.submit(each.scanner.close)
            each.thread.shutdown(wait=False)
        self._turns = [
            _Turn(each, ThreadPoolExecutor(1, f"check-{each.name}"), asyncio.Semaphore(1))
            for each in scanners
        ]

    def close(self) -> None:
        """End every scanner, and wait for those that are at work."""
        turns = list(self._turns)
        self.set(())
        for each in turns:
            each.thread.shutdown()

    async def verdict(self, content: Content) -> Verdict:
        """Return what all scanners say of a message, within a bounded time; whatever happens, it says so and refuses nothing."""
        if not self._turns:
            return NOBODY_ASKED
        return together(await asyncio.gather(*(self._by(each, content) for each in self._turns)))

    async def _by(self, turn: _Turn, content: Content) -> Verdict:
        try:
            hangs = turn.late >= _LATE_AT_MOST and turn.free.locked()
            await asyncio.wait_for(turn.free.acquire(), 0 if hangs else self.wait_s)
        except TimeoutError:
            return _unchecked(turn, Unchecked.BUSY)
        try:
            if turn not in self._turns:  # another has taken its place meanwhile
                return _unchecked(turn, Unchecked.BUSY)
            found = await asyncio.get_running_loop().run_in_executor(turn.thread, turn.scanner.check, content)
        except NotCheckedError as error:
            turn.late += error.why is Unchecked.LATE
            if error.why in FAILURES:
                log.warning("mail.not-checked", by=turn.scanner.name, why=error.why.value)
            return _unchecked(turn, error.why)
        except Exception:
            log.exception("mail.check-fault", by=turn.scanner.name)
            return _unchecked(turn, Unchecked.FAULT)
        else:
            turn.late = 0
            return found
        finally:
            turn.free.release()


def _unchecked(turn: _Turn, why: Unchecked) -> Verdict:
    return Verdict(unchecked=tuple(f"{name}={why.value}" for name in turn.scanner.names))
