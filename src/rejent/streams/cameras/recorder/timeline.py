"""When a picture was taken, by the receiver's clock.

Pictures follow the camera's media clock, which is the smoothest; it is tied to this machine's monotonic clock where the delay
was least, and pulled towards it slowly afterwards. What the monotonic clock means to people: `rejent.recording.steady_time`.
"""

import math

from rejent.formats.mp4.picture import TICKS_PER_SECOND

SETTLING = 1.0
"""Seconds after a run's first picture in which the least delay is looked for."""
PULL = 500e-6
"""How fast a timeline may be pulled towards the receiver's clock: 500 parts per million, 30 ms a minute."""
SLIP = 1.0
"""Seconds of error beyond which the media clock is not believed and arrival is followed at once."""
WINDOW = 5.0
"""Seconds over which the least delay is taken; the newest two windows count."""
_NEVER = math.inf


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
