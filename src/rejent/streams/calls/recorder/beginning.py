"""Calls that are answered and not begun: whoever waits for an answer goes first.

To begin a call takes longer than to answer it, and others work on it then: they seal, they book. What its caller sends meanwhile
waits in the kernel, with the instants at which it came.
"""

from collections.abc import Callable
from typing import Protocol

import structlog

from rejent.kernel.clock import Clock

log = structlog.get_logger(__name__)

QUIET_S = 0.01
"""Seconds without another INVITE after which calls are begun."""
WITHIN_S = 0.5
"""Seconds within which a call is begun however many others come."""


class Begins(Protocol):
    """A call, such as `rejent.streams.calls.recorder.call.CallUnderWay`."""

    def start(self) -> None:
        """Begin to record."""


class Beginnings:
    """Begins calls one at a time, so that messages are read in between.

    Args:
        clock: tells how long they wait.
        later: does something after so many seconds, once whatever has arrived by then was read; in the one thread of all this.
    """

    def __init__(self, clock: Clock, later: Callable[[float, Callable[[], None]], object]) -> None:
        self._clock, self._later = clock, later
        self._waiting: dict[Begins, float] = {}
        """With the instant at which each was answered, by the monotonic clock; the oldest first."""
        self._newest = 0.0
        self._planned = False

    def add(self, call: Begins) -> None:
        """A call was answered."""
        self._waiting[call] = self._newest = self._clock.monotonic()
        self._plan(QUIET_S)

    def begin(self, call: Begins) -> None:
        """Begin a call now, unless it has begun; a fault in one must not stop the others."""
        if self._waiting.pop(call, None) is None:
            return
        try:
            call.start()
        except Exception:
            log.exception("calls.fault")

    def begin_all(self) -> None:
        """Begin every call now."""
        for call in list(self._waiting):
            self.begin(call)

    def _plan(self, after_s: float) -> None:
        if not self._planned:
            self._planned = True
            self._later(after_s, self._look)

    def _look(self) -> None:
        """Begin the oldest if nobody calls just now, or it has waited long enough."""
        self._planned = False
        oldest, since = next(iter(self._waiting.items()), (None, 0.0))
        if oldest is None:
            return
        now = self._clock.monotonic()
        due = now - self._newest >= QUIET_S or now - since >= WITHIN_S
        if due:
            self.begin(oldest)
        if self._waiting:
            self._plan(0.0 if due else QUIET_S)
