"""What the office hands out: values, never rows."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person of the office.

    Attributes:
        id: as entered in the ledger wherever they act; a name never is.
        roles: what they are, as in `rejent.office.vocabulary.RoleName`, and ``employee``.
        left_on: the first day on which they no longer belong to the office.
    """

    id: UUID
    name: str = field(repr=False)
    post: str
    roles: frozenset[str]
    joined_on: date
    left_on: date | None
    username: str = field(repr=False)

    def active(self, day: date) -> bool:
        """Whether they belong to the office on a civil date."""
        return self.joined_on <= day and (self.left_on is None or day < self.left_on)


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A place that sources may cover; ``kind`` as in `rejent.office.vocabulary.PlaceKind`."""

    id: int
    building: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token of the HTTP interface, without what opens it."""

    id: int
    person_id: UUID
    label: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class RegulationView:
    """One version of the regulation as loaded, word for word."""

    version: int
    sha256: str
    in_force_from: date
    loaded_at: datetime
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class GateFactView:
    """A fact entered for a stream's start."""

    stream: str
    kind: str
    on: date
    note: str
    entered_at: datetime
    entered_by: str
