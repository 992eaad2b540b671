"""Conditions a stream must meet before it may start (R-OPEN-7).

The statute's periods count from the day a notice was really given, whatever day the regulation names. Nothing starts
by default: every condition needs its fact, and each fact is an act in the ledger.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rejent.kernel.sentences import Sentence
from rejent.kernel.terms import earliest_start
from rejent.office.regulation import law
from rejent.office.regulation.law import Rule
from rejent.office.regulation.provisions import StreamRules


class FactKind(StrEnum):
    """Kind of a fact that an office enters about a stream."""

    IN_FORCE = "in-force"
    STAFF_TOLD = "staff-told"
    PLACES_MARKED = "places-marked"
    """The day the last plate was put up."""
    LEGAL_BASIS = "legal-basis"
    """Calls: the day legal basis, purpose and scope of the line were entered."""
    UNRECORDED_ROUTE = "unrecorded-route"
    """Calls: the day an unrecorded way to call was entered."""
    ANNOUNCEMENT_READY = "announcement-ready"
    NECESSITY_ASSESSED = "necessity-assessed"
    """E-mail: the day the assessment of its necessity was signed."""


PLACE_MARKED = "place-marked"
"""The name of the condition that each source meets for itself, beside those of its stream."""


@dataclass(frozen=True, slots=True)
class EnteredFact:
    """A fact as entered about a version of the regulation."""

    kind: FactKind
    day: date


class GateState(StrEnum):
    """State of a condition on a day."""

    MET = "met"
    WAITING = "waiting"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that a stream must meet before it starts.

    Args:
        met_from: the first day on which it is met; None while a fact is missing, or where no day decides.
        missing_since: the day since which the missing fact has kept the stream from starting, where known.
    """

    name: str
    law: Rule
    statement: Sentence
    met_from: date | None
    missing_since: date | None
    state: GateState


@dataclass(frozen=True, slots=True)
class Activation:
    """The conditions of a stream on a day, met or not, in the order an office meets them."""

    stream: str
    day: date
    conditions: tuple[Condition, ...]

    @property
    def open(self) -> bool:
        """Return whether the stream may run on that day."""
        return all(condition.state is GateState.MET for condition in self.conditions)

    @property
    def missing(self) -> tuple[Condition, ...]:
        """Return the conditions that still need a fact."""
        return tuple(condition for condition in self.conditions if condition.state is GateState.MISSING)


class Gate:
    """Facts entered about a stream, as each of its conditions reads them."""

    def __init__(self, rules: StreamRules, facts: list[EnteredFact], today: date) -> None:
        self.rules = rules
        self._facts = facts
        self._today = today
        self._in_force = self.first(FactKind.IN_FORCE)

    def common(self) -> Iterator[Condition]:
        """Yield the conditions of every stream."""
        yield self.condition(
            FactKind.IN_FORCE,
            law.REGULATION_FIRST,
            self._in_force,
            Sentence("The day the regulation comes into force is not entered."),
        )
        if self.rules.retention is None:
            yield Condition(
                "retention",
                law.STORAGE_LIMIT,
                Sentence("No retention is set for every purpose."),
                None,
                self._since(),
                GateState.MISSING,
            )
        notified = self.first(FactKind.STAFF_TOLD)
        days = self.rules.notices.staff_days
        yield self.condition(
            FactKind.STAFF_TOLD,
            law.STAFF_NOTICE,
            earliest_start(notified, days, full_days=True) if notified else None,
            Sentence("The day employees were told is not entered."),
        )

    def condition(self, kind: FactKind, rule: Rule, met_from: date | None, lacking: Sentence) -> Condition:
        """Return a condition that is met from a day, or lacks its fact."""
        return dated_condition(kind.value, rule, met_from, self._today, lacking, missing_since=self._since())

    def first(self, kind: FactKind) -> date | None:
        """Return the first day entered for a fact, or None."""
        return min((fact.day for fact in self._facts if fact.kind is kind), default=None)

    def _since(self) -> date | None:
        in_force = self._in_force
        return in_force if in_force is not None and in_force <= self._today else None


def dated_condition(
    name: str,
    rule: Rule,
    met_from: date | None,
    day: date,
    lacking: Sentence,
    *,
    missing_since: date | None = None,
) -> Condition:
    """Return a condition as it stands on a day: met from another day on, or lacking its fact."""
    if met_from is None:
        return Condition(name, rule, lacking, None, missing_since, GateState.MISSING)
    if met_from > day:
        statement = Sentence("Met from {day}.", {"day": met_from})
        return Condition(name, rule, statement, met_from, None, GateState.WAITING)
    return Condition(
        name, rule, Sentence("Met since {day}.", {"day": met_from}), met_from, None, GateState.MET
    )
