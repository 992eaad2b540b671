"""Rights of recorded people, public information, internal matters, corrections and withdrawals: what each does to holds and viewings."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from rejent.access.errors import AccessRefusedError
from rejent.access.rules.decision import Rule
from rejent.access.viewings.restriction import restriction, whole_restriction
from rejent.cases import checks, queries, services
from rejent.cases.errors import ApplicationRefusedError, CaseDecidedError, DecisionRefusedError
from rejent.cases.models import Case, CaseApplicant, CaseCorrection
from rejent.cases.views import Applicant, CaseView, Identity, Kind, State
from rejent.office.regulation.vocabulary import Right
from rejent.registers import queries as registers
from rejent.registers.errors import LedgerMismatchError
from rejent.retention import queries as retention
from rejent.retention import services as retention_services
from rejent.retention.models import Hold
from tests.unit.cases.application import NOON, application, entered
from tests.unit.cases.test_deciding import People, decide
from tests.unit.retention.office import RecordingOffice

SHOWN = Identity.DOCUMENT.value


def asked(pleszew: RecordingOffice, camera: str, right: Right, identity: str = SHOWN) -> CaseView:
    """A recorded person's application."""
    return entered(pleszew.clock, camera, kind=Kind.RIGHT, right=right.value, identity=identity)


def corrected(pleszew: RecordingOffice, number: str, *sources: str, **changed: Any) -> CaseView:
    """The case after a correction."""
    reason = changed.pop("reason", "pomyłka w godzinie")
    return services.correct_case(
        number,
        application(*sources, **changed),
        reason=reason,
        clock=pleszew.clock,
        ledger=None,
        actor="clerk",
    )


def test_restriction_lets_nobody_open_the_recording(
    pleszew: RecordingOffice, people: People, camera: str
) -> None:
    """From the decision until the hold ends; an edited row changes nothing; another time stays open."""
    case = asked(pleszew, camera, Right.RESTRICTION)
    (number,) = case.holds
    interval = case.application.interval
    assert interval is not None
    assert restriction(camera, interval.start, interval.end) is None
    decide(pleszew, case.number, people["head"], basis="art. 18 RODO")
    refused = restriction(camera, interval.start, interval.end)
    assert refused is not None
    assert (refused.rule, refused.facts["hold"]) == (Rule.RESTRICTED, number)
    assert whole_restriction(camera, interval.start, interval.end) is not None
    assert whole_restriction(camera, interval.start, interval.end + timedelta(hours=2)) is None
    assert restriction(camera, interval.end, interval.end + timedelta(hours=2)) is None
    Hold.objects.filter(number=number).update(restricted=False)
    assert restriction(camera, interval.start, interval.end) is not None
    Hold.objects.filter(number=number).update(restricted=True)
    retention_services.end_hold(
        number, reason="koniec", clock=pleszew.clock, ledger=None, actor=str(people["head"].id)
    )
    assert restriction(camera, interval.start, interval.end) is None
    assert list(checks.findings()) == []


@pytest.mark.parametrize(
    ("right", "holds"),
    [
        (Right.ACCESS, 1),
        (Right.RESTRICTION, 1),
        (Right.ERASURE, 0),
        (Right.RECTIFICATION, 0),
        (Right.OBJECTION, 0),
    ],
)
def test_a_right_holds_what_the_answer_needs(
    pleszew: RecordingOffice, camera: str, right: Right, holds: int
) -> None:
    """Until the last day of the answer, a month from the receipt."""
    case = asked(pleszew, camera, right)
    assert len(case.holds) == holds
    assert case.decide_by == date(2026, 4, 2)
    assert [hold.review_on for hold in retention.holds()] == [case.decide_by] * holds
    answer = queries.answer_of(queries.case(case.number))
    assert answer is not None
    assert answer.last_day == case.decide_by
    assert queries.deadline_of(case) is None


def test_no_right_is_granted_to_somebody_unknown(
    pleszew: RecordingOffice, people: People, camera: str
) -> None:
    """Refusing is possible; once the identity is shown and corrected in the case, consent is too."""
    case = asked(pleszew, camera, Right.ACCESS, Identity.NOT_SHOWN.value)
    with pytest.raises(DecisionRefusedError) as refused:
        decide(pleszew, case.number, people["head"])
    assert refused.value.part == "outcome"
    corrected(
        pleszew, case.number, camera, kind=Kind.RIGHT, right="access", identity=SHOWN, reason="okazano dowód"
    )
    assert decide(pleszew, case.number, people["head"]).state is State.GRANTED


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"kind": Kind.RIGHT}, "right"),
        ({"kind": Kind.RIGHT, "right": "complaint", "identity": SHOWN}, "right"),
        ({"kind": Kind.RIGHT, "right": "access"}, "identity"),
        ({"right": "access"}, "right"),
        ({"kind": Kind.INTERNAL, "interval": None}, "event_first"),
    ],
)
def test_what_a_kind_needs_is_said(
    pleszew: RecordingOffice, camera: str, changed: dict[str, Any], part: str
) -> None:
    """A right and an identity belong to recorded people alone; recordings have a time."""
    with pytest.raises(ApplicationRefusedError) as refused:
        entered(pleszew.clock, camera, **changed)
    assert refused.value.part == part
    assert queries.waiting() == []


def test_the_answer_is_put_off_once_and_in_time(
    pleszew: RecordingOffice, people: People, camera: str
) -> None:
    """With reasons, by who decides, before the month ends, to three months from the receipt; the hold waits along."""
    late = asked(pleszew, camera, Right.ACCESS)
    case = asked(pleszew, camera, Right.ACCESS)

    def prolong(number: str, role: str = "head", reasons: str = "wiele żądań") -> CaseView:
        return services.prolong_case(
            number, reasons=reasons, person=people[role], clock=pleszew.clock, ledger=None
        )

    with pytest.raises(AccessRefusedError):
        prolong(case.number, "clerk")
    with pytest.raises(DecisionRefusedError):
        prolong(case.number, reasons=" ")
    with pytest.raises(DecisionRefusedError):
        prolong(entered(pleszew.clock, camera).number)
    longer = prolong(case.number)
    assert longer.decide_by == date(2026, 6, 2)
    assert retention.hold(case.holds[0]).review_on == longer.decide_by
    with pytest.raises(DecisionRefusedError):
        prolong(case.number)
    pleszew.clock.advance(timedelta(days=32))
    with pytest.raises(DecisionRefusedError) as over:
        prolong(late.number)
    assert "2026-04-02" in str(over.value)
    assert decide(pleszew, case.number, people["head"]).decision is not None
    assert list(checks.findings()) == []


def test_recordings_are_no_public_information(pleszew: RecordingOffice, people: People) -> None:
    """Fourteen days, nothing held, refusal with the clause alone, and no question on evidence."""
    asking = application(
        kind=Kind.PUBLIC_INFORMATION, event_first=date(2026, 3, 1), details={"description": "nagrania z holu"}
    )
    asking = replace(
        asking, event_first=None, event_last=None, interval=None, about=None, source_ids=frozenset()
    )
    case = services.enter_case(asking, clock=pleszew.clock, ledger=None, actor="clerk")
    assert (case.holds, case.decide_by) == ((), date(2026, 3, 16))
    with pytest.raises(DecisionRefusedError) as refused:
        decide(pleszew, case.number, people["head"])
    assert "no public information" in str(refused.value)
    done = decide(
        pleszew, case.number, people["head"], outcome=State.REFUSED, reasons="Nie jest nią nagranie."
    )
    assert done.state is State.REFUSED
    assert list(checks.findings()) == []


def test_an_internal_matter_holds_like_any_other(
    pleszew: RecordingOffice, people: People, camera: str
) -> None:
    """By the clause on keeping longer; whoever raised it does not decide on it."""
    own = Applicant("Osoba head", person=str(people["head"].id))
    case = entered(pleszew.clock, camera, kind=Kind.INTERNAL, applicant=own)
    assert [hold.provisional for hold in retention.holds()] == [True]
    with pytest.raises(AccessRefusedError):
        decide(pleszew, case.number, people["head"])


def test_a_correction_keeps_what_stood_there(pleszew: RecordingOffice, camera: str) -> None:
    """The case says the new, its history the old; what is sought now is held besides; nothing is let go."""
    other = pleszew.add_camera("Parking")
    case = entered(pleszew.clock, camera)
    later = NOON + timedelta(hours=3)
    after = corrected(
        pleszew, case.number, camera, other,
        times=(later, None), applicant=Applicant("Anna Poprawiona"), received_on=date(2026, 3, 2),
    )  # fmt: skip
    assert len(after.holds) == 3
    assert {hold.provisional for hold in retention.holds()} == {True}
    assert after.application.applicant.name == "Anna Poprawiona"
    (one,) = queries.corrections_of(case.number)
    assert one.before is not None
    assert (one.reason, one.before["applicant"]) == ("pomyłka w godzinie", "Anna Przykładowa")
    assert {"sources", "start", "end", "address", "contact"} <= one.before.keys()
    assert queries.cases(words="poprawiona").cases[0].number == case.number
    assert queries.cases(words="przykładowa").cases == []
    acts = registers.acts(names=["case.corrected"]).acts
    assert "Poprawiona" not in str([act.facts for act in acts])
    assert list(checks.findings()) == []
    CaseCorrection.objects.update(before={"reason": "x", "before": {}})
    with pytest.raises(LedgerMismatchError):
        queries.corrections_of(case.number)


@pytest.mark.parametrize("wipe", [lambda rows: rows.update(before=None, salt=""), lambda rows: rows.delete()])
def test_what_stood_there_is_not_wiped_unnoticed(
    pleszew: RecordingOffice, people: People, camera: str, wipe: Callable[[Any], object]
) -> None:
    """Neither what it said nor the correction itself; and while it is not known who applied, nobody decides."""
    case = entered(pleszew.clock, camera)
    corrected(pleszew, case.number, camera, applicant=Applicant("Anna Poprawiona"))
    wipe(CaseCorrection.objects.all())
    with pytest.raises(LedgerMismatchError):
        queries.corrections_of(case.number)
    assert "cases.correction-altered" in {finding.code for finding in checks.findings()}
    with pytest.raises(AccessRefusedError, match="cannot be read"):
        decide(pleszew, case.number, people["head"])


def test_a_correction_makes_an_own_application_nobody_elses(
    pleszew: RecordingOffice, people: People, camera: str
) -> None:
    """Who applied by account or by name before it was corrected does not decide on it."""
    head = people["head"]
    for own in (Applicant("Ktoś", person=str(head.id)), Applicant(head.name)):
        case = entered(pleszew.clock, camera, applicant=own)
        corrected(pleszew, case.number, camera, applicant=Applicant("Anna Poprawiona"))
        with pytest.raises(AccessRefusedError) as refused:
            decide(pleszew, case.number, head)
        assert refused.value.decision.rule is Rule.OWN


def test_a_correction_is_refused(pleszew: RecordingOffice, people: People, camera: str) -> None:
    """Without a reason, without a difference, of another kind, after the decision."""
    case = entered(pleszew.clock, camera)
    for changed in ({"reason": " "}, {}, {"kind": Kind.DISCLOSURE}):
        with pytest.raises(ApplicationRefusedError):
            corrected(pleszew, case.number, camera, **changed)
    decide(pleszew, case.number, people["head"])
    with pytest.raises(CaseDecidedError):
        corrected(pleszew, case.number, camera, applicant=Applicant("Inna Osoba"))
    assert queries.corrections_of(case.number) == []


@pytest.mark.parametrize("knowledge", [True, False])
def test_a_withdrawal_lets_nothing_go_by_itself(
    pleszew: RecordingOffice, people: People, camera: str, knowledge: bool
) -> None:
    """The clerk enters it, the hold waits; whoever decides says whether it may be evidence."""
    case = entered(pleszew.clock, camera)
    services.withdraw_case(case.number, date(2026, 3, 2), clock=pleszew.clock, ledger=None, actor="clerk")
    assert [hold.provisional for hold in retention.holds()] == [True]
    assert [view.number for view in queries.waiting()] == [case.number]
    for wrong in ({}, {"outcome": State.WITHDRAWN, "knowledge": None}):
        with pytest.raises(DecisionRefusedError):
            decide(pleszew, case.number, people["head"], **wrong)
    closed = decide(
        pleszew, case.number, people["head"], outcome=State.WITHDRAWN, basis="", knowledge=knowledge
    )
    assert closed.state is State.WITHDRAWN
    assert [hold.provisional for hold in retention.holds()] == ([False] if knowledge else [])
    assert list(checks.findings()) == []


def test_a_withdrawal_is_entered_once_on_a_day_that_was(pleszew: RecordingOffice, camera: str) -> None:
    """Between the receipt and today."""
    number = entered(pleszew.clock, camera).number
    for day in (date(2026, 3, 1), date(2026, 3, 3)):
        with pytest.raises(ApplicationRefusedError):
            services.withdraw_case(number, day, clock=pleszew.clock, ledger=None, actor="clerk")
    services.withdraw_case(number, date(2026, 3, 2), clock=pleszew.clock, ledger=None, actor="clerk")
    with pytest.raises(ApplicationRefusedError):
        services.withdraw_case(number, date(2026, 3, 2), clock=pleszew.clock, ledger=None, actor="clerk")


def test_what_an_applicant_said_is_erased_and_the_case_stays(
    pleszew: RecordingOffice, people: People, camera: str
) -> None:
    """Once it is over and nothing is held: no row and no search holds a name or a text, and every check still passes."""
    case = entered(pleszew.clock, camera)
    corrected(pleszew, case.number, camera, applicant=Applicant("Anna Poprawiona"))

    def erase(role: str = "head", grounds: str = "klasa 0123, termin 31.12.2031") -> CaseView:
        return services.erase_applicant(
            case.number, grounds=grounds, person=people[role], clock=pleszew.clock, ledger=None
        )

    with pytest.raises(DecisionRefusedError):
        erase()
    decide(pleszew, case.number, people["head"], reasons="Anna Poprawiona prosi słusznie.")
    with pytest.raises(DecisionRefusedError) as held:
        erase()
    assert case.holds[0] in str(held.value)
    retention_services.end_hold(
        case.holds[0], reason="koniec", clock=pleszew.clock, ledger=None, actor=str(people["head"].id)
    )
    with pytest.raises(AccessRefusedError):
        erase("clerk")
    with pytest.raises(DecisionRefusedError):
        erase(grounds=" ")
    erase()
    after = queries.case(case.number)
    assert (after.state, after.application.applicant.name, dict(after.application.details)) == (
        State.GRANTED,
        "",
        {},
    )
    assert [one.before for one in queries.corrections_of(case.number)] == [None]
    assert queries.cases(words="poprawiona").cases == []
    assert [view.number for view in queries.cases().cases] == [case.number]
    for model in (Case, CaseApplicant, CaseCorrection):
        assert "Anna" not in str(list(model.objects.values()))  # type: ignore[attr-defined]  # one of several models
    assert list(checks.findings()) == []
    with pytest.raises(DecisionRefusedError):
        erase()
