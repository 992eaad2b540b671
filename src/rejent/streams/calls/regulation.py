"""Calls by the statute: what a regulation must say of them, and what they need before they start (R-OPEN-4)."""

from collections.abc import Iterator

from rejent.kernel.sentences import Sentence
from rejent.office.regulation import law
from rejent.office.regulation.demands import Case, Demands
from rejent.office.regulation.findings import Problem, Severity
from rejent.office.regulation.gates import Condition, FactKind, Gate
from rejent.office.regulation.vocabulary import CallDirection, LegalBasis
from rejent.office.stream_parts import Section

_DEMANDS = Demands()
_demand = _DEMANDS.enlist


@_demand("directions")
def _calls_have_directions(case: Case) -> Iterator[Problem]:
    if not case.rules.directions:
        template = "State which calls are recorded: incoming, outgoing, internal."
        yield case.broken(law.REGULATION_FIRST, template, "directions")
    if CallDirection.INTERNAL in case.rules.directions:
        yield case.broken(
            law.NEW_STAFF,
            "Internal calls have no announcement: every employee's statement must be entered first.",
            "directions",
            severity=Severity.FLAG,
        )


@_demand("legal_basis")
def _calls_have_a_legal_basis(case: Case) -> Iterator[Problem]:
    if not case.rules.legal_basis:
        yield case.broken(
            law.PERSONAL_DATA_BASIS, "Recording calls needs a stated legal basis.", "legal_basis"
        )
    elif LegalBasis.CONSENT in case.rules.legal_basis:
        yield case.broken(
            law.CONSENT,
            "Consent by staying on the line is doubtful; there must be an unrecorded route for who refuses.",
            "legal_basis",
            severity=Severity.FLAG,
        )


@_demand("directions", "announcements")
def _calls_are_announced(case: Case) -> Iterator[Problem]:
    spoken = {
        CallDirection.INCOMING: case.rules.announcements.incoming,
        CallDirection.OUTGOING: case.rules.announcements.outgoing,
    }
    for direction, text in spoken.items():
        if direction in case.rules.directions and not text:
            template = "Calls of the direction {direction} are recorded without an announcement."
            key = ("announcements", direction.value)
            yield case.broken(law.INFORMATION, template, *key, direction=direction.value)


def _conditions(gate: Gate) -> Iterator[Condition]:
    yield gate.condition(
        FactKind.LEGAL_BASIS,
        law.PERSONAL_DATA_BASIS,
        gate.first(FactKind.LEGAL_BASIS),
        Sentence("Legal basis, purpose and scope of the line are not entered."),
    )
    yield gate.condition(
        FactKind.UNRECORDED_ROUTE,
        law.CONSENT,
        gate.first(FactKind.UNRECORDED_ROUTE),
        Sentence("No way to call without being recorded is entered."),
    )
    if CallDirection.INCOMING in gate.rules.directions:
        yield gate.condition(
            FactKind.ANNOUNCEMENT_READY,
            law.INFORMATION,
            gate.first(FactKind.ANNOUNCEMENT_READY),
            Sentence("The announcement is not entered as in place."),
        )


SECTION = Section(
    demands=(_DEMANDS,),
    purposes=law.PERSONAL_DATA_BASIS,
    grounds=lambda _: None,
    own_keys=frozenset({"directions"}),
    conditions=_conditions,
)
