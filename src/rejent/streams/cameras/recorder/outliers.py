"""Time stamps of single pictures that fit neither their neighbours nor arrival.

A camera's clock jumps rarely, and goes on from there; a wrong stamp stands alone. What a leap is, the pictures after it show:
until then it is held back. An outlier gets a place between its neighbours, and is counted.
"""

from rejent.formats.mp4.picture import TICKS_PER_SECOND, AccessUnit

CONFIRMED_BY = 3
"""Pictures after a leap that go on from it before it counts as a jump of the camera's clock: 0.12 s at 25 a second."""
MOST_HELD = 10
"""Pictures in which no order is found, after which they stand where they arrived; at most 80 MiB, usually 0.2."""
_PLAIN = TICKS_PER_SECOND // 2
"""Largest step that needs no confirmation: cameras are read five times a second, and deliver unevenly."""
_BACK = TICKS_PER_SECOND
"""A step back of less is re-ordering."""


class OutlierFilter:
    """Filters one camera's pictures from a connection's first on."""

    def __init__(self) -> None:
        self.retimed = 0
        """Pictures whose time stamp was replaced since the owner last set it to 0."""
        self._first: AccessUnit | None = None
        self._last: AccessUnit | None = None
        self._step = 0
        self._shift = 0
        """Ticks added to every time stamp, once the camera's own were of no use."""
        self._held: list[AccessUnit] = []
        self._agreeing = 0
        """Pictures at the end of those held that each follow the one before."""

    def take(self, unit: AccessUnit) -> list[AccessUnit]:
        """Return the pictures that are decided, in order of arrival, with the times they have."""
        last = self._last
        if last is None:
            self._first = self._last = unit
            return [unit]
        if self._shift:
            unit.time += self._shift
        apart = unit.time - last.time
        if -_BACK < apart <= _PLAIN and not self._held:
            self._step, self._last = apart, unit
            return [unit]
        return self._decide(last, unit)

    def release(self) -> list[AccessUnit]:
        """Return those still held, placed as they arrived: no more pictures will decide."""
        held, last = self._held, self._last
        self._held = []
        if held and last is not None:
            self._place_by_arrival(held, last)
        return held

    def _decide(self, last: AccessUnit, unit: AccessUnit) -> list[AccessUnit]:
        if not self._follows(last, unit):
            return self._hold(last, unit)
        settled, self._held = self._held, []
        if settled:
            self._place(settled, last, unit.time - last.time, len(settled) + 1)
        self._accept(last, unit)
        return [*settled, unit]

    def _follows(self, last: AccessUnit, unit: AccessUnit) -> bool:
        apart = unit.time - last.time
        if -_BACK < apart <= _PLAIN:
            return True
        waited = int((unit.arrival - last.arrival) * TICKS_PER_SECOND)
        return 0 < apart <= max(4 * self._step, waited + _PLAIN)

    def _accept(self, last: AccessUnit, unit: AccessUnit) -> None:
        self._step = unit.time - last.time
        self._last = unit

    def _hold(self, last: AccessUnit, unit: AccessUnit) -> list[AccessUnit]:
        held = self._held
        agrees = bool(held) and self._follows(held[-1], unit)
        self._agreeing = self._agreeing + 1 if agrees else 0
        held.append(unit)
        if self._agreeing >= CONFIRMED_BY:
            return self._confirm(last)
        return self.release() if len(held) >= MOST_HELD else []

    def _confirm(self, last: AccessUnit) -> list[AccessUnit]:
        """Take the leap for a jump; where only one picture came before, that one was the outlier."""
        begins = len(self._held) - self._agreeing - 1
        held, strays, jumped = self._held, self._held[:begins], self._held[begins:]
        self._held = []
        waited = max(int((jumped[0].arrival - last.arrival) * TICKS_PER_SECOND), begins + 1)
        self._place(strays, last, waited, begins + 1)
        if last is self._first:
            moved = last.time + waited - jumped[0].time
            for unit in jumped:
                unit.time += moved
            self._shift += moved
            self.retimed += 1
        self._accept(jumped[-2], jumped[-1])
        return held

    def _place_by_arrival(self, units: list[AccessUnit], last: AccessUnit) -> None:
        newest = units[-1].time
        waited = int((units[-1].arrival - last.arrival) * TICKS_PER_SECOND)
        self._place(units, last, max(waited, len(units)), len(units))
        self._shift += units[-1].time - newest
        self._accept(units[-2] if len(units) > 1 else last, units[-1])

    def _place(self, units: list[AccessUnit], last: AccessUnit, span: int, parts: int) -> None:
        for number, unit in enumerate(units, 1):
            unit.time = last.time + span * number // parts
        self.retimed += len(units)
