"""How often a camera may break off before it is left alone for a while.

A segment costs the same however short it is: a file, a sync, a row, entries in the ledger and, for its end, a gap. A
camera that ends one with each picture would therefore take from the others what all of them share.
"""

import math
from collections import deque

MOST_A_MINUTE = 30
"""Segments of one camera that may end within a minute.

A sound camera ends one. Thirty is what a line breaks that damages a group every other second, at which a recording is
still worth having; the store of one small machine bears it from every camera it can read.
"""
MINUTE = 60.0
FIRST_REST = 60.0
"""Seconds without a connection after the first time; twice as long after each further one."""
LONGEST_REST = 960.0
CALM = 600.0
"""Seconds after a rest in which a camera must keep the pace for the rest to be forgotten."""


class Pace:
    """When the segments of one camera ended; all instants are readings of the monotonic clock."""

    def __init__(self) -> None:
        self._ends: deque[float] = deque()
        self._rests = 0
        self.rests_until = -math.inf
        """Until when nothing of the camera is taken."""

    def ended(self, now: float) -> None:
        """A segment of it ended."""
        self._ends.append(now)
        while now - self._ends[0] > MINUTE:
            self._ends.popleft()
        if len(self._ends) >= MOST_A_MINUTE:
            self._rest(now)

    def rests(self, now: float) -> bool:
        """Whether it is to be left alone."""
        return now < self.rests_until

    def forgive(self) -> None:
        """Begin anew: a person gave it another address or login."""
        self._ends.clear()
        self._rests = 0
        self.rests_until = -math.inf

    def _rest(self, now: float) -> None:
        self._ends.clear()
        if now - self.rests_until > CALM:
            self._rests = 0
        self.rests_until = now + min(FIRST_REST * 2**self._rests, LONGEST_REST)
        self._rests = min(self._rests + 1, 8)
