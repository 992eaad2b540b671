"""Views of access."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class SecondRequestState(StrEnum):
    """State of a second-person request."""

    WAITING = "waiting"
    AGREED = "agreed"
    DECLINED = "declined"
    LAPSED = "lapsed"
    USED = "used"


@dataclass(frozen=True, slots=True)
class AuthorisationView:
    """The controller's leave for a person.

    Attributes:
        valid_from, valid_until: civil dates, both included; open where the last is missing.
        in_place_of: the head for whom the deputy issued it; empty where nobody was away.
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
    revoked_by: str
    follows: str = ""
    in_place_of: str = ""

    def valid(self, day: date) -> bool:
        """Return whether it allows anything on a civil date."""
        ended = self.revoked_at is not None or (self.valid_until is not None and day > self.valid_until)
        return self.valid_from <= day and not ended


@dataclass(frozen=True, slots=True)
class ViewingView:
    """One person's looking at recordings of a source, for a stated purpose.

    Attributes:
        source_id: the first of its sources, which its acts are about.
        source_ids: all of them; of a viewing that somebody may go on with, those that they may still see.
        altered: what was handed out was changed past the program while the viewing was open.
        seen_s: seconds of the recording that were handed to the browser, each counted once; counted for supervision alone.
        presented_s: seconds of them that the browser says it presented; None where it reported nothing.
    """

    id: UUID
    number: str
    person_id: UUID
    source_id: str
    source_ids: tuple[str, ...]
    start: datetime
    end: datetime
    purpose: str
    case: str
    opened_at: datetime
    closed_at: datetime | None
    expires_at: datetime
    station: str
    second_id: UUID | None
    guests: int
    item: str
    altered: bool = False
    seen_s: float | None = None
    presented_s: float | None = None


@dataclass(frozen=True, slots=True)
class GuestView:
    """Somebody without an authorisation who saw a viewing; ``place``: 1 for the first of the viewing."""

    place: int
    name: str = field(repr=False)
    function: str = field(repr=False)
    reason: str = field(repr=False)
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class SecondRequestView:
    """A request for a second person to agree to a viewing."""

    id: UUID
    person_id: UUID
    source_id: str
    source_ids: tuple[str, ...]
    item: str
    start: datetime
    end: datetime
    position: datetime
    purpose: str
    case: str
    session: str = field(repr=False)
    asked_at: datetime
    expires_at: datetime
    second_id: UUID | None
    answered_at: datetime | None
    agreed: bool
    used_at: datetime | None

    def state(self, now: datetime) -> SecondRequestState:
        """Return its state at an instant."""
        if self.used_at is not None:
            return SecondRequestState.USED
        if self.answered_at is not None and not self.agreed:
            return SecondRequestState.DECLINED
        if now >= self.expires_at:
            return SecondRequestState.LAPSED
        return SecondRequestState.AGREED if self.agreed else SecondRequestState.WAITING


@dataclass(frozen=True, slots=True)
class SeenView:
    """A part of a recording that was handed to the viewer's browser."""

    start: datetime
    end: datetime
    at: datetime
    kind: str
    source_id: str


@dataclass(frozen=True, slots=True)
class WatchView:
    """One person's looking at live pictures."""

    id: UUID
    person_id: UUID
    source_ids: tuple[str, ...]
    started_at: datetime
    stopped_at: datetime | None


class ProtocolState(StrEnum):
    """State of a protocol."""

    OPEN = "open"
    UNFINISHED = "unfinished"
    """The viewer must finish it; until then no further viewing opens for them."""
    WAITING = "waiting"
    """It waits for the position."""
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class NoteView:
    """A correction appended to a finished protocol."""

    place: int
    text: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class ProtocolView:
    """The protocol of a viewing, with what the viewing was; the ``version`` of the regulation in force at opening binds."""

    number: str
    viewing_id: UUID
    person_id: UUID
    source_id: str
    source_ids: tuple[str, ...]
    start: datetime
    end: datetime
    purpose: str
    case: str
    station: str
    opened_at: datetime
    closed_at: datetime | None
    version: int
    fields: tuple[str, ...]
    position_of: str
    texts: Mapping[str, str]
    drafted_at: datetime | None
    finished_at: datetime | None
    finished_by: str
    position: str
    position_at: datetime | None
    position_by: str
    notes: tuple[NoteView, ...]
    item: str = ""

    @property
    def state(self) -> ProtocolState:
        """Return its state."""
        if self.closed_at is None:
            return ProtocolState.OPEN
        if self.finished_at is None:
            return ProtocolState.UNFINISHED
        if self.position_demanded and self.position_at is None:
            return ProtocolState.WAITING
        return ProtocolState.COMPLETE

    @property
    def position_demanded(self) -> bool:
        """Return whether the regulation has somebody state a position."""
        return self.position_of != "none"
