"""How the batches of a device join: numbers and a chain of digests, as a function of the position and what came.

``chain = SHA-256(previous ‖ NUL ‖ stream ‖ NUL ‖ source ‖ NUL ‖ number ‖ NUL ‖ SHA-256(body))``, all in text: the value of a batch names
it, with everything before it.
"""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

BEGINNING = "0" * 64
"""The chain before the first batch."""
REMEMBERED = 128
"""Values of the chain by which a replay is told from a fork: 4 KiB a device."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far the batches of a device have come; ``recent`` are the values before and at the chain's, 32 bytes each, the newest last."""

    number: int = 0
    chain: str = BEGINNING
    recent: bytes = b""

    def remembers(self, chain: str) -> bool:
        """Return whether a value is one of the last of the chain."""
        wanted = bytes.fromhex(chain)
        return any(self.recent[at : at + 32] == wanted for at in range(0, len(self.recent), 32))

    def after(self, claim: "Claim") -> "Position":
        """Return the position once a batch is taken."""
        kept = (self.recent + bytes.fromhex(claim.chain))[-32 * REMEMBERED :]
        return Position(claim.number, claim.chain, kept)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a device says of a batch; ``lost`` are the numbers before it that it has no more."""

    stream: str
    source: str
    number: int
    previous: str
    body: str
    lost: int = 0

    @property
    def chain(self) -> str:
        """Return the value that the batch has in its chain."""
        parts = (self.previous, self.stream, self.source, str(self.number), self.body)
        return sha256("\0".join(parts).encode()).hexdigest()


class Joint(StrEnum):
    """How a batch joins the ones before it."""

    NEXT = "next"
    AGAIN = "again"
    """The last one, whose receipt did not arrive."""
    AHEAD = "ahead"
    """Batches before it are still to come, or are lost and that was not said."""
    HOLE = "hole"
    """Entered of a batch that is taken after lost ones."""
    REPLAY = "replay"
    FORK = "fork"


def join(position: Position, claim: Claim) -> Joint:
    """Return how a batch joins the ones before it."""
    if claim.chain == position.chain:
        return Joint.AGAIN
    if position.remembers(claim.chain):
        return Joint.REPLAY
    if claim.number <= position.number:
        return Joint.FORK
    if claim.number != position.number + 1 + claim.lost:
        return Joint.AHEAD
    return Joint.NEXT if claim.previous == position.chain else Joint.FORK
