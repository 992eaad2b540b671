"""Source address of a leg: the signalled host precedes any other (symmetric RTP, RFC 4961)."""

from collections.abc import Container
from enum import IntEnum

from rejent.formats.rtp.account import SECOND

Address = tuple[str, int]
SOURCE_TIMEOUT = 2 * SECOND
"""Silence after which the party may send from another port or, behind a NAT, address."""


class Trust(IntEnum):
    """Trust in a host; a packet of a more trusted one takes over at once."""

    STRANGER = 0
    CALLER = 1
    SIGNALLED = 2


class SourceLock:
    """Accepts one source address; others are counted and dropped.

    An unknown host is accepted only if the ``signalled`` one (None: unknown) is none of ``callers``: then a NAT hides
    it, or another device sends.
    """

    def __init__(self, signalled: str | None = None, callers: Container[str] = ()) -> None:
        self._callers = callers
        self._trust = Trust.STRANGER
        self._strict = signalled in callers
        self.signalled = signalled
        self.followed: Address | None = None
        self.rejected = 0
        self.heard = 0

    @property
    def is_trusted(self) -> bool:
        """True if the source is the signalled host or may send calls."""
        return self.followed is not None and self._trust is not Trust.STRANGER

    def expect(self, signalled: str | None) -> None:
        """Set another signalled address, to which the party may move at once."""
        if signalled != self.signalled:
            self.signalled, self.followed = signalled, None
            self._strict = signalled in self._callers

    def admits(self, sender: Address, arrival: int) -> bool:
        """Return True if a datagram is from the party."""
        if sender == self.followed:
            self.heard = arrival
            return True
        if self._may_follow(sender[0], arrival):
            self.followed, self.heard = sender, arrival
            return True
        self.rejected += 1
        return False

    def reject_last(self) -> None:
        """Reject the last admitted datagram as not authentic; the next source is accepted."""
        self.followed = None
        self.rejected += 1

    def _may_follow(self, host: str, arrival: int) -> bool:
        free = self.followed is None or arrival - self.heard >= SOURCE_TIMEOUT
        if not free and self._trust is Trust.SIGNALLED:
            return False
        trust = self._trust_of(host)
        if trust is Trust.STRANGER and self._strict:
            return False
        if free or trust > self._trust:
            self._trust = trust
            return True
        return False

    def _trust_of(self, host: str) -> Trust:
        if host == self.signalled:
            return Trust.SIGNALLED
        return Trust.CALLER if host in self._callers else Trust.STRANGER
