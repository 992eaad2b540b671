"""The second person, guests and station of a viewing."""

from dataclasses import dataclass
from enum import StrEnum


class Second(StrEnum):
    """State of the second person of a viewing."""

    NOBODY = "nobody"
    SAME = "same"
    """It is the first person, as far as the program knows."""
    UNFIT = "unfit"
    """Somebody else, who may not see the recording themselves."""
    AGREED = "agreed"
    """Somebody else, who may."""


@dataclass(frozen=True, slots=True)
class Presence:
    """Second person, guests and station at a viewing."""

    second: Second = Second.NOBODY
    guests: int = 0
    opened_at: str = ""


ALONE = Presence()
