"""Where on the clock a packet's sound belongs: by RTP time within a talk spurt, by arrival between spurts."""

from rejent.formats.rtp.account import SECOND

SLIP = SECOND // 2
"""Difference of RTP time and arrival from which on arrival is followed."""
JITTER = 60_000_000
"""The same, in ns, for the first packet of a talk spurt (marker): silence before it hides a small step."""


class Placement:
    """The clock of one leg. RTP time has no jitter, arrival does not drift: each mends the other."""

    def __init__(self) -> None:
        self._of = (-1, -1)
        self._timestamp = self._at = 0

    def at(self, timestamp: int, arrival: int, *, ssrc: int, rate: int, spurt: bool = False) -> int:
        """The instant, in ns since 1970, at which a packet with this time stamp begins.

        Args:
            timestamp: its RTP time stamp.
            arrival: ns since 1970.
            ssrc: whose packet; another sender's time stamps have nothing to do with these.
            rate: ticks a second.
            spurt: whether its marker says that a talk spurt begins.
        """
        if self._of == (ssrc, rate):
            ticks = (timestamp - self._timestamp + 0x80000000 & 0xFFFFFFFF) - 0x80000000
            at = self._at + ticks * SECOND // rate
            if abs(at - arrival) <= (JITTER if spurt else SLIP):
                return at
        self._of, self._timestamp, self._at = (ssrc, rate), timestamp, arrival
        return arrival
