"""An office in which applications are entered, refused, decided and left lying at random, against a model that knows the words alone.

Numbers have no gap (I4); what waits is held, what was consented to or may be evidence stays held, what was refused is free (I2);
no decision is made twice, nor by anybody but the head.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from rejent.access.errors import AccessRefusedError
from rejent.cases import checks, services
from rejent.cases.errors import ApplicationRefusedError, CaseDecidedError, DecisionRefusedError
from rejent.cases.views import Applicant, State
from rejent.kernel.clock import ManualClock, civil_date
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.retention import queries as retention
from tests.booked import every_case
from tests.examples import examples
from tests.people import add_person
from tests.prepared import prepared
from tests.unit.access.conftest import PASSWORD, add_camera
from tests.unit.cases.application import APPLICANT, application

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WHICH = st.integers(0, 99)


def made() -> tuple[list[str], Any, Any]:
    """Two cameras, a head and a clerk under Pleszew's rules."""
    clock = ManualClock(START)
    office.activate_regulation(example("pleszew"), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    cameras = [add_camera(name, clock) for name in ("Hol", "Parking")]
    people = [
        add_person(f"Osoba {role}", post="", roles=[role], username=role, password=PASSWORD, clock=clock, actor="")
        for role in ("head", "clerk")
    ]  # fmt: skip
    return cameras, *people


class CasesMachine(RuleBasedStateMachine):
    """Each case is remembered as: whether late, whose own, its holds, and what became of it."""

    entered_ever = decided_ever = told_off = 0

    def __init__(self) -> None:
        super().__init__()
        self._transaction = transaction.atomic()
        self._transaction.__enter__()
        self.clock = ManualClock(START)
        self.cameras, self.head, self.clerk = prepared(__name__, made)
        self.cases: list[dict[str, Any]] = []

    def teardown(self) -> None:
        """Leave nothing behind."""
        transaction.set_rollback(True)
        self._transaction.__exit__(None, None, None)

    @rule(days=st.integers(1, 12))
    def wait(self, days: int) -> None:
        """Time goes by."""
        self.clock.advance(timedelta(days=days))

    @rule(ago=st.integers(0, 25), cameras=st.sets(st.integers(0, 1)), own=st.booleans(), named=st.booleans())
    def enter(self, ago: int, cameras: set[int], own: bool, named: bool) -> None:
        """Somebody applies about a day that is so many days ago; without a name or a camera it is refused."""
        today = civil_date(self.clock.now())
        applicant = Applicant("Osoba head", person=str(self.head.id)) if own else APPLICANT
        wanted = application(
            *(self.cameras[number] for number in cameras),
            event_first=today - timedelta(days=ago),
            received_on=today,
            times=(self.clock.now() - timedelta(days=ago, minutes=40), None),
            applicant=applicant if named else Applicant(" "),
        )
        try:
            case = services.enter_case(wanted, clock=self.clock, ledger=None, actor=str(self.clerk.id))
        except ApplicationRefusedError:
            assert not named or not cameras
            return
        assert named
        assert len(case.holds) == len(cameras)
        assert case.number == f"W-2026-{len(self.cases) + 1}"
        self.cases.append(
            {"late": case.late, "own": own, "holds": case.holds, "state": "waiting", "free": ()}
        )
        type(self).entered_ever += 1

    @precondition(lambda self: self.cases)
    @rule(
        which=WHICH,
        outcome=st.sampled_from([State.GRANTED, State.PARTLY, State.REFUSED]),
        knowledge=st.sampled_from([None, True, False]),
        kept=st.integers(0, 2),
        by_head=st.booleans(),
    )
    def decide(self, which: int, outcome: State, knowledge: bool | None, kept: int, by_head: bool) -> None:
        """Somebody decides on one of them in some way; what may not be changes nothing."""
        number = which % len(self.cases)
        case = self.cases[number]
        chosen = case["holds"][:kept]
        try:
            services.decide_case(
                f"W-2026-{number + 1}", outcome, reasons="powód", basis="§ 6", knowledge=knowledge, kept=chosen,
                person=self.head if by_head else self.clerk, clock=self.clock, ledger=None,
            )  # fmt: skip
        except AccessRefusedError:
            assert not by_head or case["own"]
        except CaseDecidedError:
            assert case["state"] != "waiting"
            type(self).told_off += 1
        except DecisionRefusedError:
            unanswered = knowledge is None and (case["late"] or outcome is State.REFUSED)
            whole = outcome is State.PARTLY and not 0 < len(chosen) < len(case["holds"])
            assert unanswered or whole or (case["late"] and outcome is not State.REFUSED)
        else:
            assert by_head
            assert not case["own"]
            assert case["state"] == "waiting"
            assert not case["late"] or outcome is State.REFUSED
            stays = {State.GRANTED: case["holds"], State.PARTLY: chosen, State.REFUSED: ()}[outcome]
            stays = case["holds"] if knowledge else stays
            case["state"], case["free"] = outcome.value, tuple(set(case["holds"]) - set(stays))
            type(self).decided_ever += 1

    @invariant()
    def what_is_held_follows_from_the_cases(self) -> None:
        """What waits is held provisionally, what stays is held, what is free is not; the checks find nothing."""
        found = {hold.number: hold.provisional for hold in retention.holds()}
        expected = {
            number: case["state"] == "waiting"
            for case in self.cases
            for number in case["holds"]
            if number not in case["free"]
        }
        assert found == expected
        states = [view.state.value for view in every_case()]
        assert states == [case["state"] for case in self.cases]

    @rule()
    def check(self) -> None:
        """The office's own check agrees."""
        assert list(checks.findings()) == []


@pytest.mark.django_db
def test_cases_at_random() -> None:
    """Whatever is entered and decided in whatever order."""
    CasesMachine.entered_ever = CasesMachine.decided_ever = CasesMachine.told_off = 0
    run_state_machine_as_test(
        CasesMachine,
        settings=settings(
            max_examples=examples(40), stateful_step_count=25, suppress_health_check=list(HealthCheck)
        ),
    )
    assert CasesMachine.entered_ever
    assert CasesMachine.decided_ever
    assert CasesMachine.told_off
