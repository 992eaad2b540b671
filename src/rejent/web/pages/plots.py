"""Plots that the server draws: rectangles on a field that stretches to its place. What they say stands in a table beside them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 720, 100
_LEAST = 2.0
"""Height and width that a thing which is there has at least, so that it does not vanish."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A rectangle; the style sheet knows its kind: ``lower``, ``upper``, ``unknown``, ``span``, ``late`` or ``today``."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """What a day or a week came to, as shares of the highest: drawn from below, and from above; ``below`` is None where nothing is known."""

    below: float | None
    above: float = 0.0


def draw_columns(columns: Sequence[Column]) -> list[Mark]:
    """Return the columns side by side; nothing counted leaves its place empty, nothing known marks it."""
    pitch = WIDTH / max(1, len(columns))
    return [mark for place, one in enumerate(columns) for mark in _column(one, place * pitch, pitch)]


def _column(column: Column, x: float, pitch: float) -> Iterator[Mark]:
    width = round(pitch * 0.8, 2)
    x = round(x + pitch * 0.1, 2)
    if column.below is None:
        yield Mark("unknown", x, 1, width, HEIGHT - 2)
        return
    if column.above:
        yield Mark("upper", x, 0, width, _draw_size(column.above * HEIGHT))
    if column.below:
        height = _draw_size(column.below * HEIGHT)
        yield Mark("lower", x, round(HEIGHT - height, 2), width, height)


def _draw_size(size: float) -> float:
    return round(min(max(size, _LEAST), HEIGHT), 2)


@dataclass(frozen=True, slots=True)
class DayAxis:
    """Days from one to another, both included, as an axis."""

    first: date
    last: date

    def draw_span(self, kind: str, first: date, last: date) -> Mark:
        """Return a bar over whole days; what lies off the axis is cut off."""
        begin, end = self._place(first), self._place(last, 1)
        return Mark(kind, begin, 25, round(max(end - begin, _LEAST), 2), 50)

    def draw_day(self, day: date) -> Mark:
        """Return a thin line at the middle of a day."""
        return Mark("today", self._place(day, 0.5), 0, _LEAST, HEIGHT)

    def _place(self, day: date, more: float = 0) -> float:
        days = (self.last - self.first).days + 1
        return round(WIDTH * min(max(((day - self.first).days + more) / days, 0), 1), 2)
