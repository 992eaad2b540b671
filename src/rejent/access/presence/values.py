"""Who is there when a recording is seen, and where: the second person that a regulation demands, guests, the station."""

from dataclasses import dataclass
from enum import StrEnum


class Second(StrEnum):
    """What is known of the second person of a viewing."""

    NOBODY = "nobody"
    """None has agreed."""
    SAME = "same"
    """It is the first person, as far as the program can tell."""
    UNFIT = "unfit"
    """Somebody else, who may not see the recording themselves."""
    AGREED = "agreed"
    """Somebody else, who may."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Who and what is beside the person who sees a recording.

    Attributes:
        guests: how many people without an authorisation see it too.
        opened_at: the station that an open viewing was opened at; empty for none, and before it is opened.
    """

    second: Second = Second.NOBODY
    guests: int = 0
    opened_at: str = ""


ALONE = Beside()
