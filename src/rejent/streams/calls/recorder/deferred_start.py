"""Start recordings of answered calls later: answering has priority.

Starting takes longer than answering and competes with sealing and booking; meanwhile the kernel buffers packets with
their timestamps.
"""

from collections.abc import Callable
from typing import Protocol

import structlog

from rejent.kernel.clock import Clock

log = structlog.get_logger(__name__)

QUIET_S = 0.01
"""Seconds without another INVITE after which calls are started."""
WITHIN_S = 0.5
"""Longest delay in seconds."""


class Startable(Protocol):
    """A call, such as `rejent.streams.calls.recorder.siprec_call.SiprecCall`."""

    def start(self) -> None:
        """Start recording."""


class DeferredStarts:
    """Starts calls one at a time, so that messages are processed in between; ``later`` runs work after so many seconds."""

    def __init__(self, clock: Clock, later: Callable[[float, Callable[[], None]], object]) -> None:
        self._clock, self._later = clock, later
        self._waiting: dict[Startable, float] = {}
        """Instants of answering, by the monotonic clock, oldest first."""
        self._newest = 0.0
        self._planned = False

    def add(self, call: Startable) -> None:
        """Defer the start of an answered call."""
        self._waiting[call] = self._newest = self._clock.monotonic()
        self._plan(QUIET_S)

    def begin(self, call: Startable) -> None:
        """Start a call now, unless started; log its fault instead of stopping the others."""
        if self._waiting.pop(call, None) is None:
            return
        try:
            call.start()
        except Exception:
            log.exception("calls.fault")

    def begin_all(self) -> None:
        """Start every call now."""
        for call in list(self._waiting):
            self.begin(call)

    def _plan(self, after_s: float) -> None:
        if not self._planned:
            self._planned = True
            self._later(after_s, self._look)

    def _look(self) -> None:
        """Start the oldest call if no INVITE came recently, or it has waited long enough."""
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
