"""Pausing of cameras whose segments end too often.

A segment costs the same however short it is: a file, a sync, a row, entries in the ledger and, for its end, a gap. A
camera that ends one with each picture would use up what all cameras share. Where the network loses packets the
connection goes on, and the next segment begins once there is room for it.
"""

import math
from collections import deque

MOST_A_MINUTE = 30
"""Segments of one camera that may end within a minute: damage every other second still gives a recording worth having."""
MINUTE = 60.0
FIRST_PAUSE = 60.0
"""Seconds without a connection after the first time; doubled after each further one."""
LONGEST_PAUSE = 960.0
CALM = 600.0
"""Seconds after a pause within the limit after which the next pause is a first one again."""


class SegmentThrottle:
    """Ends of one camera's segments; all instants are readings of the monotonic clock."""

    def __init__(self) -> None:
        self._ends: deque[float] = deque()
        self._pauses = 0
        self.paused_until = -math.inf
        """End of the current pause."""

    def segment_ended(self, now: float, *, by_loss: bool = False) -> None:
        """Count the end of a segment; pause the camera after too many, unless lost packets ended this one."""
        self._ends.append(now)
        if not self.has_room(now) and not by_loss:
            self._pause(now)

    def has_room(self, now: float) -> bool:
        """Tell if a segment may begin."""
        while self._ends and now - self._ends[0] > MINUTE:
            self._ends.popleft()
        return len(self._ends) < MOST_A_MINUTE

    def is_paused(self, now: float) -> bool:
        """Tell if the camera is paused."""
        return now < self.paused_until

    def reset(self) -> None:
        """Forget all: a person changed its address or login."""
        self._ends.clear()
        self._pauses = 0
        self.paused_until = -math.inf

    def _pause(self, now: float) -> None:
        self._ends.clear()
        if now - self.paused_until > CALM:
            self._pauses = 0
        self.paused_until = now + min(FIRST_PAUSE * 2**self._pauses, LONGEST_PAUSE)
        self._pauses = min(self._pauses + 1, 8)
