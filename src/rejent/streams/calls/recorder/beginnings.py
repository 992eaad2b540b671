"""When the recording of an answered call begins: after other messages are answered, and not for a caller that has given up."""

from collections.abc import Callable

import structlog

from rejent.kernel.clock import Clock
from rejent.streams.calls.recorder.siprec_call import SiprecCall

log = structlog.get_logger(__name__)

QUIET_S = 0.01
WITHIN_S = 0.5


class DeferredStarts:
    """Starts calls one at a time, so that messages are processed in between; ``later`` runs work after so many seconds."""

    def __init__(self, clock: Clock, later: Callable[[float, Callable[[], None]], object]) -> None:
        self._clock, self._later = clock, later
        self._waiting: dict[SiprecCall, float] = {}
        self._newest = 0.0
        self._planned = False

    def add(self, call: SiprecCall) -> None:
        """Defer the start of an answered call."""
        self._waiting[call] = self._newest = self._clock.monotonic()
        self._plan(QUIET_S)

    def begin(self, call: SiprecCall) -> None:
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


CONFIRMED_S = 0.3
"""Seconds after the confirmation in which a caller that has given up takes its call back: ACK and BYE come together (RFC 3261 §13.2.2.4)."""
LISTEN_S = 1.0
"""Seconds between two looks for packets of a call that nobody confirms; the kernel keeps five seconds of them."""


class DoubtfulStarts:
    """Calls whose INVITEs may have waited longer than their callers: each is begun once a packet comes, or the caller knows of it.

    Of one that is given up before nothing is kept. ``begin`` has a call begin, ``later`` runs work after so many seconds.
    """

    def __init__(
        self, begin: Callable[[SiprecCall], None], later: Callable[[float, Callable[[], None]], object]
    ) -> None:
        self._begin, self._later = begin, later
        self._waiting: dict[SiprecCall, None] = {}

    def add(self, call: SiprecCall) -> None:
        """Hold an answered call back."""
        self._waiting[call] = None
        self._later(LISTEN_S, lambda: self._listen(call))

    def confirm(self, call: SiprecCall) -> None:
        """Begin a call that its caller confirmed, unless it is ended at once."""
        if call in self._waiting:
            self._later(CONFIRMED_S, lambda: self.start(call))

    def give_up(self, call: SiprecCall) -> bool:
        """Give back what a call that ended has taken, unless it was begun, or somebody spoke; return True if nothing of it is kept."""
        if call not in self._waiting:
            return False
        if call.is_spoken_to:
            self.start(call)
            return False
        del self._waiting[call]
        call.give_up()
        return True

    def give_up_all(self) -> None:
        """Do so for all that wait."""
        for call in list(self._waiting):
            self.give_up(call)

    def start(self, call: SiprecCall) -> None:
        """Begin a call that waits."""
        if call in self._waiting:
            del self._waiting[call]
            self._begin(call)

    def _listen(self, call: SiprecCall) -> None:
        if call in self._waiting:
            if call.is_spoken_to:
                self.start(call)
            else:
                self._later(LISTEN_S, lambda: self._listen(call))
