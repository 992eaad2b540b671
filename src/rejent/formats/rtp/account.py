"""Statistics of one leg of a call, for manifest and pages. All instants are ns since 1970, steady UTC."""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

SECOND = 1_000_000_000


class Role(IntEnum):
    """Classification of a packet."""

    SPEECH = 0
    EVENT = 1
    """A DTMF digit or tone (RFC 4733)."""
    NOISE = 2
    """Comfort noise (RFC 3389)."""
    AGAIN = 3
    WAITING = 4
    """Of another sender that is not followed yet."""
    UNKNOWN = 5
    """Of a payload type that was not negotiated; kept, though no decoder is known."""
    NONSENSE = 6


class GapCause(StrEnum):
    """Cause of a gap in the speech of a leg."""

    LOST = "lost"
    SILENCE = "silence"
    """Silence suppression: the sequence continues and the timestamps advance with the clock."""
    PAUSED = "paused"
    STOPPED = "stopped"
    """No packets, without a reason given."""
    DROPPED = "dropped"
    """Lost by the recorder's own machine, which did not take them in time."""
    UNCAPTURED = "uncaptured"
    """Lost by the mirror port, not by the call."""
    UNSEEN = "unseen"
    """Not seen at the mirror port; unknown if the party received them."""


@dataclass(frozen=True, slots=True)
class Gap:
    """From ``start`` to ``end``; ``packets`` are known to be missing."""

    start: int
    end: int
    cause: GapCause
    packets: int = 0


@dataclass(frozen=True, slots=True)
class Jump:
    """A jump of the timestamps by ``ticks`` beyond the clock."""

    at: int
    ticks: int


@dataclass(frozen=True, slots=True)
class CodecSpan:
    """A coding in use from ``start`` on."""

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
    """All statistics of a leg; ``unlisted_lost`` are packets lost by senders not listed, ``unread`` those our own machine dropped."""

    packets: dict[Role, int]
    senders: tuple[SenderSpan, ...]
    codecs: tuple[CodecSpan, ...]
    gaps: tuple[Gap, ...]
    jumps: tuple[Jump, ...] = field(default=())
    unlisted_lost: int = 0
    unread: int = 0

    @property
    def uncaptured(self) -> int:
        """Packets the mirror port missed and the call is not known to have lost."""
        return sum(gap.packets for gap in self.gaps if gap.cause in {GapCause.UNCAPTURED, GapCause.UNSEEN})

    @property
    def lost(self) -> int:
        """Packets that were lost on their way to the recorder."""
        missing = self.unlisted_lost + sum(sender.lost for sender in self.senders)
        return missing - self.uncaptured - self.unread


@dataclass(frozen=True, slots=True)
class ReceiverCounts:
    """Datagrams of a leg, by what became of them.

    ``refused`` by address, ``dropped`` in our socket buffer, ``flooded`` beyond the rate limit, ``unstored`` while the store was unavailable,
    ``copies`` shown twice by a mirror port.
    """

    refused: int = 0
    dropped: int = 0
    flooded: int = 0
    unstored: int = 0
    copies: int = 0
