"""Civil time for recorders that a step of the system clock does not disturb; the step is reported."""

from datetime import datetime, timedelta

from rejent.kernel.clock import Clock

STEP = 1.0
"""Seconds by which the civil clock must differ from the monotonic one to count as stepped."""


class SteadyTime:
    """Civil time that runs on the monotonic clock, read from the civil clock once.

    ``off_by`` is how far that was ahead of the confirmed time at the start: a recorder that is started anew after a step goes
    on in the time before it, and reports the step.
    """

    def __init__(self, clock: Clock, off_by: timedelta = timedelta()) -> None:
        self._clock = clock
        self._reported = 0.0
        self.confirm()
        self._civil -= off_by

    def confirm(self) -> None:
        """Adopt the civil clock as it stands: at start, and when a person has confirmed a step."""
        self._monotonic = self._clock.monotonic()
        self._civil = self._clock.now()
        self._reported = 0.0

    def now(self) -> datetime:
        """Return the instant in steady time."""
        return self.instant(self._clock.monotonic())

    def instant(self, monotonic: float) -> datetime:
        """Return the instant of a reading of the monotonic clock."""
        return self._civil + timedelta(seconds=monotonic - self._monotonic)

    def monotonic(self, instant: datetime) -> float:
        """Return the reading of the monotonic clock at an instant."""
        return self._monotonic + (instant - self._civil).total_seconds()

    def new_step(self) -> float | None:
        """Return the seconds by which the civil clock now differs, once for each step; None without a new one."""
        step = (self._clock.now() - self.now()).total_seconds()
        if abs(step - self._reported) < STEP:
            return None
        self._reported = step
        return step
