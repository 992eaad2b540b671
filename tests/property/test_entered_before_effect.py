"""An office in which people act at random while the program dies at any write, against a list of what it acknowledged: promise I3.

Whatever was acknowledged stands in the ledger, in that order and once; whatever was not has left neither an entry nor a row. The
same test runs on both databases.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from rejent.access import checks, queries, services
from rejent.access.rules.decision import Statement
from rejent.access.viewings import protocols
from rejent.devices import services as devices
from rejent.kernel.clock import ManualClock, civil_date
from rejent.kernel.errors import RejentError
from rejent.ledger.merkle import RightEdge, leaf_hash
from rejent.office import checks as office_checks
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.registers.models import Entry
from tests.examples import examples
from tests.people import add_person
from tests.unit.access.conftest import PASSWORD, add_camera

START = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
RECORDED = START - timedelta(hours=1)
REGULATION = example("elblag").replace(
    'clause = "ust. 1 pkt 6–7"',
    'second_person = "for-unauthorised"\ncontractor = "on-fault"\nclause = "ust. 1 pkt 6–7"',
    1,
)
WHO = st.integers(0, 1)
DIES = st.one_of(st.just(0), st.integers(1, 9))
"""At which write the program dies; at none for 0."""


class Killed(BaseException):
    """The program ends here."""


class Death:
    """Ends the program at a write to the database, counted from 1."""

    def __init__(self, at: int) -> None:
        self.left = at

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Let a statement through, or die before it."""
        if sql.lstrip()[:6].upper() in {"INSERT", "UPDATE", "DELETE"}:
            self.left -= 1
            if self.left == 0:
                raise Killed
        return execute(sql, params, many, context)


class EnteringMachine(RuleBasedStateMachine):
    """What people do in an office, each act either acknowledged or cut off."""

    acknowledged = died = 0

    def __init__(self) -> None:
        super().__init__()
        self._transaction = transaction.atomic()
        self._transaction.__enter__()
        self.clock = ManualClock(START)
        office.activate_regulation(REGULATION, in_force_from=civil_date(START), clock=self.clock, actor="")
        self.camera = add_camera("Camera", self.clock)
        self.viewers = [self._person("viewer", number) for number in range(2)]
        self.head, self.firm = self._person("head", 0), self._person("contractor", 0)
        self.rights: list[str] = []
        self.open: dict[UUID, PersonView] = {}
        self.asked: list[UUID] = []
        self.stations: list[int] = []
        self.away: list[int] = []
        self.faults: list[str] = []
        self.agreements: list[str] = []
        self.said = ledger()
        for who in range(2):
            self.authorise(who, 0)

    def _person(self, role: str, number: int) -> PersonView:
        name = f"{role}{number}"
        return add_person(
            name, post="", roles=[role], username=name, password=PASSWORD, clock=self.clock, actor=""
        )

    def teardown(self) -> None:
        """Rows, records and root are what the ledger says; leave nothing behind."""
        leaves = [bytes(leaf) for leaf in Entry.objects.order_by("pk").values_list("leaf", flat=True)]
        root = RightEdge().appended([leaf_hash(leaf) for leaf in leaves]).root()
        told = registers.tree_head().root, all(map(registers.is_committed, Entry.objects.all()))
        found = {each.code for each in (*checks.findings(self.clock), *office_checks.findings(self.clock))}
        transaction.set_rollback(True)
        self._transaction.__exit__(None, None, None)
        assert told == (root, True)
        assert found <= {"access.viewing-open"}

    # --- What happens --------------------------------------------------------------------------------------------------

    @rule(who=WHO, dies=DIES)
    def authorise(self, who: int, dies: int) -> None:
        """The head authorises somebody."""
        today = civil_date(self.clock.now())
        issue = partial(
            services.issue_authorisation, person_id=self.viewers[who].id, acts=["recordings"], stream="video",
            source_ids=[self.camera], valid_from=today, valid_until=today + timedelta(days=2),
        )  # fmt: skip
        made = self._act("authorisation.issued", issue, dies, actor=str(self.head.id))
        self.rights += [made.number] if made else []

    @precondition(lambda self: self.rights)
    @rule(dies=DIES)
    def revoke(self, dies: int) -> None:
        """The newest authorisation is revoked."""
        if self._act(
            "authorisation.revoked", partial(services.revoke_authorisation, self.rights[-1]), dies, actor=""
        ):
            self.rights.pop()

    @rule(who=WHO, dies=DIES)
    def open_recording(self, who: int, dies: int) -> None:
        """Somebody opens a recording; nobody sees it without the entry."""
        begin = partial(
            services.open_viewing, person=self.viewers[who], source_id=self.camera, start=RECORDED, end=START,
            purpose=self._purpose(), case="OR.1", session=f"{who}", acknowledged=True,
        )  # fmt: skip
        viewing = self._act("viewing.opened", begin, dies)
        if viewing:
            self.open[viewing.id] = self.viewers[who]

    @precondition(lambda self: self.open)
    @rule(dies=DIES, minute=st.integers(0, 3))
    def see(self, dies: int, minute: int) -> None:
        """A part is handed out: noted before, and entered when the viewing ends."""
        begin = RECORDED + timedelta(minutes=minute)
        note = partial(services.note_seen, list(self.open)[-1], begin, begin + timedelta(minutes=1), "clip")
        self._act("", note, dies)

    @precondition(lambda self: self.open)
    @rule(dies=DIES)
    def enter_guest(self, dies: int) -> None:
        """A guest joins the newest viewing."""
        viewing, person = list(self.open.items())[-1]
        guest = partial(
            services.enter_guest, viewing, person=person, session=str(self.viewers.index(person)), name="Gość",
            function="świadek", reason="rozpoznaje",
        )  # fmt: skip
        self._act("viewing.guest-entered", guest, dies)

    @precondition(lambda self: self.open)
    @rule(dies=DIES, finish=st.booleans())
    def close(self, dies: int, *, finish: bool) -> None:
        """The newest viewing ends, and perhaps its protocol is finished."""
        viewing, person = list(self.open.items())[-1]
        number = queries.viewing(viewing).number
        before = len(self.said)
        self._act("viewing.closed", partial(services.close_viewing, viewing), dies, actor="")
        if len(self.said) > before:
            del self.open[viewing]
        if finish and protocols.unfinished(person.id):
            texts = dict.fromkeys(protocols.protocol(number).fields, "Nothing.")
            done = partial(services.finish_protocol, number, texts, person=person)
            self._act("protocol.finished", done, dies)

    @rule(who=WHO, dies=DIES)
    def ask_second(self, who: int, dies: int) -> None:
        """Somebody asks for a second person from elsewhere."""
        ask = partial(
            services.ask_second, person=self.viewers[who], source_id=self.camera, interval=(RECORDED, START),
            position=RECORDED, session=f"{who}", statement=Statement(self._purpose(), "OR.1", acknowledged=True),
        )  # fmt: skip
        made = self._act("viewing.second-asked", ask, dies)
        self.asked += [made.id] if made else []

    @precondition(lambda self: self.asked)
    @rule(who=WHO, dies=DIES, agrees=st.booleans())
    def answer(self, who: int, dies: int, *, agrees: bool) -> None:
        """The other one agrees or declines."""
        given = partial(
            services.answer_second,
            self.asked[-1],
            second=self.viewers[who],
            session="elsewhere",
            agrees=agrees,
        )
        if self._act("viewing.second-answered", given, dies):
            self.asked.pop()

    @rule(dies=DIES)
    def enrol(self, dies: int) -> None:
        """A station is enrolled."""
        number = len(Entry.objects.filter(act="device.enrolled"))
        enrol = partial(
            devices.enrol_station, name=f"S{number}", place="", address="", fingerprint=f"{number:064x}",
            expires_at=START + timedelta(days=9),
        )  # fmt: skip
        made = self._act("device.enrolled", enrol, dies, actor="")
        self.stations += [made.id] if made else []

    @precondition(lambda self: self.stations)
    @rule(dies=DIES)
    def strike(self, dies: int) -> None:
        """A station is struck off."""
        off = partial(devices.revoke_device, self.stations[-1], reason="zgubione")
        before = len(self.said)
        self._act("device.revoked", off, dies, actor="")
        if len(self.said) > before:
            self.stations.pop()

    @rule(dies=DIES)
    def go_away(self, dies: int) -> None:
        """The head's absence is entered."""
        today = civil_date(self.clock.now())
        made = self._act(
            "absence.entered", partial(office.enter_absence, self.head.id, today, None), dies, actor=""
        )
        self.away += [made.id] if made else []

    @precondition(lambda self: self.away)
    @rule(dies=DIES)
    def come_back(self, dies: int) -> None:
        """The absence is ended."""
        before = len(self.said)
        self._act("absence.ended", partial(office.end_absence, self.away[-1]), dies, actor="")
        if len(self.said) > before:
            self.away.pop()

    @rule(dies=DIES)
    def break_down(self, dies: int) -> None:
        """A fault is opened."""
        fault = partial(office.open_fault, description="broken", source="", stream="")
        made = self._act("fault.opened", fault, dies, actor="")
        self.faults += [made.number] if made else []

    @precondition(lambda self: self.faults)
    @rule(dies=DIES)
    def mend(self, dies: int) -> None:
        """It is closed."""
        if self._act(
            "fault.closed", partial(office.close_fault, self.faults[-1], outcome="mended"), dies, actor=""
        ):
            self.faults.pop()

    @rule(dies=DIES)
    def agree(self, dies: int) -> None:
        """An agreement names the contractor."""
        number, today = f"UP/{len(self.said)}", civil_date(self.clock.now())
        agreement = partial(
            office.add_agreement, number=number, party="firm", concluded_on=today, valid_from=today, valid_until=None,
            people=[self.firm.id],
        )  # fmt: skip
        self._act("agreement.entered", agreement, dies, actor="")

    @rule(hours=st.integers(1, 14), dies=DIES)
    def wait(self, hours: int, dies: int) -> None:
        """Time passes, perhaps a midnight, and the keeper closes what has ended."""
        self.clock.advance(timedelta(hours=hours))
        self._act("viewing.closed", services.close_ended_viewings, dies)
        self.open = {key: who for key, who in self.open.items() if queries.viewing(key).closed_at is None}

    @invariant()
    def the_ledger_is_what_was_acknowledged(self) -> None:
        """Every acknowledged act stands there, in order, and nothing else does."""
        assert ledger() == self.said

    # --- How it is done ------------------------------------------------------------------------------------------------

    def _act(self, name: str, act: Callable[..., Any], dies: int, **given: Any) -> Any:
        """Do something, die at a write of it or not; what it gave, or nothing where it was refused or cut off."""
        before = rows()
        try:
            with connection.execute_wrapper(Death(dies)):
                made = act(clock=self.clock, **given)
        except Killed:
            assert rows() == before, "something is left of what was cut off"
            type(self).died += 1
            return None
        except RejentError:
            entered = ledger()[len(self.said) :]
            assert set(entered) <= {"access.refused"}
            self.said += entered
            return None
        entered = ledger()[len(self.said) :]
        assert set(entered) <= {name}
        assert name in entered or rows() == before or not name, f"{name} has an effect and no entry"
        self.said += entered
        type(self).acknowledged += len(entered)
        return made

    def _purpose(self) -> str:
        return next(iter(queries.purposes("video", clock=self.clock)))


def ledger() -> list[str]:
    """The names of the acts in the ledger, in order."""
    return list(Entry.objects.order_by("pk").values_list("act", flat=True))


def rows() -> dict[str, list[Any]]:
    """Every row that the program keeps, as it stands."""
    kept = [each for each in apps.get_models() if each.__module__.startswith("rejent.")]
    return {model.__name__: list(model._default_manager.order_by("pk").values_list()) for model in kept}


@pytest.mark.usefixtures("db")
def test_what_was_acknowledged_is_entered_and_what_was_cut_off_never_was() -> None:
    """At whichever write the program dies: no effect without its entry, and no acknowledged act missing, twice or out of order."""
    run_state_machine_as_test(
        EnteringMachine,
        settings=settings(
            max_examples=examples(8, least=8),
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert min(EnteringMachine.acknowledged, EnteringMachine.died) > 20
