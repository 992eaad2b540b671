"""Whoever answers callers goes first: Python lets one thread work at a time, and those who receive and seal can wait a moment."""

import threading

from rejent.kernel.clock import Clock

CLAIMED_S = 0.005
"""Seconds that one message claims: the next of a burst comes sooner."""
LONGEST_S, AGAIN_AFTER_S = 0.12, 0.5
"""Seconds for which others wait at most, and from which on they wait again: however many call, nobody stands still."""
_LOOK_S = 0.001


class RightOfWay:
    """Claimed in one thread, given in others.

    Args:
        clock: measures how long.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since = self._until = float("-inf")
        self._wait = threading.Event()

    def claim(self) -> None:
        """A caller waits for an answer; more may come."""
        now = self._clock.monotonic()
        if now >= self._since + AGAIN_AFTER_S:
            self._since = now
        self._until = min(now + CLAIMED_S, self._since + LONGEST_S)

    def give(self) -> None:
        """Wait while somebody claims it; to be called between two pieces of work."""
        while self._clock.monotonic() < self._until:
            self._wait.wait(_LOOK_S)
