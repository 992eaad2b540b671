"""How a picture stands to the one before it: by the camera's own times, and by when both arrived."""

from enum import Enum

from rejent.catalog.coverage import SEAM
from rejent.formats.mp4.picture import TICKS_PER_SECOND, AccessUnit

JUMP = 5.0
"""Seconds by which picture times may run ahead of arrival, and a step between two that counts as a leap of theirs."""
LAG = 30.0
"""Seconds by which picture times may lag behind arrival: delay of a slow line and a camera's buffer."""
PAUSE = 2.0
"""Seconds without a picture that are a gap, unless the camera's usual step is longer."""
SLOWEST = 5.0
"""Largest step between pictures, in seconds, that counts as usual."""
_BACK = TICKS_PER_SECOND
_SHORT_PAUSE = SEAM.total_seconds()
"""Seconds without a picture, unless its usual step is longer, that are counted though the segment goes on."""


class Step(Enum):
    """What a picture is to the one before it."""

    JOINS = 0
    SHORT_PAUSE = 1
    PAUSE = 2
    JUMP = 3
    OFF_PACE = 4


class Pace:
    """The usual step between the pictures of a run in seconds, 0 before it is known, and whether they are re-ordered."""

    def __init__(self) -> None:
        self.usual = 0.0
        self.reorders = False

    def judge(self, last: AccessUnit, unit: AccessUnit, ahead: float) -> Step:
        """Return what a picture is, whose time is ``ahead`` of its arrival by so many seconds since the run's beginning."""
        apart = unit.time - last.time
        if not -LAG <= ahead <= JUMP:
            return Step.OFF_PACE if abs(apart) <= JUMP * TICKS_PER_SECOND else Step.JUMP
        if apart <= 0:
            if apart and not unit.key and apart > -_BACK:
                self.reorders = True
                return Step.JOINS
            return Step.JOINS if apart > -_BACK // 2 else Step.JUMP
        seconds = apart / TICKS_PER_SECOND
        usual, waited = self.usual, min(seconds, unit.arrival - last.arrival, SLOWEST)
        self.usual = waited if not usual else usual + (waited - usual) * 0.1
        return _length(seconds, usual)

    def judge_silence(self, seconds: float) -> Step:
        """Return what so long a time without a picture is."""
        return _length(seconds, self.usual)


def _length(seconds: float, usual: float) -> Step:
    if seconds <= _SHORT_PAUSE or seconds <= 4 * usual:
        return Step.JOINS
    if seconds > PAUSE:
        return Step.PAUSE
    return Step.SHORT_PAUSE if usual else Step.JOINS
