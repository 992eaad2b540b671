"""Viewings and their protocols in any order, against a model: promise I5. The same test runs on both databases."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from rejent.access import checks, services
from rejent.access.errors import AccessRefusedError, ProtocolFinishedError, ProtocolRefusedError
from rejent.access.models import Protocol, Viewing
from rejent.access.rules.decision import Rule
from rejent.access.services import viewings
from rejent.access.viewings import protocols
from rejent.access.views import ProtocolState
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from tests.examples import examples
from tests.people import add_person
from tests.unit.access.conftest import NOON, PASSWORD, add_camera
from tests.unit.access.protocols_written import two_stages
from tests.unit.access.test_viewings import open_viewing

ENTRY = example("elblag").replace(
    'clause = "ust. 1 pkt 6–7"', 'playback_record = "entry"\nclause = "ust. 1 pkt 6–7"', 1
)
REGULATIONS = {"short": example("elblag"), "staged": two_stages(), "entry": ENTRY}
PEOPLE = 2
names = (f"random{number}" for number in range(10**6))
"""User names that no example has had."""


class Killed(BaseException):
    """The program ends here."""


@dataclass(slots=True)
class Somebody:
    """A viewer as the model knows them.

    Attributes:
        owed: the number of the viewing whose protocol is to be finished; empty for none.
        open: whether that viewing goes on.
        authorisation: the number of a valid authorisation; empty for none.
    """

    person: PersonView
    owed: str = ""
    open: bool = False
    authorisation: str = ""
    left: bool = False


class ProtocolMachine(RuleBasedStateMachine):
    """An office in which anything may happen in any order."""

    opened = refused = 0

    @initialize(kind=st.sampled_from(sorted(REGULATIONS)))
    def begin(self, kind: str) -> None:
        """People who may see recordings of a camera."""
        self.clock = ManualClock(NOON)
        self.put_in_force(kind)
        self.source = add_camera(next(names), self.clock)
        self.head = self._person("head")
        self.viewers = [self._viewer() for _ in range(PEOPLE)]
        self.waiting: list[str] = []

    def _person(self, role: str) -> PersonView:
        name = next(names)
        return add_person(
            name, post="", roles=[role], username=name, password=PASSWORD, clock=self.clock, actor=""
        )

    def _viewer(self) -> Somebody:
        found = Somebody(self._person("viewer"))
        self._authorise(found)
        return found

    def _authorise(self, one: Somebody) -> None:
        issued = services.issue_authorisation(
            person_id=one.person.id, acts=["recordings"], stream="video", source_ids=None, valid_from=date(2026, 11, 1),
            valid_until=None, clock=self.clock, actor="",
        )  # fmt: skip
        one.authorisation = issued.number

    @rule(kind=st.sampled_from(sorted(REGULATIONS)))
    def put_in_force(self, kind: str) -> None:
        """Another regulation comes into force; protocols that have begun keep theirs."""
        self.kind = kind
        office.activate_regulation(
            REGULATIONS[kind], in_force_from=date(2026, 1, 1), clock=self.clock, actor=""
        )

    @rule(which=st.integers(0, PEOPLE - 1))
    def open(self, which: int) -> None:
        """A viewing opens exactly where nothing is owed and the right to it is there."""
        one = self.viewers[which]
        right = not one.left and bool(one.authorisation)
        number, rule_ = self._try(one)
        if number:
            assert right
            assert not one.owed
            type(self).opened += 1
            if self.kind != "entry":
                one.owed, one.open = number, True
        else:
            assert (rule_ is Rule.PROTOCOL_UNFINISHED) == (right and bool(one.owed))
            assert one.owed or not right
            type(self).refused += 1

    def _try(self, one: Somebody) -> tuple[str, Rule | None]:
        """The number of the viewing, or the rule that refused it."""
        try:
            return open_viewing(one.person, self.source, self.clock).number, None
        except AccessRefusedError as refused:
            return "", refused.decision.rule

    @rule(which=st.integers(0, PEOPLE - 1))
    def see_and_write(self, which: int) -> None:
        """What people mostly do: the viewing ends, its viewer finishes, the next one opens."""
        self.close(which)
        self.finish(which, "self", good=True)
        self.open(which)

    @rule(which=st.integers(0, PEOPLE - 1))
    def be_killed_while_opening(self, which: int) -> None:
        """The program ends after the rows and before the act: nothing is left, and nothing more is owed than before."""
        before = Viewing.objects.count(), Protocol.objects.count()

        def die(*_: object, **__: object) -> None:
            raise Killed

        with pytest.MonkeyPatch.context() as patch, suppress(Killed, AccessRefusedError):
            patch.setattr(viewings, "enter", die)
            open_viewing(self.viewers[which].person, self.source, self.clock)
        assert (Viewing.objects.count(), Protocol.objects.count()) == before

    @rule(which=st.integers(0, PEOPLE - 1))
    def close(self, which: int) -> None:
        """The viewer ends a viewing, or ends again what has ended."""
        one = self.viewers[which]
        if one.owed:
            services.close_viewing(protocols.protocol(one.owed).viewing_id, clock=self.clock, actor="")
            one.open = False

    @rule(hours=st.integers(-3, 3))
    def wait(self, hours: int) -> None:
        """The clock goes on, or is set back; the keeper comes by."""
        self.clock.advance(timedelta(hours=hours))
        self.keep()

    @rule()
    def keep(self) -> None:
        """The keeper closes what has run out or lost its right; what that closes still owes its protocol."""
        services.close_ended_viewings(clock=self.clock)
        for one in self.viewers:
            if one.owed:
                one.open = protocols.protocol(one.owed).closed_at is None

    @rule(
        which=st.integers(0, PEOPLE - 1),
        by=st.sampled_from(["self", "other", "head"]),
        good=st.booleans(),
    )
    def finish(self, which: int, by: str, *, good: bool) -> None:
        """Who may finish does, once the viewing has ended and every field is filled; nobody else, and not before."""
        one = self.viewers[which]
        if not one.owed:
            return
        writer = {"self": one.person, "other": self.viewers[1 - which].person, "head": self.head}[by]
        allowed = (by == "self" and not one.left) or (by == "head" and one.left)
        view = protocols.protocol(one.owed)
        texts: dict[str, str] = dict.fromkeys(view.fields, "Nothing." if good else " ")
        try:
            done = services.finish_protocol(one.owed, texts, person=writer, clock=self.clock)
        except AccessRefusedError:
            assert not allowed
        except ProtocolRefusedError:
            assert allowed
            assert one.open or not good
        else:
            assert allowed
            assert good
            assert not one.open
            self.waiting += [one.owed] if done.state is ProtocolState.WAITING else []
            with pytest.raises(ProtocolFinishedError):
                services.finish_protocol(one.owed, texts, person=writer, clock=self.clock)
            one.owed = ""

    @rule(which=st.integers(0, PEOPLE - 1))
    def draft(self, which: int) -> None:
        """A draft changes nothing of what is owed."""
        one = self.viewers[which]
        if one.owed and not one.left:
            services.save_draft(one.owed, {}, person=one.person, clock=self.clock)

    @precondition(lambda self: self.waiting)
    @rule()
    def state_position(self) -> None:
        """The head states what waits; it is no condition of the viewer's next viewing."""
        services.state_position(self.waiting.pop(), "None.", person=self.head, clock=self.clock)

    @rule(which=st.integers(0, PEOPLE - 1))
    def change_right(self, which: int) -> None:
        """An authorisation is revoked, or issued anew."""
        one = self.viewers[which]
        if one.authorisation:
            services.revoke_authorisation(one.authorisation, clock=self.clock, actor="")
            one.authorisation = ""
        elif not one.left:
            self._authorise(one)

    @rule(which=st.integers(0, PEOPLE - 1))
    def leave(self, which: int) -> None:
        """Somebody leaves the office; once nothing is owed for them, another comes in their place."""
        one = self.viewers[which]
        if not one.left:
            office.person_left(one.person.id, clock=self.clock, actor="")
            one.left = True
        elif not one.owed:
            self.viewers[which] = self._viewer()

    @invariant()
    def what_is_owed_is_what_the_model_says(self) -> None:
        """Each person owes one protocol at most, the one that the model knows."""
        for one in getattr(self, "viewers", []):
            assert protocols.unfinished(one.person.id) == one.owed
            held = Protocol.objects.filter(person=one.person.id, finished_at__isnull=True).count()
            assert held == int(bool(one.owed))

    def teardown(self) -> None:
        """The ledger tells the same as the rows, and of no viewing that was opened while a protocol was owed."""
        if hasattr(self, "viewers"):
            services.close_ended_viewings(clock=self.clock)
            found = {finding.code for finding in checks.findings(self.clock)}
            assert found <= {"access.viewing-open"}


def test_no_viewing_opens_while_a_protocol_is_unfinished(db: Any) -> None:  # noqa: ARG001 - asked for its effect
    """Opened, ended, killed, run out, finished by whom and when ever, under changing rules and clocks: I5 holds."""
    run_state_machine_as_test(
        ProtocolMachine,
        settings=settings(
            max_examples=examples(15, least=8),
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert ProtocolMachine.opened > 5
    assert ProtocolMachine.refused > 5
