"""Correction of presentation times, and derivation of decoding times.

RTP gives each picture a presentation time, in decoding order. MP4 needs increasing decoding times, with the
presentation time as an offset. The decoding time of the n-th picture is the n-th smallest presentation time: the
first picture stands at 0, and offsets are signed (``trun`` version 1, as CMAF allows). The n-th smallest is known
once as many further pictures have come as the stream may re-order.
"""

from itertools import pairwise

from rejent.formats.mp4.boxes import TIMESCALE
from rejent.formats.mp4.picture import AccessUnit

MOST_REORDERED = 16
"""Pictures a stream may re-order in either standard."""

_STEP = TIMESCALE
"""Largest step between pictures that is accepted without comparing arrival times."""
_SLIP = TIMESCALE // 2
"""A step back up to this is one wrong timestamp; beyond it the camera's clock was set."""
_WRONG_IN_A_ROW = 3
"""Wrong timestamps after which arrival times are used instead."""
_LONGEST_STALL = 60 * TIMESCALE
_USUAL = TIMESCALE // 25


class PictureTimes:
    """Presentation times of one segment's pictures: first 0, no false jumps, no duplicates; ``reorder`` as in `PictureFormat`."""

    def __init__(self, reorder: int | None) -> None:
        self._most = MOST_REORDERED if reorder is None else reorder
        self.depth = reorder or 0
        """Pictures that may still come before one already received."""
        self.corrections = 0
        """Timestamps that were replaced."""
        self._shift: int | None = None
        self._newest = 0
        self._usual = _USUAL
        self._arrival = 0.0
        self._wrong = 0
        self._recent: list[int] = []

    def place(self, unit: AccessUnit) -> int:
        """Return the unit's presentation time in ticks from the segment's first picture."""
        if self._shift is None:
            self._shift = -unit.time
            self._arrival = unit.arrival
            if self._most:
                self._recent.append(0)
            return 0
        time = unit.time + self._shift
        step = time - self._newest
        if not 0 < step <= _STEP:
            time = self._correct(unit, time, step)
        elif self._wrong:
            self._wrong = 0
        else:
            self._usual = step
        self._newest = max(self._newest, time)
        self._arrival = unit.arrival
        if self._most:
            self._recent.append(time)
            if len(self._recent) > 2 * MOST_REORDERED:
                del self._recent[:MOST_REORDERED]
        return time

    def _correct(self, unit: AccessUnit, time: int, step: int) -> int:
        """Return the time of a unit that does not simply follow: re-ordered, after a stall, or wrong."""
        waited = min(max(int((unit.arrival - self._arrival) * TIMESCALE), 0), _LONGEST_STALL)
        if step > 0 and step <= _STEP + waited + waited // 2:
            self._wrong = 0
            return time
        if step <= 0 and not unit.key and self._is_reordered(time):
            return time
        self.corrections += 1
        self._wrong += 1
        if -_SLIP <= step <= 0 and self._wrong < _WRONG_IN_A_ROW:
            return self._newest + 1
        follows = waited if waited > _STEP or self._wrong >= _WRONG_IN_A_ROW else self._usual
        placed = self._newest + max(follows, 1)
        self._shift = placed - unit.time
        return placed

    def _is_reordered(self, time: int) -> bool:
        """Tell if the unit is presented before one already received, within the stream's limits; track the depth."""
        if not self._most or time in self._recent or time < self._newest - 2 * _STEP:
            return False
        overtaken = sum(1 for other in self._recent if other > time)
        if overtaken > self._most:
            return False
        self.depth = max(self.depth, overtaken)
        return True


def decode_times(pool: list[int], count: int, previous: int) -> list[int]:
    """Return the decoding times of the next ``count`` pictures, and of the one after them if it is known.

    ``pool`` holds the presentation times of all pictures without a decoding time; the ``count`` smallest are removed, the
    rest stays, sorted. ``previous`` is the decoding time of the last picture before; -1 before the first.
    """
    pool.sort()
    times = pool[: count + 1]
    del pool[:count]
    if times[0] <= previous or any(a >= b for a, b in pairwise(times)):
        for place, time in enumerate(times):
            previous = times[place] = max(time, previous + 1)
    return times
