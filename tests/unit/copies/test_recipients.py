"""Whoever got a recording is told of a right that was granted (GDPR art. 19)."""

from datetime import date
from typing import Any

import pytest
from django.db import connection

from rejent.cases import queries as cases
from rejent.cases import services
from rejent.cases.errors import ApplicationRefusedError
from rejent.cases.services.notifying import recipients_of
from rejent.cases.views import CaseView, Channel, Identity, Kind, PaperKind, State
from rejent.documents.rendering import render_pdf
from rejent.kernel.clock import civil_date
from rejent.office.regulation.vocabulary import Right
from rejent.registers import queries as registers
from rejent.registers.errors import LedgerMismatchError
from rejent.web.cases.papers import case_letter
from tests.guarded_rows import unguarded
from tests.printed import words_of
from tests.unit.cases.application import NOON, entered
from tests.unit.copies.conftest import CopyingOffice
from tests.unit.copies.test_handing import handed
from tests.unit.retention.office import MINUTE


@pytest.fixture
def granted(pleszew: CopyingOffice) -> CaseView:
    """A right to erasure that was granted of what the police got a copy of."""
    disclosed = pleszew.decided()
    copy = pleszew.copy(disclosed.number)
    handed(pleszew, copy.number, disclosed.number)
    case = entered(
        pleszew.office.clock, pleszew.camera, kind=Kind.RIGHT, right=Right.ERASURE.value,
        identity=Identity.DOCUMENT.value, times=(NOON, NOON + MINUTE),
    )  # fmt: skip
    given: dict[str, Any] = {"reasons": "", "basis": "art. 17 RODO", "knowledge": False}
    head, clock = pleszew.people["head"], pleszew.office.clock
    return services.decide_case(case.number, State.GRANTED, person=head, clock=clock, ledger=None, **given)


def tell(office: CopyingOffice, case: str, **changed: Any) -> None:
    """Enter that the police were told today."""
    given: dict[str, Any] = {"told_on": civil_date(office.office.clock.now()), "channel": Channel.E_DELIVERY}
    services.enter_notification(
        case, "P-2026-1", clock=office.office.clock, ledger=None, actor="clerk", **(given | changed)
    )


def test_recipients_are_told_once_each(pleszew: CopyingOffice, granted: CaseView) -> None:
    """By the register of hand-overs; the letter names bodies, copies and days, and nobody who asked."""
    (one,) = recipients_of(granted)
    assert (one.handed.body, one.told_on) == ("Komenda Powiatowa Policji", None)
    with pytest.raises(ApplicationRefusedError):
        tell(pleszew, granted.number, told_on=date(2025, 1, 1))
    tell(pleszew, granted.number)
    with pytest.raises(ApplicationRefusedError, match="before"):
        tell(pleszew, granted.number)
    (one,) = recipients_of(granted)
    assert one.told_on == civil_date(pleszew.office.clock.now())
    (act,) = registers.acts(names=["case.recipient-told"]).acts
    assert act.facts is not None
    assert act.facts["hand_over"] == "P-2026-1"
    assert "Policji" not in str(act.facts)


def test_the_letters_say_what_became_of_the_recording(
    pleszew: CopyingOffice, granted: CaseView, settings: Any
) -> None:
    """Held for the disclosure, so it goes later, which no letter tells by the number of the hold; recipients do not learn who asked."""
    settings.CLOCK = pleszew.office.clock
    view = cases.case(granted.number)
    for kind in (PaperKind.DECISION, PaperKind.NOTICE):
        paper = words_of(render_pdf(case_letter(view, kind, f"{view.number}/1", pleszew.office.clock.now())))
        assert "E-2026-1" in paper
        assert "Z-2026-1" not in paper
        assert "zabezpiecz" in paper
        assert ("Anna Przykładowa" in paper) is (kind is PaperKind.DECISION)


def test_a_refusal_tells_nobody(pleszew: CopyingOffice) -> None:
    """Nothing happened to the recording."""
    disclosed = pleszew.decided()
    handed(pleszew, pleszew.copy(disclosed.number).number, disclosed.number)
    assert recipients_of(cases.case(disclosed.number)) == []


def test_an_altered_notice_counts_for_nothing(pleszew: CopyingOffice, granted: CaseView) -> None:
    """Whoever moved its day in the database is found."""
    tell(pleszew, granted.number)
    with unguarded(), connection.cursor() as cursor:
        cursor.execute("UPDATE cases_casenotice SET told_on = '2026-03-01'")
    with pytest.raises(LedgerMismatchError):
        recipients_of(granted)
