"""What access hands out: values, never rows."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AuthorisationView:
    """The controller's written leave for a person.

    Attributes:
        source_ids: only these sources, or every one of the stream where None.
        valid_until: the last day it is valid on; open where missing.
    """

    number: str
    person_id: UUID
    acts: frozenset[str]
    stream: str
    source_ids: frozenset[str] | None
    valid_from: date
    valid_until: date | None
    issued_at: datetime
    issued_by: str
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class ViewingView:
    """One person's looking at recordings of one source."""

    id: UUID
    number: str
    person_id: UUID
    source_id: str
    start: datetime
    end: datetime
    purpose: str
    case: str
    opened_at: datetime
    closed_at: datetime | None
    expires_at: datetime
    seen_s: float


@dataclass(frozen=True, slots=True)
class SeenView:
    """An interval handed to a viewer's browser; ``kind`` is ``clip`` or ``still``."""

    start: datetime
    end: datetime
    at: datetime
    kind: str
