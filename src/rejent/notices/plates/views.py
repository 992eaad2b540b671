"""Plates as people see them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Size(StrEnum):
    """The size of a plate's paper."""

    A3 = "A3"
    A4 = "A4"
    A5 = "A5"
    OTHER = "other"


class Condition(StrEnum):
    """What somebody found who looked at a plate."""

    GOOD = "good"
    DAMAGED = "damaged"
    """It hangs there, but is not legible as a whole."""
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateView:
    """A plate.

    ``spot``: where at the place, in the office's words; may be empty; ``covers``: identifiers of the inventory's places that the areas
    stand for; empty for a plate of another make; ``digest``: of the program's document that was printed; empty for a plate of another make;
    ``up_since``: the day it was put up; nothing while it is made and does not hang; ``next_check_on``: the day from which it is to be
    looked at again; nothing before it hangs.
    """

    number: str
    place: int
    building: str
    place_name: str
    spot: str
    streams: tuple[str, ...]
    areas: tuple[str, ...]
    covers: tuple[int, ...]
    digest: str
    version: int
    size: Size
    up_since: date | None
    entered_at: datetime
    entered_by: str
    next_check_on: date | None
    checked_at: datetime | None
    checked_by: str
    condition: Condition
    down_on: date | None
    down_reason: str

    @property
    def where(self) -> str:
        """Return the building, the place and the spot in one line."""
        return ", ".join(filter(None, (self.building, self.place_name, self.spot)))

    def stands(self, day: date) -> bool:
        """Return whether it hangs where it was put on a day, as far as the office knows."""
        up = self.up_since is not None and self.up_since <= day
        down = self.down_on is not None and self.down_on <= day
        return up and not down and self.condition is not Condition.MISSING

    def is_due(self, day: date) -> bool:
        """Return whether it is to be looked at, or to be put up."""
        return self.down_on is None and (self.next_check_on is None or self.next_check_on <= day)


def standing(plates: Collection[PlateView], day: date) -> list[PlateView]:
    """Return the plates that hang on a day."""
    return [plate for plate in plates if plate.stands(day)]
