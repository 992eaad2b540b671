"""A copy leaves the office by consent alone, once, and lives longer only by a further application."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from rejent.access.errors import AccessRefusedError
from rejent.cases import queries as case_queries
from rejent.cases import services as cases
from rejent.cases.copies import queries
from rejent.cases.copies.errors import CopyRefusedError, CopyStateError
from rejent.cases.copies.models import Copy, HandOver
from rejent.cases.copies.services import Handing, renew_copy
from rejent.cases.copies.services.handing import handable_under
from rejent.cases.copies.views import HandOverView, State
from rejent.cases.errors import DecisionRefusedError
from rejent.cases.views import Kind
from rejent.cases.views import State as Granted
from rejent.kernel.intervals import Interval
from rejent.registers import queries as registers
from rejent.registers.errors import LedgerMismatchError
from rejent.retention import services as retention
from rejent.web.cases.copies.handable import handable_cases, narrower_cases
from rejent.web.cases.copies.listing import to_be_made
from tests.guarded_rows import unguarded
from tests.handing import hand_over
from tests.unit.cases.application import NOON, entered
from tests.unit.copies.conftest import CopyingOffice
from tests.unit.retention.office import MINUTE


def handed(
    office: CopyingOffice, copy: str, case: str, *, role: str = "administrator", **changed: Any
) -> HandOverView:
    """Hand a copy to a policeman, once it was packed, written and signed for."""
    given = {"recipient": "asp. Jan Testowy", "post": "dzielnicowy", "body": "Komenda Powiatowa Policji"}
    handing = Handing(copy, case, **(given | changed))
    people, clock = office.people, office.office.clock
    return hand_over(handing, maker=people["administrator"], giver=people[role], clock=clock)


def test_a_copy_is_handed_over_by_consent(pleszew: CopyingOffice) -> None:
    """Numbered, entered without a name, and once."""
    case = pleszew.decided()
    copy = pleszew.copy(case.number)
    view = handed(pleszew, copy.number, case.number, role="clerk")
    assert (view.number, view.copy, view.documents) == ("P-2026-1", copy.number, ("register",))
    assert queries.copy(copy.number).state is State.HANDED
    assert queries.hand_over(copy.number) == view
    acts = registers.acts(names=["copy.handed-over"]).acts
    assert len(acts) == 1
    assert all("Testowy" not in str(act.facts) for act in acts)
    with pytest.raises(CopyStateError, match="before"):
        handed(pleszew, copy.number, case.number)
    assert pleszew.found() == []


def test_a_copy_kept_for_somebody_waits_for_a_body(pleszew: CopyingOffice) -> None:
    """It was made for whoever asked that it be kept; it is handed over under the disclosure that comes later."""
    kept = pleszew.decided(Kind.PRESERVATION)
    copy = pleszew.copy(kept.number)
    with pytest.raises(CopyRefusedError, match="only under a disclosure"):
        handed(pleszew, copy.number, kept.number)
    waiting = entered(pleszew.office.clock, pleszew.camera, kind=Kind.DISCLOSURE)
    with pytest.raises(CopyRefusedError, match="only under a disclosure"):
        handed(pleszew, copy.number, waiting.number)
    assert handed(pleszew, copy.number, pleszew.decided().number).case == "W-2026-3"


def test_cases_are_found_however_many_came_since(
    pleszew: CopyingOffice, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """What a copy can be handed over under, and what a copy is to be made for, is sought beyond one page of the list; one that is there already is not made again."""
    monkeypatch.setattr(case_queries, "PAGE", 0)
    settings.CLOCK = pleszew.office.clock
    kept = pleszew.decided(Kind.PRESERVATION).number
    assert [number for number, *_ in to_be_made(pleszew.people["administrator"])] == [kept]
    copy = pleszew.copy(kept)
    later = pleszew.decided().number
    assert [each.number for each in handable_cases(copy)] == [later]
    assert narrower_cases(copy) == []
    assert list(to_be_made(pleszew.people["administrator"])) == []


def test_a_disclosure_of_a_part_hands_no_more_over(pleszew: CopyingOffice, settings: Any) -> None:
    """The page of the copy names it, so that nobody looks for a button that is not there."""
    office, settings.CLOCK = pleszew.office, pleszew.office.clock
    copy = pleszew.copy(pleszew.decided(Kind.PRESERVATION).number)
    other = office.add_camera("Korytarz")
    office.record(other, NOON, b"OTHER")
    for camera in (other, pleszew.camera):
        number = entered(office.clock, camera, kind=Kind.DISCLOSURE, times=(NOON, NOON + MINUTE)).number
        given: dict[str, Any] = {"reasons": "", "basis": "§ 6", "knowledge": None}
        head = pleszew.people["head"]
        cases.decide_case(number, Granted.GRANTED, person=head, clock=office.clock, ledger=None, **given)
    assert handable_cases(copy) == []
    assert [each.number for each in narrower_cases(copy)] == [number]


def test_an_applicant_is_known_as_long_as_a_hold_or_a_copy_needs_them(pleszew: CopyingOffice) -> None:
    """A hold placed by hand for the case, a copy of it, also one that its row alone calls destroyed; and nothing is handed over under a case that was erased."""
    case, head, clock = pleszew.decided(), pleszew.people["head"], pleszew.office.clock
    made = pleszew.copy(case.number)
    by_hand = retention.place_hold(
        source_id=pleszew.camera, start=NOON, end=NOON + MINUTE, case=case.number, basis="x",
        review_on=date(2026, 4, 1), clock=clock, ledger=None, actor=str(head.id),
    )  # fmt: skip
    for hold in (case.holds[0], by_hand.number):
        with pytest.raises(DecisionRefusedError, match=hold):
            cases.erase_applicant(case.number, grounds="klasa 1", person=head, clock=clock, ledger=None)
        retention.end_hold(hold, reason="koniec", clock=clock, ledger=None, actor=str(head.id))
    with pytest.raises(DecisionRefusedError, match=made.number):
        cases.erase_applicant(case.number, grounds="klasa 1", person=head, clock=clock, ledger=None)
    with unguarded():
        Copy.objects.update(state=State.DESTROYED, destroyed_at=clock.now())
        with pytest.raises(LedgerMismatchError):
            cases.erase_applicant(case.number, grounds="klasa 1", person=head, clock=clock, ledger=None)
        Copy.objects.update(state=State.KEPT, destroyed_at=None)
    assert handable_under(made, case)
    assert not handable_under(made, replace(case, erased_at=clock.now()))


@pytest.mark.parametrize(
    ("changed", "part"),
    [({"recipient": " "}, "recipient"), ({"body": ""}, "body"), ({"recipient": "Jаn"}, "recipient")],
)
def test_who_takes_it_is_known(pleszew: CopyingOffice, changed: dict[str, str], part: str) -> None:
    """A person of a body, in letters of one script."""
    case = pleszew.decided()
    copy = pleszew.copy(case.number)
    with pytest.raises(CopyRefusedError) as refused:
        handed(pleszew, copy.number, case.number, **changed)
    assert refused.value.part == part
    with pytest.raises(AccessRefusedError):
        handed(pleszew, copy.number, case.number, role="iod")


def test_the_database_hands_nothing_over_without_consent(pleszew: CopyingOffice) -> None:
    """Neither a hand-over under another case, nor a copy that is handed without one (I6)."""
    kept = pleszew.decided(Kind.PRESERVATION)
    copy = pleszew.copy(kept.number)
    columns = {"copy_id": copy.id, "documents": [], "at": NOON, "by": "x"}
    with pytest.raises(IntegrityError), transaction.atomic():
        HandOver.objects.create(number="P-2026-1", case_id=kept.number, **columns)
    with pytest.raises(IntegrityError), transaction.atomic():
        Copy.objects.filter(pk=copy.id).update(state=State.HANDED)
    with pytest.raises(IntegrityError), transaction.atomic():
        Copy.objects.filter(pk=copy.id).delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        Copy(id=uuid4(), state=State.KEPT, case_id=kept.number, source_id=pleszew.camera, start=NOON, end=NOON + MINUTE, version=1, begun_at=NOON, finding=False).save(force_insert=True)  # fmt: skip


def test_a_copy_past_its_end_is_not_handed_over(pleszew: CopyingOffice) -> None:
    """It is to be destroyed."""
    case = pleszew.decided()
    copy = pleszew.copy(case.number)
    pleszew.office.go_to(datetime(2026, 6, 2, 9, tzinfo=UTC))
    with pytest.raises(CopyRefusedError, match="to be destroyed"):
        handed(pleszew, copy.number, case.number)


def test_a_further_application_counts_from_the_old_end(walbrzych_like: CopyingOffice) -> None:
    """Filed before the copy's end, about the same recording, consented to; once each (X22)."""
    office = walbrzych_like
    case = office.decided(knowledge=True)
    copy = office.copy(case.number)
    person = office.people["clerk"]
    with pytest.raises(CopyRefusedError, match="further application"):
        renew_copy(copy.number, case.number, person=person, clock=office.office.clock)
    further = office.decided(Kind.PRESERVATION, knowledge=True)
    again = renew_copy(copy.number, further.number, person=person, clock=office.office.clock)
    assert copy.due_on is not None
    assert (copy.due_on, again.due_on) == (date(2026, 6, 1), date(2026, 9, 1))
    assert [(one.case, one.due_before) for one in again.renewals] == [(further.number, copy.due_on)]
    with pytest.raises(CopyRefusedError, match="further application"):
        renew_copy(copy.number, further.number, person=person, clock=office.office.clock)
    assert office.found() == []


def test_without_the_regulation_nothing_lives_longer(pleszew: CopyingOffice) -> None:
    """Pleszew knows no renewal."""
    copy = pleszew.copy(pleszew.decided().number, interval=Interval(NOON, NOON + MINUTE))
    further = pleszew.decided(knowledge=True)
    with pytest.raises(CopyRefusedError, match="does not let"):
        renew_copy(copy.number, further.number, person=pleszew.people["clerk"], clock=pleszew.office.clock)
