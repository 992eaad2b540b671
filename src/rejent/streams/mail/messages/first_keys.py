"""The first of the two keys that open messages: in memory alone, until somebody else gives the second from their own session."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from secrets import token_hex
from uuid import UUID

from rejent.kernel.clock import Clock
from rejent.streams.mail.messages.held import HeldInMemory
from rejent.streams.mail.messages.sealing import KeyRole
from rejent.streams.mail.records.errors import RoleKeyRefusedError
from rejent.vault.age import Identity

KEPT = timedelta(minutes=15)
"""Time in which the second key follows the first."""


@dataclass(frozen=True, slots=True)
class GivenKey:
    """A key of a role that somebody opened with its passphrase.

    Attributes:
        asked: what it was given for, by the name of what its giver read.
        session: the stored form of the session of the giver.
        standing: what made that session count.
    """

    role: KeyRole
    number: int
    identity: Identity = field(repr=False)
    person_id: UUID
    session: str
    asked: str
    at: datetime
    standing: tuple[str, ...] = field(default=(), repr=False)

    @property
    def until(self) -> datetime:
        """Return when it dies."""
        return self.at + KEPT


class Lost(StrEnum):
    """Why a first key is gone before the second came."""

    LATE = "late"
    SIGNED_OUT = "signed-out"
    NOT_THEIRS = "not-theirs"
    RESTARTED = "restarted"


@dataclass(frozen=True, slots=True)
class LostKey:
    """That somebody gave a first key, which is gone."""

    person_id: UUID
    at: datetime
    why: Lost


class FirstKeys(HeldInMemory[GivenKey]):
    """First keys of viewings; each dies after fifteen minutes, with the session of its giver, once it is not theirs to give any more, with the viewing and with the process.

    ``process`` names this process in the ledger, so that it is known which keys were given to an earlier one.
    """

    def __init__(
        self,
        is_over: Callable[[UUID], bool],
        is_running: Callable[[str], bool],
        is_theirs: Callable[[GivenKey], bool],
        clock: Callable[[], Clock],
    ) -> None:
        super().__init__()
        self.process = token_hex(8)
        self._viewing_is_over, self._is_running, self._is_theirs = is_over, is_running, is_theirs
        self._clock = clock
        self._lost: dict[UUID, LostKey] = {}

    def beside(self, viewing: UUID, given: GivenKey) -> GivenKey | None:
        """Return the key of the other role that was given before for the same; without one this is held as the first.

        Raises RoleKeyRefusedError: see `require_apart`.
        """
        self.of(viewing)
        with self._lock:
            first = self._held.get(viewing)
            if first is None or first.asked != given.asked:
                self._held[viewing] = given
                self._lost.pop(viewing, None)
                self._wait()
                return None
        require_apart(first, given.role, given.person_id, given.session)
        return first

    def lost(self, viewing: UUID) -> LostKey | None:
        """Return the first key of a viewing that is gone, and why, as far as this process had it."""
        return self._lost.get(viewing)

    def _is_over(self, viewing: UUID, held: GivenKey) -> bool:
        now = self._clock().now()
        over = self._viewing_is_over(viewing)
        why = self._why_lost(held, now)
        if why is not None and not over:
            day_ago = now - timedelta(days=1)
            self._lost = {each: lost for each, lost in self._lost.items() if lost.at > day_ago}
            self._lost[viewing] = LostKey(held.person_id, held.at, why)
        return over or why is not None

    def _why_lost(self, held: GivenKey, now: datetime) -> Lost | None:
        if now >= held.until:
            return Lost.LATE
        if not self._is_running(held.session):
            return Lost.SIGNED_OUT
        return None if self._is_theirs(held) else Lost.NOT_THEIRS

    def _close(self, held: GivenKey) -> None:
        """Leave the key to nobody: it is an object of its own, and nothing else holds it."""


def require_apart(first: GivenKey, role: KeyRole, person_id: UUID, session: str) -> None:
    """See that the second key is of the other role, and comes from another person and session. Raises RoleKeyRefusedError."""
    if first.person_id == person_id or first.session == session:
        raise RoleKeyRefusedError(
            "You gave the first key. Two people open together.",
            advice="The holder of the other key gives it from their own session.",
        )
    if first.role is role:
        raise RoleKeyRefusedError(
            "The key of this role was given already.", advice="The key of the other role is missing."
        )
