"""What is told about one leg of a call, in the manifest and on the listening page. All instants are ns since 1970, steady UTC."""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

SECOND = 1_000_000_000


class Role(IntEnum):
    """What a packet of a leg is."""

    SPEECH = 0
    EVENT = 1
    """A key pressed, or a tone (RFC 4733)."""
    NOISE = 2
    """A level of comfort noise (RFC 3389)."""
    AGAIN = 3
    """It came before."""
    WAITING = 4
    """Of another sender, who has yet to persist."""
    UNKNOWN = 5
    """Of a payload type that was not negotiated; kept, though no decoder is known."""
    NONSENSE = 6
    """No RTP."""


class GapCause(StrEnum):
    """Why a leg has no speech for a while."""

    LOST = "lost"
    SILENCE = "silence"
    """The sender said so: its sequence goes on and its time stamps leap as far as the clock did."""
    PAUSED = "paused"
    """Signalling said so."""
    STOPPED = "stopped"
    """No packets came, and nobody said why."""
    UNCAPTURED = "uncaptured"
    """A recorder beside the call did not see them: its mirror lost them, not the call."""
    UNSEEN = "unseen"
    """A recorder beside the call did not see them, and nothing tells whether the party they were for did."""


@dataclass(frozen=True, slots=True)
class Gap:
    """From ``start`` to ``end``; ``packets`` are those known to be missing."""

    start: int
    end: int
    cause: GapCause
    packets: int = 0


@dataclass(frozen=True, slots=True)
class Jump:
    """The time stamps leapt by ``ticks`` where the clock did not."""

    at: int
    ticks: int


@dataclass(frozen=True, slots=True)
class CodecSpan:
    """From ``start`` on packets were of this coding."""

    start: int
    payload_type: int
    name: str


@dataclass(frozen=True, slots=True)
class SenderSpan:
    """One sender (SSRC) of the leg, from its first packet to its last."""

    ssrc: int
    start: int
    end: int
    received: int
    lost: int
    late: int
    twice: int


@dataclass(frozen=True, slots=True)
class LegAccount:
    """Everything counted of a leg.

    Attributes:
        packets: by what they are.
        senders: in the order they were followed.
        codecs: each change of coding.
        gaps: in order of their start.
        jumps: leaps of the time stamps alone.
        unlisted_lost: packets that senders lost who are not listed.
    """

    packets: dict[Role, int]
    senders: tuple[SenderSpan, ...]
    codecs: tuple[CodecSpan, ...]
    gaps: tuple[Gap, ...]
    jumps: tuple[Jump, ...] = field(default=())
    unlisted_lost: int = 0

    @property
    def missed(self) -> int:
        """Packets that a recorder beside the call did not see, and of which nothing says that the call lost them."""
        return sum(gap.packets for gap in self.gaps if gap.cause in {GapCause.UNCAPTURED, GapCause.UNSEEN})

    @property
    def lost(self) -> int:
        """Packets that never came, and should have."""
        return self.unlisted_lost + sum(sender.lost for sender in self.senders) - self.missed
