"""Signatures drawn on a screen: strokes of points, as a page sends them, and as a drawing that stands on paper."""

import json
from itertools import pairwise
from typing import Any

from rejent.kernel.errors import InputRefusedError

WIDTH, HEIGHT = 1000, 300
"""The field that is drawn in; points are whole numbers within it."""
_LONGEST = 64 << 10
_MOST_STROKES, _MOST_POINTS = 100, 4000
_LEAST_LENGTH = 150
"""Of all strokes together: a dot or a slip of the finger is no signature."""

Strokes = tuple[tuple[tuple[int, int], ...], ...]


def read_strokes(written: str) -> Strokes:
    """Return the strokes that a page sent as JSON; none for an empty text. Raises InputRefusedError: they are none."""
    if not written:
        return ()
    try:
        sent = _list_of(json.loads(written[: _LONGEST + 1]))
        strokes = tuple(tuple((_within(x, WIDTH), _within(y, HEIGHT)) for x, y in stroke) for stroke in sent)
    except (ValueError, TypeError, RecursionError):
        raise _unread() from None
    if len(strokes) > _MOST_STROKES or sum(map(len, strokes)) > _MOST_POINTS or not all(strokes):
        raise _unread()
    if strokes and _length(strokes) < _LEAST_LENGTH:
        raise InputRefusedError("What was drawn is too short for a signature.", advice="Sign once more.")
    return strokes


def drawing(strokes: Strokes) -> str:
    """Return strokes as SVG; the same strokes give the same text."""
    paths = (f"M{' L'.join(f'{x} {y}' for x, y in (*stroke, stroke[-1]))}" for stroke in strokes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<path d="{" ".join(paths)}" fill="none" stroke="#1b2430" stroke-width="6" stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )


def _list_of(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _within(value: object, most: int) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError
    return value


def _length(strokes: Strokes) -> float:
    return sum(abs(c - a) + abs(d - b) for stroke in strokes for (a, b), (c, d) in pairwise(stroke))


def _unread() -> InputRefusedError:
    return InputRefusedError("The drawn signature cannot be read.", advice="Sign once more.")
