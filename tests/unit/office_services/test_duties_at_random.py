"""Absences, faults and agreements entered and ended at random, against a model that knows none of the program's reckoning."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

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

from rejent.access.rules.decision import may_administer
from rejent.kernel.clock import ManualClock, civil_date, local_midnight
from rejent.office import checks, services
from rejent.office.errors import AbsenceRefusedError, AgreementRefusedError, NotEntrustedError
from rejent.office.people import standing
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from tests.examples import examples
from tests.people import add_person
from tests.unit.office_services.conftest import PASSWORD

START = datetime(2026, 10, 23, 9, 0, tzinfo=UTC)
"""Two days before the day with 25 hours."""
DAY = timedelta(days=1)

Period = tuple[date, date | None]


@dataclass
class Model:
    """What was said, word for word."""

    absences: dict[int, tuple[str, Period]] = field(default_factory=dict)
    agreements: dict[str, tuple[set[str], Period]] = field(default_factory=dict)
    faults: set[str] = field(default_factory=set)
    heads: set[str] = field(default_factory=set)

    def head_away(self, today: date) -> bool:
        """Every head has an absence that lasts."""
        absent = {who for who, period in self.absences.values() if lasts(period, today)}
        return bool(self.heads) and self.heads <= absent

    def called(self, who: str, today: date) -> bool:
        """A fault is open, and an agreement that lasts names the person."""
        return bool(self.faults) and any(
            who in named and lasts(period, today) for named, period in self.agreements.values()
        )


def lasts(period: Period, today: date) -> bool:
    """Whether a day lies in a period."""
    first, last = period
    return first <= today and (last is None or today <= last)


class DutiesMachine(RuleBasedStateMachine):
    """Everything that may be entered, in any order, at any time."""

    steps = 0
    """How often somebody acted or was called in, over all runs."""

    def __init__(self) -> None:
        super().__init__()
        self._transaction = transaction.atomic()
        self._transaction.__enter__()
        self.clock = ManualClock(START)
        text = example("miedziana-gora").replace(
            'authorised_by = "head"', 'authorised_by = "head"\ncontractor = "on-fault"'
        )
        services.activate_regulation(text, in_force_from=date(2026, 1, 1), clock=self.clock, actor="cli")
        self.people = {name: self._add(name, name.rstrip("12")) for name in ("head1", "head2", "deputy")}
        self.firm = {name: self._add(name, "contractor") for name in ("firm1", "firm2")}
        self.model = Model(heads={"head1"})
        services.set_roles(self.people["head2"].id, ["clerk"], clock=self.clock, actor="cli")

    def _add(self, name: str, role: str) -> PersonView:
        return add_person(
            f"Person {name}",
            post="",
            roles=[role],
            username=name,
            password=PASSWORD,
            clock=self.clock,
            actor="cli",
        )

    @property
    def today(self) -> date:
        """The civil date."""
        return civil_date(self.clock.now())

    def teardown(self) -> None:
        """The rows are as they were entered; leave nothing behind."""
        found = list(checks.findings(self.clock))
        transaction.set_rollback(True)
        self._transaction.__exit__(None, None, None)
        assert found == []

    @rule(who=st.sampled_from(["head1", "head2"]), begins=st.integers(-2, 1), length=st.integers(-1, 4))
    def absent(self, who: str, begins: int, length: int) -> None:
        """An absence, open where its length is below nothing."""
        first = self.today + begins * DAY
        last = None if length < 0 else first + length * DAY
        try:
            made = services.enter_absence(self.people[who].id, first, last, clock=self.clock, actor="cli")
        except AbsenceRefusedError:
            assert who not in self.model.heads or begins < 0
            return
        assert begins >= 0
        self.model.absences[made.id] = (who, (first, last))

    @rule(by=st.sampled_from(["deputy", "firm1"]))
    def trick(self, by: str) -> None:
        """The deputy enters the absence by which they would act; the head's own deputy never may."""
        person = {**self.people, **self.firm}[by]
        if by == "deputy":
            with pytest.raises(NotEntrustedError):
                services.enter_absence(
                    self.people["head1"].id, self.today, None, clock=self.clock, actor=str(person.id)
                )
        roles = standing.current_roles(person.id, clock=self.clock) or frozenset()
        assert not may_administer(roles, "enter-absence").allowed
        assert not may_administer(roles, "enter-agreement").allowed or self.model.head_away(self.today)

    @precondition(lambda self: self.model.absences)
    @rule(which=st.integers(0, 9))
    def back(self, which: int) -> None:
        """An absence is ended."""
        known = sorted(self.model.absences)[which % len(self.model.absences)]
        services.end_absence(known, clock=self.clock, actor="cli")
        del self.model.absences[known]

    @rule(second=st.booleans())
    def heads(self, *, second: bool) -> None:
        """The office gets a second head, or has one again."""
        services.set_roles(
            self.people["head2"].id, ["head" if second else "clerk"], clock=self.clock, actor="cli"
        )
        self.model.heads = {"head1", "head2"} if second else {"head1"}

    @rule(source=st.sampled_from(["", "camera"]))
    def fault(self, source: str) -> None:
        """Something breaks."""
        opened = services.open_fault(
            description="broken",
            source=source,
            stream="video" if source else "",
            clock=self.clock,
            actor="cli",
        )
        self.model.faults.add(opened.number)

    @precondition(lambda self: self.model.faults)
    @rule(which=st.integers(0, 9))
    def mended(self, which: int) -> None:
        """Something works again."""
        number = sorted(self.model.faults)[which % len(self.model.faults)]
        services.close_fault(number, outcome="mended", clock=self.clock, actor="cli")
        self.model.faults.remove(number)

    @rule(
        named=st.sets(st.sampled_from(["firm1", "firm2"]), min_size=1),
        begins=st.integers(0, 1),
        length=st.integers(-1, 3),
    )
    def agree(self, named: set[str], begins: int, length: int) -> None:
        """An agreement, open where its length is below nothing."""
        number, first = f"UP/{len(self.model.agreements) + 1}", self.today + begins * DAY
        last = None if length < 0 else first + length * DAY
        try:
            services.add_agreement(
                number=number,
                party="firm",
                concluded_on=self.today,
                valid_from=first,
                valid_until=last,
                people=[self.firm[name].id for name in named],
                clock=self.clock,
                actor="cli",
            )
        except AgreementRefusedError:
            pytest.fail("an agreement that fits was refused")
        self.model.agreements[number] = (named, (first, last))

    @precondition(lambda self: self.model.agreements)
    @rule(which=st.integers(0, 9))
    def terminate(self, which: int) -> None:
        """An agreement is ended."""
        number = sorted(self.model.agreements)[which % len(self.model.agreements)]
        services.end_agreement(number, clock=self.clock, actor="cli")
        named, (first, _) = self.model.agreements[number]
        self.model.agreements[number] = (named, (first, first - DAY))

    @rule(before=st.sampled_from([timedelta(), timedelta(microseconds=1)]), days=st.integers(1, 3))
    def wait(self, before: timedelta, days: int) -> None:
        """Time passes up to a midnight, or to the instant before it."""
        until = local_midnight(self.today + days * DAY) - before
        self.clock.advance(until - self.clock.now())

    @invariant()
    def duties_are_as_was_said(self) -> None:
        """Who acts and who is called in follows from what was said, at this instant."""
        acts = "acting-head" in (standing.current_roles(self.people["deputy"].id, clock=self.clock) or ())
        assert acts is self.model.head_away(self.today)
        place = standing.in_place_of(str(self.people["deputy"].id), clock=self.clock)
        assert bool(place) is acts
        for name, person in self.firm.items():
            roles = standing.current_roles(person.id, clock=self.clock) or frozenset()
            assert ("called-in" in roles) is self.model.called(name, self.today)
            assert may_administer(roles, "see-status").allowed is self.model.called(name, self.today)
            type(self).steps += "called-in" in roles
        type(self).steps += acts


def test_duties_at_random_follow_what_was_entered(
    db: None,  # noqa: ARG001 - asked for its effect
) -> None:
    """Overlapping, open-ended, ended early and expired at midnight, in any order: access is exactly while it was said to be."""
    run_state_machine_as_test(
        DutiesMachine,
        settings=settings(
            max_examples=examples(20, least=10),
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert DutiesMachine.steps > 20
