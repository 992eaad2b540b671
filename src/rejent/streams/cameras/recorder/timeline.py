"""Mapping of media time to the receiver's clock.

Pictures follow the camera's media clock, the smoothest one; it is tied to this machine's monotonic clock where the
delay was least, and adjusted towards it slowly. `rejent.recording.steady_time` maps that clock to civil time.
"""

import math

from rejent.formats.mp4.picture import TICKS_PER_SECOND

SETTLING = 1.0
"""Seconds after a run's first picture in which the least delay is searched."""
PULL = 500e-6
"""Rate of adjustment towards the receiver's clock: 500 parts per million, 30 ms a minute."""
SLIP = 1.0
"""Seconds of error beyond which arrival is followed at once instead of the media clock."""
WINDOW = 5.0
"""Seconds over which the least delay is taken; the newest two windows count."""
_NEVER = math.inf


class Timeline:
    """One unbroken run of pictures on the monotonic clock, whose reading at media time 0 is ``origin``."""

    def __init__(self, origin: float) -> None:
        self.origin = origin
        self._least = self._least_before = _NEVER
        self._window_ends = _NEVER

    def at(self, time: int) -> float:
        """Return the monotonic reading at a media time in ticks."""
        return self.origin + time / TICKS_PER_SECOND

    def observe(self, time: int, arrival: float) -> None:
        """Note the arrival of a picture of this media time."""
        apart = arrival - time / TICKS_PER_SECOND
        if arrival >= self._window_ends or self._window_ends == _NEVER:
            self._least, self._least_before = apart, self._least
            self._window_ends = arrival + WINDOW
        elif apart < self._least:
            self._least = apart

    def pull(self, duration: float) -> float:
        """Adjust after a segment towards the least delay observed lately, the best estimate; return the adjustment in seconds.

        An error beyond `SLIP` means that the media clock does not count seconds; then arrival is followed at once.
        """
        least = min(self._least, self._least_before)
        if least == _NEVER:
            return 0.0
        error, most = least - self.origin, PULL * duration
        moved = error if abs(error) > SLIP else max(-most, min(most, error))
        self.origin += moved
        return moved
