"""Requests of every stream's player: positions on its axis, and the refusal of destroyed parts."""

from typing import Protocol

from django.http import HttpRequest

from rejent.kernel.errors import InputRefusedError, NotFoundError

LONGEST_PIECE_S = 30.0


class Axis(Protocol):
    """A time on which positions are seconds from its beginning."""

    @property
    def length_s(self) -> float:
        """Its length in seconds."""


def gone() -> NotFoundError:
    """Return the refusal of a part whose term has ended and that nothing holds."""
    return NotFoundError("The retention period of this recording has ended.", advice="It is being destroyed.")


def position(request: HttpRequest, name: str, axis: Axis) -> float:
    """Return a position that an address names. Raises InputRefusedError: missing, no number, or outside the axis."""
    try:
        value = float(request.GET[name])
    except (KeyError, ValueError):
        raise InputRefusedError("The position is missing.") from None
    if not 0 <= value <= axis.length_s:
        raise InputRefusedError("The position lies outside the day.")
    return value
