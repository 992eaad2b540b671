"""Priority of signalling over receiving and sealing, which can wait a moment for the interpreter lock."""

import threading

from rejent.kernel.clock import Clock

CLAIMED_S = 0.005
"""Seconds that one message claims; the next of a burst comes sooner."""
MAX_WAIT_S, AGAIN_AFTER_S = 0.12, 0.5
"""Longest wait of others in seconds, and the interval until they wait again, however many call."""
_LOOK_S = 0.001


class SignallingPriority:
    """Claimed by signalling in one thread, respected by the receiver in others."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since = self._until = float("-inf")
        self._wait = threading.Event()

    def claim(self) -> None:
        """Claim priority for a message; more may follow."""
        now = self._clock.monotonic()
        if now >= self._since + AGAIN_AFTER_S:
            self._since = now
        self._until = min(now + CLAIMED_S, self._since + MAX_WAIT_S)

    def give(self) -> None:
        """Wait while priority is claimed; called between pieces of work."""
        while self._clock.monotonic() < self._until:
            self._wait.wait(_LOOK_S)
