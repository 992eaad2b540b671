"""What the office hands out: values, never rows."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person and what they are in the office.

    Attributes:
        roles: values of `office.models.Role`.
        left_on: the day they left, or nothing.
    """

    id: UUID
    name: str
    post: str
    roles: frozenset[str]
    joined_on: date
    left_on: date | None

    def active(self, day: date) -> bool:
        """Whether they belong to the office on a day."""
        return self.joined_on <= day and (self.left_on is None or day <= self.left_on)


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A place in or at a building."""

    id: int
    building: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class RegulationView:
    """A loaded version of the regulation."""

    version: int
    sha256: str
    in_force_from: date
    loaded_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class GateFactView:
    """A fact entered for a stream's start."""

    stream: str
    kind: str
    on: date
    note: str
    entered_at: datetime
    entered_by: str
