"""Place a packet's sound on the clock: by RTP time within a talk spurt, by arrival between spurts."""

from rejent.formats.rtp.account import SECOND

SLIP = SECOND // 2
"""Difference of RTP time and arrival from which arrival is used."""
JITTER = 60_000_000
"""The same in ns for the first packet of a talk spurt (marker), where silence hides a small step."""


class RtpClock:
    """The clock of one leg: RTP time removes jitter, arrival removes drift."""

    def __init__(self) -> None:
        self._of = (-1, -1)
        self._timestamp = self._at = 0

    def at(self, timestamp: int, arrival: int, *, ssrc: int, rate: int, spurt: bool = False) -> int:
        """Return the instant a packet begins, from its RTP timestamp at ``rate`` and its ``arrival``, in ns since 1970.

        Timestamps of different senders (``ssrc``) are unrelated; ``spurt``: its marker starts a talk spurt.
        """
        if self._of == (ssrc, rate):
            ticks = (timestamp - self._timestamp + 0x80000000 & 0xFFFFFFFF) - 0x80000000
            at = self._at + ticks * SECOND // rate
            if abs(at - arrival) <= (JITTER if spurt else SLIP):
                return at
        self._of, self._timestamp, self._at = (ssrc, rate), timestamp, arrival
        return arrival
