"""When a picture was taken, by the receiver's clock.

Three clocks meet here: the camera's media clock, this machine's monotonic clock, and the civil clock people look at.
Pictures follow the media clock, which is the smoothest; it is tied to the monotonic clock where the delay was least, and
pulled towards it slowly afterwards. The civil clock is read once: if somebody steps it while recording, the timeline does
not tear, and the step is told.
"""

import math
from datetime import datetime, timedelta

from rejent.capture.video.picture import TICKS_PER_SECOND
from rejent.kernel.clock import Clock

SETTLING = 1.0
"""Seconds after a run's first picture in which the least delay is looked for."""
PULL = 500e-6
"""How fast a timeline may be pulled towards the receiver's clock: 500 parts per million, 30 ms a minute."""
SLIP = 1.0
"""Seconds of error beyond which the media clock is not believed and arrival is followed at once."""
WINDOW = 5.0
"""Seconds over which the least delay is taken; the newest two windows count."""
STEP = 1.0
"""Seconds by which the civil clock must differ from the monotonic one to count as stepped."""
_NEVER = math.inf


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


class Timeline:
    """One unbroken run of pictures on the monotonic clock.

    `origin` is the monotonic reading at media time 0.
    """

    def __init__(self, origin: float) -> None:
        self.origin = origin
        self._least = self._least_before = _NEVER
        self._window_ends = _NEVER

    def at(self, time: int) -> float:
        """The monotonic reading at a media time in ticks."""
        return self.origin + time / TICKS_PER_SECOND

    def heard(self, time: int, arrival: float) -> None:
        """A picture of this media time arrived then."""
        apart = arrival - time / TICKS_PER_SECOND
        if arrival >= self._window_ends or self._window_ends == _NEVER:
            self._least, self._least_before = apart, self._least
            self._window_ends = arrival + WINDOW
        elif apart < self._least:
            self._least = apart

    def pull(self, duration: float) -> float:
        """A segment of so many seconds has ended: move towards the least delay heard lately.

        The least delay is the best evidence, as delays only ever add. An error beyond `SLIP` means that the media
        clock does not count seconds; then arrival is followed at once.

        Returns:
            the seconds it was moved by.
        """
        least = min(self._least, self._least_before)
        if least == _NEVER:
            return 0.0
        error, most = least - self.origin, PULL * duration
        moved = error if abs(error) > SLIP else max(-most, min(most, error))
        self.origin += moved
        return moved
