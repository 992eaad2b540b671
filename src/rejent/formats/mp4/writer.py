"""Writer of segments as pictures arrive: an initialisation, then fragments as the caller asks for them.

`FragmentWriter.add` assigns a picture's time and queues it; when a fragment is due and all its decoding times are known, one call packs
the table of samples. Fragments include the pictures' own byte objects: nothing is copied.

RTP gives each picture a presentation time, in decoding order. MP4 needs increasing decoding times, with the presentation time as an
offset. The decoding time of the n-th picture is the n-th smallest presentation time: the first stands at 0, and offsets are signed
(``trun`` version 1, as CMAF allows). The n-th smallest is known once as many further pictures have come as the stream may re-order.
"""

from itertools import pairwise

from rejent.formats.fragment_index import Fragment
from rejent.formats.mp4.boxes import TIMESCALE, Run, fragment_head, initialisation
from rejent.formats.mp4.parameters import describe, updated_parameters
from rejent.formats.mp4.picture import AccessUnit, ParameterSets

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
        """Return whether the unit is presented before one already received, within the stream's limits; track the depth."""
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


__all__ = ["Fragment", "FragmentWriter", "initialisation", "updated_parameters"]

_MOST_BYTES = 16 * 1024 * 1024
_MOST_PICTURES = 600
"""A fragment ends at either bound, whatever the timestamps say, so that memory is bounded."""


class FragmentWriter:
    """Builds the fragments of one segment, of ``target`` seconds each, from the decoding time ``base`` on. Raises ParameterSetError."""

    def __init__(self, parameters: ParameterSets, *, target: float = 1.0, base: int = 0) -> None:
        self._times = PictureTimes(describe(parameters).reorder)
        self._target = int(target * TIMESCALE)
        self._late = target + 0.5
        self._base = base
        self._sequence = 0
        self._waiting: list[AccessUnit] = []
        self._shown: list[int] = []
        self._pool: list[int] = []
        self._held = 0
        self._cut = 0
        self._last = -1
        self._usual = TIMESCALE // 25
        self.duration = 0
        """Ticks of all returned fragments."""
        self.pictures = 0

    @property
    def corrections(self) -> int:
        """Count the timestamps that were replaced: doubled, jumping, running backwards."""
        return self._times.corrections

    @property
    def depth(self) -> int:
        """Return how far the stream re-orders its pictures, as declared or seen so far."""
        return self._times.depth

    def add(self, unit: AccessUnit) -> Fragment | None:
        """Add a picture; return a fragment when one is complete."""
        time = self._times.place(unit)
        waiting = self._waiting
        if waiting and self._may_cut_here(unit) and self._is_due(unit, time):
            self._cut = len(waiting)
        waiting.append(unit)
        self._shown.append(time)
        self._held += len(unit.data)
        if self._cut:
            depth = self._times.depth
            if len(waiting) > self._cut + depth:
                return self._emit(self._cut, None)
        return None

    def flush(self) -> Fragment | None:
        """Return all queued pictures as a fragment at once: for a stream that stopped sending."""
        return self._emit(len(self._waiting), None) if self._waiting else None

    def finish(self, following: AccessUnit | None = None) -> Fragment | None:
        """Return the last fragment; its last picture lasts until ``following``, the next segment's first picture without a gap."""
        if not self._waiting:
            return None
        until = self._times.place(following) if following is not None else None
        return self._emit(len(self._waiting), until)

    def _may_cut_here(self, unit: AccessUnit) -> bool:
        """Return whether a fragment may end before this picture: no cut is set yet, or this key picture is a better one."""
        return not self._cut or (unit.key and not self._waiting[self._cut].key)

    def _is_due(self, unit: AccessUnit, time: int) -> bool:
        span = time - self._shown[0]
        if unit.key and 4 * span >= self._target:
            return True
        if span >= self._target or unit.arrival - self._waiting[0].arrival >= self._late:
            return True
        return self._held >= _MOST_BYTES or len(self._waiting) >= _MOST_PICTURES

    def _emit(self, count: int, until: int | None) -> Fragment:
        units, shown = self._waiting[:count], self._shown[:count]
        self._pool += self._shown[len(self._pool) :]
        times = decode_times(self._pool, count, self._last)
        if len(times) == count:
            times.append(times[-1] + self._usual if until is None else max(until, times[-1] + 1))
        self._last = times[count] - 1
        durations = [b - a for a, b in pairwise(times)]
        if len(self._waiting) > count:
            self._usual = durations[-1]
        data = [unit.data for unit in units]
        compositions = [] if shown == times[:count] else [a - b for a, b in zip(shown, times, strict=False)]
        run = Run(durations, [len(part) for part in data], [unit.key for unit in units], compositions)
        self._sequence += 1
        head = fragment_head(self._sequence, self._base + times[0], run)
        self._release(count, sum(run.sizes))
        span = times[count] - times[0]
        self.duration = times[count]
        self.pictures += count
        return Fragment((head, *data), self._base + times[0], span, count, run.keys[0], framed=len(head))

    def _release(self, count: int, size: int) -> None:
        del self._waiting[:count], self._shown[:count]
        self._held -= size
        self._cut = 0
