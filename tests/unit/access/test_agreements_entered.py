"""The agreement of a second person is believed of the ledger, not of a row."""

from datetime import timedelta
from typing import Any

import pytest

from rejent.access import services
from rejent.access.errors import AnswerRefusedError
from rejent.access.models import SecondAsked
from rejent.kernel.clock import ManualClock
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from tests.unit.access.conftest import NOON
from tests.unit.access.test_second_person import answer, ask

Two = tuple[PersonView, PersonView]


def test_an_agreement_that_nobody_gave_opens_nothing(two: Two, together: str, clock: ManualClock) -> None:
    """A row that says that somebody agreed is not their word."""
    first, second = two
    asked = ask(first, together, clock)
    SecondAsked.objects.update(agreed=True, second_id=second.id, answered_at=clock.now())
    with pytest.raises(AnswerRefusedError):
        services.open_agreed(asked.id, person=first, session="first session", clock=clock)
    assert registers.acts(names=["viewing.opened"]).acts == []


def test_who_declined_did_not_agree(two: Two, together: str, clock: ManualClock) -> None:
    """A refusal whose row is turned into an agreement stays one."""
    first, second = two
    asked = answer(ask(first, together, clock), second, clock, agrees=False)
    SecondAsked.objects.update(agreed=True)
    with pytest.raises(AnswerRefusedError):
        services.open_agreed(asked.id, person=first, session="first session", clock=clock)


@pytest.mark.parametrize("column", ["start", "end", "purpose", "case", "item"])
def test_an_agreement_is_not_turned_to_something_else(
    column: str, two: Two, together: str, clock: ManualClock
) -> None:
    """The act tells what was agreed to: other times, another purpose, case or call open nothing."""
    first, second = two
    asked = answer(ask(first, together, clock), second, clock)
    changed: dict[str, Any] = {
        "start": NOON - timedelta(days=1), "end": NOON + timedelta(hours=1), "purpose": "another", "case": "another",
        "item": "0b" * 16,
    }  # fmt: skip
    SecondAsked.objects.update(**{column: changed[column]})
    with pytest.raises(AnswerRefusedError):
        services.open_agreed(asked.id, person=first, session="first session", clock=clock)


def test_the_agreement_to_one_asking_opens_no_other(two: Two, together: str, clock: ManualClock) -> None:
    """Not even to another asking for the same."""
    first, second = two
    agreed = answer(ask(first, together, clock), second, clock)
    other = ask(first, together, clock)
    SecondAsked.objects.filter(pk=other.id).update(
        agreed=True, second_id=second.id, answered_at=agreed.answered_at
    )
    with pytest.raises(AnswerRefusedError):
        services.open_agreed(other.id, person=first, session="first session", clock=clock)
