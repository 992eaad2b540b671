"""Views of absences, faults, agreements and statements."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AbsenceView:
    """An absence of the head.

    Attributes:
        last_day: included; None where the end is not known.
    """

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
    """A processing agreement with a firm.

    Attributes:
        valid_until: included; None where it has no end.
    """

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
    """A person's statement that they know a version of the regulation.

    Attributes:
        way: ``paper``, or ``browser`` where the person gave it themself.
        text: the digest of what was shown before; empty of a paper.
    """

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
