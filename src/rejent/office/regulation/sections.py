"""The statute's rules of each stream, by which one may start: a kind of stream declares its own; those that nothing records are here."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from rejent.kernel.sentences import Sentence
from rejent.office.regulation import law
from rejent.office.regulation.demands import Case, Demands, periods
from rejent.office.regulation.findings import Problem
from rejent.office.regulation.gates import Activation, Condition, EnteredFact, Gate, GateState
from rejent.office.regulation.provisions import Purpose, Regulation
from rejent.office.regulation.vocabulary import UNRECORDED, Ground
from rejent.office.stream_parts import SECTIONS, Section

OTHER_GROUNDS = frozenset({Ground.WORKING_TIME, Ground.PROPER_USE})

_OTHER, _WORK = Demands(), Demands()
_demand = _OTHER.enlist


@_demand("sound")
def _no_microphone_is_ever_on(case: Case) -> Iterator[Problem]:
    if case.rules.sound:
        template = "Sound is recorded in calls only; no microphone is ever switched on."
        yield case.broken(law.FORBIDDEN_SPYING, template, "sound")


@_demand("retention", "purposes")
def _a_period_without_statute_has_a_reason(case: Case) -> Iterator[Problem]:
    for key, period in periods(case.rules):
        if not period.reason:
            yield case.broken(
                law.STORAGE_LIMIT, "No statute sets this period, so it needs a reason.", *key, "reason"
            )


@_WORK.enlist("events")
def _monitored_events_are_listed(case: Case) -> Iterator[Problem]:
    if not case.rules.events:
        yield case.broken(law.REGULATION_FIRST, "State which events are recorded.", "events")


OTHER_MONITORING = Section(
    demands=(_OTHER,),
    purposes=law.PURPOSES_OF_MAIL,
    grounds=lambda _: OTHER_GROUNDS,
    period_may_wait=True,
)
"""Rules of every other form of monitoring (Labour Code art. 22³)."""
_WORK_SECTION = replace(OTHER_MONITORING, demands=(_OTHER, _WORK), own_keys=frozenset({"events"}))


def section_of(stream: str) -> Section:
    """Return the statute's rules of a stream; raise `UnknownStreamError`."""
    if stream in UNRECORDED and stream not in SECTIONS:
        return _WORK_SECTION
    return SECTIONS.of(stream)


def flagged(regulation: Regulation, stream: str, purpose: Purpose) -> bool:
    """Return whether a purpose may not be chosen until the data protection officer states a position (R-OPEN-8)."""
    listed = section_of(stream).grounds(regulation)
    outside = purpose.ground is Ground.OUTSIDE_STATUTE if listed is None else purpose.ground not in listed
    return outside and not purpose.position


def activation(regulation: Regulation, stream: str, facts: Iterable[EnteredFact], today: date) -> Activation:
    """Return the conditions of a stream on a day and from when each is met; of several facts alike the first counts."""
    rules = regulation.stream(stream)
    if rules is None:
        return _not_provided(stream, today, Sentence("The regulation does not provide for this stream."))
    gate = Gate(rules, list(facts), today)
    conditions = (*gate.common(), *section_of(stream).conditions(gate))
    return Activation(stream, today, conditions)


def not_as_entered(stream: str, today: date) -> Activation:
    """Return that nothing provides for a stream, since the regulation in the database is not the one that was entered."""
    statement = Sentence("The regulation in the database is not the one that was entered.")
    return _not_provided(stream, today, statement)


def _not_provided(stream: str, today: date, statement: Sentence) -> Activation:
    lacking = Condition("provided", law.REGULATION_FIRST, statement, None, None, GateState.MISSING)
    return Activation(stream, today, (lacking,))
