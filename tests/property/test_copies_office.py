"""An office that makes, hands over and destroys copies at random, killed in between, against a model that knows the words alone.

Numbers have no gap (I4); nothing is handed over without consent, and then it stands in the register (I6); a copy dies by the words of two
people who did not make it, with its key, on its last day at the earliest, and no other one does (I7).
"""

from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import pytest
from django.db import transaction
from django.test import override_settings
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

from rejent.access.errors import AccessRefusedError
from rejent.cases import services as cases
from rejent.cases.copies import checks, queries, services
from rejent.cases.copies.errors import CopyRefusedError, CopyStateError
from rejent.cases.copies.models import HandOver
from rejent.cases.copies.services import destroying, making
from rejent.cases.views import Kind, State
from rejent.kernel.clock import civil_date
from rejent.kernel.intervals import Interval
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.vault.context import VaultContext
from tests.booked import every_copy
from tests.examples import examples
from tests.handing import hand_over
from tests.people import add_person
from tests.prepared import prepared
from tests.property.copies_model import Appointed, Copied, three_months_after
from tests.unit.access.conftest import PASSWORD
from tests.unit.cases.application import entered
from tests.unit.retention.office import MINUTE, RecordingOffice

START = datetime(2026, 1, 30, 11, 0, tzinfo=UTC)
ROLES = ("head", "administrator", "clerk", "secretary", "deputy")
WHICH = st.integers(0, 99)
AHEAD = 14
"""Days before its last one from which on people may be appointed to destroy a copy."""


class Killed(BaseException):
    """The program ends here."""


class CopiesMachine(RuleBasedStateMachine):
    """Everything that anybody may do with copies, in any order."""

    done: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()
        self._transaction = transaction.atomic()
        self._transaction.__enter__()
        folder = Path(self._folder.name)
        self.office = RecordingOffice.open(folder, START, "pleszew")
        places = (folder / "vault", folder / "keys", folder / "secrets")
        self._settings = override_settings(VAULT=VaultContext("0" * 32, *places, "", self.office.clock))
        self._settings.enable()
        self.people: dict[str, PersonView] = prepared(__name__, self._staff)
        self.camera = self.office.add_camera("Hol")
        self.cases: list[tuple[str, bool, Interval]] = []
        self.copies: list[Copied] = []
        self.commissions: list[Appointed] = []
        self.numbers = Counter[tuple[str, int]]()
        self.begun: list[int] = []
        self.handed: list[str] = []

    def _staff(self) -> dict[str, PersonView]:
        return {
            role: add_person(
                f"Osoba {role}", post="", roles=[role], username=role, password=PASSWORD, clock=self.office.clock, actor=""
            )
            for role in ROLES
        }  # fmt: skip

    def teardown(self) -> None:
        """Leave nothing behind."""
        self._settings.disable()
        transaction.set_rollback(True)
        self._transaction.__exit__(None, None, None)
        self._folder.cleanup()

    @property
    def today(self) -> date:
        """The civil date."""
        return civil_date(self.office.clock.now())

    def _next(self, mark: str) -> str:
        year = self.today.year
        self.numbers[mark, year] += 1
        return f"{mark}-{year}-{self.numbers[mark, year]}"

    @initialize()
    def begin(self) -> None:
        """The first recording is asked for and given."""
        self.apply(granted=True)

    @rule(granted=st.booleans())
    def apply(self, granted: bool) -> None:
        """The police ask for a minute that was recorded a moment ago."""
        start = self.office.clock.now() - 2 * MINUTE
        if self.cases and self.cases[-1][2].end > start:
            return
        self.office.record(self.camera, start, b"minute")
        number = entered(
            self.office.clock, self.camera, kind=Kind.DISCLOSURE, received_on=self.today, event_first=civil_date(start),
            times=(start, start + MINUTE),
        ).number  # fmt: skip
        cases.decide_case(
            number, State.GRANTED if granted else State.REFUSED, reasons="x", basis="§ 6", knowledge=not granted,
            person=self.people["head"], clock=self.office.clock, ledger=None,
        )  # fmt: skip
        self.cases.append((number, granted, Interval(start, start + MINUTE)))

    @rule(days=st.integers(1, 50))
    def wait(self, days: int) -> None:
        """Time goes by."""
        self.office.go_to(self.office.clock.now() + timedelta(days=days))

    @precondition(lambda self: self.copies)
    @rule(which=WHICH, before=st.integers(0, 1))
    def wait_for_a_last_day(self, which: int, before: int) -> None:
        """Time goes by up to the last day of a copy, or the day before."""
        day = self.copies[which % len(self.copies)].last_day - timedelta(days=before)
        if day > self.today:
            self.office.go_to(self.office.clock.now() + (day - self.today))

    @rule(which=WHICH, killed=st.booleans(), by=st.sampled_from(["administrator", "administrator", "clerk"]))
    def make(self, which: int, killed: bool, by: str) -> None:
        """Somebody makes a copy, and perhaps the program is killed before it is numbered."""
        case = which % len(self.cases)
        number, granted, interval = self.cases[case]
        last_day = three_months_after(civil_date(interval.start))
        try:
            with pytest.MonkeyPatch.context() as patch:
                if killed:
                    patch.setattr(making, "seal_parts", _die)
                services.make_copy(
                    services.Asked(number, self.camera, interval), person=self.people[by], keeping=self.office.keeping
                )  # fmt: skip
        except Killed:
            assert killed
            self.begun.append(case)
        except AccessRefusedError:
            assert by == "clerk"
            return
        except CopyRefusedError:
            assert not granted or last_day < self.today
            return
        else:
            self.copies.append(Copied(self._next("K"), last_day, case))
        assert (by, granted) == ("administrator", True)
        assert last_day >= self.today
        self.done["made"] += 1

    @rule()
    def finish(self) -> None:
        """A keeper finishes what a killed program left."""
        keeping = self.office.keeping
        assert services.finish_copies(keeping) + services.finish_destructions(keeping) == []
        for case in self.begun:
            last_day = three_months_after(civil_date(self.cases[case][2].start))
            self.copies.append(Copied(self._next("K"), last_day, case))
        self.begun.clear()
        for each in self.commissions:
            if each.state == "confirmed":
                self._gone(each)

    @precondition(lambda self: self.copies)
    @rule(which=WHICH, under=WHICH)
    def hand(self, which: int, under: int) -> None:
        """A clerk hands a copy over, under whatever application."""
        copy, case = self.copies[which % len(self.copies)], under % len(self.cases)
        number, granted, _ = self.cases[case]
        allowed = (
            copy.state == "kept"
            and which % len(self.copies) not in self._at_work()
            and granted
            and case == copy.case
            and copy.last_day >= self.today
        )
        handing = services.Handing(copy.number, number, "Jan Testowy", "asp.", "Policja")
        maker, giver = self.people["administrator"], self.people["clerk"]
        try:
            done = hand_over(handing, maker=maker, giver=giver, clock=self.office.clock)
        except (CopyRefusedError, CopyStateError):
            assert not allowed
            return
        assert allowed
        assert done.number == self._next("P")
        copy.state = "handed"
        self.handed.append(copy.number)
        self.done["handed"] += 1

    @precondition(lambda self: self.copies)
    @rule(
        which=st.sets(WHICH, min_size=1, max_size=3),
        members=st.sampled_from(
            [{"clerk", "secretary"}, {"clerk", "secretary", "deputy"}, {"clerk"}, {"clerk", "administrator"}]
        ),
        by=st.sampled_from(["head", "head", "clerk"]),
    )
    def appoint(self, which: set[int], members: set[str], by: str) -> None:
        """Somebody appoints a commission."""
        wanted = sorted({each % len(self.copies) for each in which})
        copies = [self.copies[each] for each in wanted]
        allowed = (
            by == "head"
            and len(members) >= 2
            and "administrator" not in members
            and not self._at_work() & set(wanted)
            and all(
                each.state in {"kept", "handed"} and each.last_day - timedelta(days=AHEAD) <= self.today
                for each in copies
            )
        )
        try:
            made = services.appoint_commission(
                [each.number for each in copies], [self.people[each].id for each in members], person=self.people[by],
                clock=self.office.clock,
            )  # fmt: skip
        except (AccessRefusedError, CopyRefusedError, CopyStateError):
            assert not allowed
            return
        assert allowed
        assert made.number == self._next("B")
        self.commissions.append(Appointed(wanted, frozenset(members)))

    @precondition(lambda self: self.commissions)
    @rule(which=WHICH, by=st.sampled_from(["clerk", "secretary", "deputy"]), killed=st.booleans())
    def confirm(self, which: int, by: str, killed: bool) -> None:
        """Somebody gives their word, and perhaps the program is killed once it is given."""
        commission = self.commissions[which % len(self.commissions)]
        allowed = (
            commission.state == "appointed"
            and by in commission.members - commission.words
            and all(self.copies[each].last_day <= self.today for each in commission.copies)
        )
        number = self._registered()[which % len(self.commissions)]
        try:
            with pytest.MonkeyPatch.context() as patch, suppress(Killed):
                if killed:
                    patch.setattr(destroying, "clear_folder", _die)
                services.confirm_destruction(
                    number, self._seen(commission), person=self.people[by], keeping=self.office.keeping, ledger=None
                )  # fmt: skip
        except (CopyRefusedError, CopyStateError):
            assert not allowed
            return
        assert allowed
        commission.words.add(by)
        if commission.words == commission.members:
            commission.state = "confirmed"
            for each in commission.copies:
                self.copies[each].state = "dying"
            if not killed:
                self._gone(commission)

    @precondition(lambda self: self.copies)
    @rule(which=WHICH, handed=st.booleans(), killed=st.booleans())
    def end_a_life(self, which: int, handed: bool, killed: bool) -> None:
        """A copy goes the whole way, as far as nothing before stands in it."""
        copy = which % len(self.copies)
        if handed:
            self.hand(copy, self.copies[copy].case)
        self.wait_for_a_last_day(copy, 0)
        before = len(self.commissions)
        self.appoint({copy}, {"clerk", "secretary"}, "head")
        for by in ("clerk", "secretary") if len(self.commissions) > before else ():
            self.confirm(before, by, killed)

    @precondition(lambda self: self.commissions)
    @rule(which=WHICH, reason=st.sampled_from(["nie ma kto", ""]))
    def dissolve(self, which: int, reason: str) -> None:
        """The head ends a commission."""
        commission = self.commissions[which % len(self.commissions)]
        number = self._registered()[which % len(self.commissions)]
        try:
            services.dissolve_commission(number, reason, person=self.people["head"], clock=self.office.clock)
        except (CopyRefusedError, CopyStateError):
            assert commission.state != "appointed" or not reason
            return
        assert commission.state == "appointed"
        assert reason
        commission.state = "dissolved"

    @invariant()
    def the_books_say_what_was_done(self) -> None:
        """Copies, hand-overs and their order; living keys are those of what lives or is being made; the dead have two words each."""
        found = {copy.number: copy for copy in every_copy()}
        assert list(found) == [each.number for each in self.copies]
        assert [each.state.value for each in found.values()] == [each.state for each in self.copies]
        assert [each.due_on for each in found.values()] == [each.last_day for each in self.copies]
        assert [row.copy.number for row in HandOver.objects.order_by("pk")] == self.handed
        keys = Counter(each.label for each in self.office.keys.alive() if each.kind == "copy")
        living = {copy.id.hex for copy in found.values() if copy.state.value in {"kept", "handed"}}
        dying = {copy.id.hex for copy in found.values() if copy.state.value == "dying"}
        assert living <= set(keys)
        assert len(set(keys) - living - dying) == len(self.begun)
        assert max(keys.values(), default=1) == 1

    @rule()
    def check(self) -> None:
        """The office's own check finds what a killed program left too long ago, and nothing else."""
        found = {finding.code for finding in checks.findings(self.office.keeping)}
        assert found <= {"copies.unfinished", "copies.undestroyed"}
        assert found == set() or self.begun or any(each.state == "confirmed" for each in self.commissions)

    def _seen(self, commission: Appointed) -> dict[int, services.Seen]:
        """What the members read off the carriers of a commission's copies."""
        copies = [queries.copy(self.copies[each].number) for each in commission.copies]
        return {one.key: services.Seen(one.sign, "pocięto") for copy in copies for one in copy.carriers}

    def _registered(self) -> list[str]:
        """Numbers of the commissions, in the order in which they were appointed."""
        return [each.number for each in reversed(queries.commissions())]

    def _at_work(self) -> set[int]:
        return {
            copy
            for each in self.commissions
            if each.state in {"appointed", "confirmed"}
            for copy in each.copies
        }

    def _gone(self, commission: Appointed) -> None:
        commission.state = "done"
        said = {act.actor for act in registers.acts(names=["commission.confirmed"]).acts}
        assert {str(self.people[each].id) for each in commission.members} <= said
        assert len(commission.members - {"administrator"}) >= 2
        for each in commission.copies:
            self.copies[each].state = "destroyed"
        self.done["destroyed"] += 1


def _die(*_given: Any) -> None:
    raise Killed


@pytest.mark.django_db
def test_copies_at_random() -> None:
    """Whatever is made, handed over, destroyed and killed, in whatever order."""
    CopiesMachine.done.clear()
    run_state_machine_as_test(
        CopiesMachine,
        settings=settings(
            max_examples=examples(24), stateful_step_count=30, suppress_health_check=list(HealthCheck)
        ),
    )
    assert CopiesMachine.done["made"]


@pytest.mark.django_db
def test_a_copy_lives_and_dies_by_the_model() -> None:
    """What is drawn may reach no end: one copy is handed over, destroyed by a program that is killed, and finished."""
    CopiesMachine.done.clear()
    machine = CopiesMachine()
    try:
        machine.begin()
        machine.make(0, killed=False, by="administrator")
        machine.end_a_life(0, handed=True, killed=True)
        machine.the_books_say_what_was_done()
        machine.finish()
        machine.the_books_say_what_was_done()
        machine.check()
    finally:
        machine.teardown()
    assert dict(CopiesMachine.done) == {"made": 1, "handed": 1, "destroyed": 1}
