"""A decision confirms or lifts the holds of its application, once, by who may."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from rejent.access.errors import AccessRefusedError
from rejent.access.rules.decision import Rule
from rejent.cases import checks, queries, services
from rejent.cases.errors import CaseDecidedError, DecisionRefusedError, NoSuchCaseError
from rejent.cases.models import Case
from rejent.cases.services.deciding import deciding_refusal
from rejent.cases.views import Applicant, CaseView, State
from rejent.office import services as office
from rejent.office.models import RegulationVersion
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.registers.errors import LedgerMismatchError
from rejent.retention import queries as retention
from rejent.retention import services as retention_services
from tests.unit.cases.application import NOON, entered
from tests.unit.retention.office import RecordingOffice

People = dict[str, PersonView]
DEPUTY_DECIDES = {
    'head = "Burmistrz"': 'head = "Burmistrz"\ndeputy = "Zastępca"',
    "[streams.video.handover]": "[streams.video.handover]\ndeputy_in_absence = true",
}


def decide(pleszew: RecordingOffice, number: str, person: PersonView, **changed: Any) -> CaseView:
    """Consent, or what is changed of it."""
    given: dict[str, Any] = {
        "outcome": State.GRANTED,
        "reasons": "",
        "basis": "§ 6 ust. 3",
        "knowledge": None,
    }
    given |= changed
    outcome = given.pop("outcome")
    return services.decide_case(number, outcome, person=person, clock=pleszew.clock, ledger=None, **given)


def test_consent_makes_the_hold_final(pleszew: RecordingOffice, people: People, camera: str) -> None:
    """It stands until it is ended like any other, and is looked at in the regulation's rhythm."""
    number = entered(pleszew.clock, camera).number
    case = decide(pleszew, number, people["head"])
    (hold,) = retention.holds()
    assert (hold.provisional, hold.review_on) == (False, date(2026, 5, 31))
    assert case.decision is not None
    assert (case.state, case.decision.by) == (State.GRANTED, str(people["head"].id))
    (act,) = registers.acts(names=["case.decided"]).acts
    assert act.facts is not None
    assert (act.facts["decision"], act.facts["confirmed"]) == ("granted", [hold.number])
    ended = retention_services.end_hold(
        hold.number, reason="koniec", clock=pleszew.clock, ledger=None, actor=str(people["head"].id)
    )
    assert ended.ended_at is not None
    assert list(checks.findings()) == []


def test_refusal_lifts_the_hold_and_destruction_follows(
    pleszew: RecordingOffice, people: People, camera: str
) -> None:
    """What nothing else keeps goes with its ordinary term."""
    pleszew.record(camera, NOON, b"free")
    number = entered(pleszew.clock, camera).number
    decide(pleszew, number, people["head"], outcome=State.REFUSED, reasons="brak interesu", knowledge=False)
    assert retention.holds() == []
    assert list(checks.findings()) == []
    pleszew.go_to(datetime(2026, 4, 1, 12, tzinfo=UTC))
    retention_services.keep_once(pleszew.keeping)
    assert pleszew.living(camera, NOON, NOON + timedelta(minutes=1)) == []


def test_a_late_refusal_keeps_what_may_be_evidence(
    pleszew: RecordingOffice, people: People, camera: str
) -> None:
    """Pleszew does not consider it, but the office knows now (Labour Code art. 22² § 4)."""
    pleszew.go_to(datetime(2026, 3, 18, 9, tzinfo=UTC))
    number = entered(pleszew.clock, camera, received_on=date(2026, 3, 18)).number
    with pytest.raises(DecisionRefusedError) as refused:
        decide(pleszew, number, people["head"], knowledge=True)
    assert refused.value.part == "outcome"
    case = decide(
        pleszew, number, people["head"], outcome=State.REFUSED, reasons="po terminie", knowledge=True
    )
    assert case.decision is not None
    assert case.decision.knowledge is True
    assert [hold.provisional for hold in retention.holds()] == [False]


def test_consent_in_part_keeps_what_was_chosen(pleszew: RecordingOffice, people: People, camera: str) -> None:
    """One hold becomes final, the other is lifted; a hold of another case cannot be chosen."""
    other = pleszew.add_camera("Parking")
    foreign = entered(pleszew.clock, camera).holds[0]
    case = entered(pleszew.clock, camera, other)
    part = {"outcome": State.PARTLY, "reasons": "tylko hol"}
    with pytest.raises(DecisionRefusedError):
        decide(pleszew, case.number, people["head"], kept=[foreign], **part)
    decide(pleszew, case.number, people["head"], kept=case.holds[:1], **part)
    standing = {hold.number: hold.provisional for hold in retention.holds()}
    assert standing == {foreign: True, case.holds[0]: False}


@pytest.mark.parametrize("role", ["clerk", "iod", "deputy"])
def test_others_do_not_decide(pleszew: RecordingOffice, people: People, camera: str, role: str) -> None:
    """A clerk, the protection officer, the deputy while the head is there."""
    number = entered(pleszew.clock, camera).number
    with pytest.raises(AccessRefusedError):
        decide(pleszew, number, people[role])
    assert queries.case(number).state is State.WAITING


def test_the_deputy_decides_while_the_head_is_away(
    pleszew: RecordingOffice, people: People, camera: str
) -> None:
    """Where the regulation says so, and it is entered in whose place."""
    text = example("pleszew")
    for old, new in DEPUTY_DECIDES.items():
        text = text.replace(old, new, 1)
    office.activate_regulation(text, in_force_from=date(2026, 2, 1), clock=pleszew.clock, actor="")
    number = entered(pleszew.clock, camera).number
    head = str(people["head"].id)
    office.enter_absence(head, date(2026, 3, 2), date(2026, 3, 6), clock=pleszew.clock, actor=head)
    case = decide(pleszew, number, people["deputy"])
    assert case.decision is not None
    assert (case.decision.by, case.decision.in_place_of) == (str(people["deputy"].id), head)


def test_nobody_decides_on_their_own_application(
    pleszew: RecordingOffice, people: People, camera: str
) -> None:
    """By the rule, and by the database itself."""
    own = Applicant("Osoba head", person=str(people["head"].id))
    number = entered(pleszew.clock, camera, applicant=own).number
    with pytest.raises(AccessRefusedError) as refused:
        decide(pleszew, number, people["head"])
    assert refused.value.decision.rule is Rule.OWN
    given = {"state": "granted", "decided_at": pleszew.clock.now(), "decided_by": str(people["head"].id)}
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(number=number).update(**given)


@pytest.mark.parametrize(
    "written", ["Osoba head", "head Osoba", "Osoba  HEAD.", "Osoba\u2800he\u0301ad", "Osoba-head\u3164"]
)
def test_an_application_under_ones_own_name_is_ones_own(
    pleszew: RecordingOffice, people: People, camera: str, written: str
) -> None:
    """Whatever was said of the applicant when it was entered, and however the name is written."""
    case = queries.case(entered(pleszew.clock, camera).number)
    applicant = replace(case.application.applicant, name=written, person="")
    named = replace(case, application=replace(case.application, applicant=applicant))
    refused = deciding_refusal(named, people["head"], clock=pleszew.clock)
    assert refused is not None
    assert refused.rule is Rule.OWN
    stranger = replace(applicant, name="Osoba headowa")
    other = replace(case, application=replace(case.application, applicant=stranger))
    assert deciding_refusal(other, people["head"], clock=pleszew.clock) is None


def test_a_regulation_that_was_edited_decides_nothing(
    pleszew: RecordingOffice, people: People, camera: str
) -> None:
    """What becomes of a late application is read of the version that was entered."""
    number = entered(pleszew.clock, camera).number
    RegulationVersion.objects.update(in_force_from=date(2020, 1, 1))
    with pytest.raises(LedgerMismatchError):
        decide(pleszew, number, people["head"])


def test_a_decision_is_made_once(pleszew: RecordingOffice, people: People, camera: str) -> None:
    """Who comes second is told; an unknown number too."""
    number = entered(pleszew.clock, camera).number
    decide(pleszew, number, people["head"])
    with pytest.raises(CaseDecidedError):
        decide(pleszew, number, people["head"], outcome=State.REFUSED, reasons="x", knowledge=False)
    with pytest.raises(NoSuchCaseError):
        decide(pleszew, "W-2026-9", people["head"])
    assert [hold.provisional for hold in retention.holds()] == [False]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cases_case SET state = 'waiting', decided_at = NULL, decided_by = '' WHERE number = 'W-2026-1'",
        "UPDATE cases_case SET state = 'refused' WHERE number = 'W-2026-1'",
        "UPDATE cases_case SET filed_on = '2026-02-27' WHERE number = 'W-2026-2'",
        "UPDATE cases_case SET state = 'closed' WHERE number = 'W-2026-2'",
        "UPDATE cases_case SET state = 'granted' WHERE number = 'W-2026-2'",
        "DELETE FROM cases_case WHERE number = 'W-2026-2'",
    ],
)
def test_the_database_refuses_other_steps(
    pleszew: RecordingOffice, people: People, camera: str, statement: str
) -> None:
    """A decided case stays decided; a waiting one changes by a whole decision only; none is deleted."""
    decide(pleszew, entered(pleszew.clock, camera).number, people["head"])
    entered(pleszew.clock, camera)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(checks.findings()) == []


def test_a_planted_decision_counts_for_nothing(pleszew: RecordingOffice, people: People, camera: str) -> None:
    """Whoever writes the database can decide in its table, but nobody believes it, and fsck names it."""
    number = entered(pleszew.clock, camera).number
    given = {"state": "refused", "decided_at": pleszew.clock.now(), "decided_by": str(people["iod"].id)}
    Case.objects.filter(number=number).update(**given)
    with pytest.raises(LedgerMismatchError):
        queries.case(number)
    with pytest.raises(LedgerMismatchError):
        decide(pleszew, number, people["head"])
    assert [hold.provisional for hold in retention.holds()] == [True]
    assert {finding.code for finding in checks.findings()} == {
        "cases.differs-from-ledger",
        "cases.hold-undecided",
    }


def test_a_hold_taken_from_a_waiting_case_is_found(pleszew: RecordingOffice, camera: str) -> None:
    """Its row says that it is not provisional any more; the guard and the case both tell."""
    number = entered(pleszew.clock, camera).holds[0]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE retention_hold SET provisional = %s WHERE number = %s", [False, number])
    assert [finding.code for finding in checks.findings()] == ["cases.hold-missing"]


def test_a_dropped_trigger_is_found(pleszew: RecordingOffice) -> None:  # noqa: ARG001 - asked for its effect
    """The check names it."""
    table = " ON cases_case" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER cases_case_kept{table}")
    assert [finding.code for finding in checks.findings()] == ["cases.guard-missing"]
