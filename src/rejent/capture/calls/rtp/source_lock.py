"""Whose datagrams a leg takes: the address signalled, or the first that speaks (symmetric RTP, RFC 4961)."""

from rejent.capture.calls.rtp.account import SECOND

Address = tuple[str, int]
ESCAPE = 2 * SECOND
"""Silence of the address we follow after which the party may speak from another port, or, behind a NAT, address."""


class SourceLock:
    """Follows one address; what others send is counted and dropped.

    Args:
        signalled: the address that signalling gave, which need not be where packets come from; none where it is not known.
    """

    def __init__(self, signalled: str | None = None) -> None:
        self.signalled = signalled
        self.followed: Address | None = None
        self.refused = 0
        """Datagrams of others."""
        self.heard = 0
        """When the party was heard last, ns since 1970; 0 before."""

    def expect(self, signalled: str | None) -> None:
        """Signalling gave another address: the party may move there at once."""
        if signalled != self.signalled:
            self.signalled, self.followed = signalled, None

    def admits(self, sender: Address, arrival: int) -> bool:
        """Whether a datagram that arrived now is the party's own."""
        if sender == self.followed:
            self.heard = arrival
            return True
        if self._may_follow(sender, arrival):
            self.followed, self.heard = sender, arrival
            return True
        self.refused += 1
        return False

    def _may_follow(self, sender: Address, arrival: int) -> bool:
        if self.signalled is not None and sender[0] != self.signalled:
            return False
        return self.followed is None or arrival - self.heard >= ESCAPE
