"""Civil time for recorders, read once: if somebody steps the clock while recording, no timeline tears, and the step is told."""

from datetime import datetime, timedelta

from rejent.kernel.clock import Clock

STEP = 1.0
"""Seconds by which the civil clock must differ from the monotonic one to count as stepped."""


class SteadyTime:
    """Civil time that runs on the monotonic clock, read from the civil clock once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told = 0.0
        self.confirm()

    def confirm(self) -> None:
        """Take the civil clock as it stands: at start, and when a person has confirmed a step."""
        self._monotonic = self._clock.monotonic()
        self._civil = self._clock.now()
        self._told = 0.0

    def now(self) -> datetime:
        """The instant in steady time."""
        return self.instant(self._clock.monotonic())

    def instant(self, monotonic: float) -> datetime:
        """The instant that belongs to a reading of the monotonic clock."""
        return self._civil + timedelta(seconds=monotonic - self._monotonic)

    def monotonic(self, instant: datetime) -> float:
        """The reading of the monotonic clock that belongs to an instant."""
        return self._monotonic + (instant - self._civil).total_seconds()

    def new_step(self) -> float | None:
        """Seconds by which the civil clock now differs, told once for each step; None while there is nothing new."""
        step = (self._clock.now() - self.now()).total_seconds()
        if abs(step - self._told) < STEP:
            return None
        self._told = step
        return step
