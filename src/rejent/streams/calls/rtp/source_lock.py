"""Whose datagrams a leg takes: who was signalled goes before whoever else speaks (symmetric RTP, RFC 4961)."""

from collections.abc import Container
from enum import IntEnum

from rejent.formats.rtp.account import SECOND

Address = tuple[str, int]
ESCAPE = 2 * SECOND
"""Silence of the address we follow after which the party may speak from another port, or, behind a NAT, address."""


class Standing(IntEnum):
    """How far a host is believed to be the party; a packet of a better one displaces whom we follow at once."""

    STRANGER = 0
    CALLER = 1
    """One that may hand calls over."""
    SIGNALLED = 2
    """The one that signalling gave."""


class SourceLock:
    """Follows one address; what others send is counted and dropped.

    A stranger is followed only where who was signalled is none of ``callers``: a NAT hides that one, or another device sends.

    Args:
        signalled: the address that signalling gave, which need not be where packets come from; none where it is not known.
        callers: hosts that may hand calls over.
    """

    def __init__(self, signalled: str | None = None, callers: Container[str] = ()) -> None:
        self._callers = callers
        self._standing = Standing.STRANGER
        self._shut = signalled in callers
        """No stranger is followed, however silent the party."""
        self.signalled = signalled
        self.followed: Address | None = None
        self.refused = 0
        """Datagrams of others."""
        self.heard = 0
        """When the party was heard last, ns since 1970; 0 before."""

    @property
    def believed(self) -> bool:
        """Whether whom we follow was signalled, or may hand calls over."""
        return self.followed is not None and self._standing is not Standing.STRANGER

    def expect(self, signalled: str | None) -> None:
        """Signalling gave another address: the party may move there at once."""
        if signalled != self.signalled:
            self.signalled, self.followed = signalled, None
            self._shut = signalled in self._callers

    def admits(self, sender: Address, arrival: int) -> bool:
        """Whether a datagram that arrived now is the party's own."""
        if sender == self.followed:
            self.heard = arrival
            return True
        if self._may_follow(sender[0], arrival):
            self.followed, self.heard = sender, arrival
            return True
        self.refused += 1
        return False

    def renounce(self) -> None:
        """What was admitted last is not authentic: whoever speaks next is followed."""
        self.followed = None
        self.refused += 1

    def _may_follow(self, host: str, arrival: int) -> bool:
        free = self.followed is None or arrival - self.heard >= ESCAPE
        if not free and self._standing is Standing.SIGNALLED:
            return False
        standing = self._standing_of(host)
        if standing is Standing.STRANGER and self._shut:
            return False
        if free or standing > self._standing:
            self._standing = standing
            return True
        return False

    def _standing_of(self, host: str) -> Standing:
        if host == self.signalled:
            return Standing.SIGNALLED
        return Standing.CALLER if host in self._callers else Standing.STRANGER
