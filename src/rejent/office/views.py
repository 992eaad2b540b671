"""Views of the office's rows."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from rejent.office.sign_in.own_sign_in import SignIn


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person of the office.

    Attributes:
        left_on: the first day on which they no longer belong to the office.
        sign_in: whether it is known that only they sign in as themselves; what they may see rests while it is not.
        admitted: whether they gave the statement that the regulation demands before work; set for whoever asks for a page.
    """

    id: UUID
    name: str = field(repr=False)
    post: str
    roles: frozenset[str]
    joined_on: date
    left_on: date | None
    username: str = field(repr=False)
    sign_in: SignIn = SignIn.CONFIRMED
    engagement: str = "employment"
    email: str = field(default="", repr=False)
    extension: str = field(default="", repr=False)
    extension_since: date | None = None
    admitted: bool = True

    def active(self, day: date) -> bool:
        """Return whether they belong to the office on a civil date."""
        return self.joined_on <= day and (self.left_on is None or day < self.left_on)


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A place that sources may cover; ``kind`` as in `rejent.office.regulation.vocabulary.PlaceKind`."""

    id: int
    building: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class IdentityView:
    """An identity of a person at an identity provider or a directory.

    Attributes:
        issuer: the identity provider's; empty for a directory.
        subject: what is never given to somebody else there.
    """

    person_id: UUID
    way: str
    issuer: str
    subject: str = field(repr=False)
    linked_at: datetime


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


@dataclass(frozen=True, slots=True)
class AbsenceView:
    """An absence of the head; ``last_day``: included, None where the end is not known."""

    id: int
    person_id: UUID
    first_day: date
    last_day: date | None
    entered_at: datetime
    entered_by: str
    ended_at: datetime | None
    ended_by: str

    def covers(self, day: date) -> bool:
        """Return whether the head is away on a civil date, by what is known now."""
        return self.ended_at is None and self.first_day <= day and not self.over(day)

    def over(self, day: date) -> bool:
        """Return whether it is past."""
        return self.ended_at is not None or (self.last_day is not None and day > self.last_day)


@dataclass(frozen=True, slots=True)
class FaultView:
    """A technical fault; ``source``, ``stream`` are empty for the machine, ``outcome`` while it is open.

    ``outage`` is the gap that entered it; None of one that a person opened.
    """

    number: str
    source: str
    stream: str
    description: str = field(repr=False)
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    closed_by: str
    outcome: str = field(repr=False)
    outage: int | None = None


@dataclass(frozen=True, slots=True)
class AgreementView:
    """A processing agreement with a firm; ``valid_until``: included, None where it has no end."""

    id: int
    number: str
    party: str
    concluded_on: date
    valid_from: date
    valid_until: date | None
    people: frozenset[UUID]
    entered_at: datetime
    entered_by: str
    ended_at: datetime | None
    ended_by: str

    def in_force(self, day: date) -> bool:
        """Return whether it is in force on a civil date, by what is known now."""
        return self.valid_from <= day and not self.over(day)

    def over(self, day: date) -> bool:
        """Return whether it was ended, or its last day is past."""
        return self.ended_at is not None or (self.valid_until is not None and day > self.valid_until)


@dataclass(frozen=True, slots=True)
class StatementView:
    """A person's statement that they know a version of the regulation."""

    id: int
    person_id: UUID
    version: int
    signed_on: date
    entered_at: datetime
    entered_by: str
    way: str
    second_factor: bool
    text: str


@dataclass(frozen=True, slots=True)
class OutstandingStatement:
    """A person whose written statement about the regulation in force is not entered.

    Attributes:
        since: the day from which it is missing: the version's first day in force, or the person's first in the office.
        ever: whether the person gave one about an earlier version; who gave none is not admitted.
    """

    person_id: UUID
    version: int
    since: date
    ever: bool
