"""What circumstances add to roles: the pure rule against a table written the other way round, and what is entered for it."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import product

import pytest

from rejent.kernel.clock import ManualClock, local_midnight
from rejent.office import queries, services
from rejent.office.errors import (
    AbsenceRefusedError,
    AgreementEnteredError,
    AgreementRefusedError,
    FaultRefusedError,
    NoSuchAbsenceError,
    NoSuchAgreementError,
    NoSuchFaultError,
    NotEntrustedError,
    PersonRefusedError,
)
from rejent.office.models import Account, PersonRole
from rejent.office.people import absences, maintenance, standing
from rejent.office.people.duties import Circumstances, Duty, duties
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from tests.unit.office_services.conftest import TODAY

People = Callable[..., PersonView]
DAY = timedelta(days=1)
ROLES = ["head", "deputy", "secretary", "contractor", "administrator", "viewer"]


@pytest.mark.parametrize("roles", [frozenset(pair) for pair in product(ROLES, ROLES)])
def test_duties_agree_with_a_table_written_independently(roles: frozenset[str]) -> None:
    """Every pair of roles under every combination of circumstances carries what the regulations' words come to."""
    for away, lets, fault, agreement in product([True, False], repeat=4):
        for issuers in (frozenset({"head"}), frozenset({"secretary"}), frozenset[str]()):
            found = duties(roles, Circumstances(away, lets, issuers, fault, agreement))
            acts = "deputy" in roles and "head" not in roles and away and lets
            if "contractor" in roles:
                assert found == ({"called-in"} if fault and agreement else set())
                continue
            assert ("acting-head" in found) is acts
            assert ("issuer" in found) is bool(issuers & roles or ("head" in issuers and acts))
            assert "called-in" not in found


@pytest.fixture
def deputising(clock: ManualClock, db: None) -> int:  # noqa: ARG001 - asked for its effect
    """Miedziana Góra's regulation, whose deputy decides in the head's absence."""
    return services.activate_regulation(
        example("miedziana-gora"), in_force_from=date(2026, 2, 1), clock=clock, actor="cli"
    )


@pytest.fixture
def serviced(clock: ManualClock, db: None) -> int:  # noqa: ARG001 - asked for its effect
    """Wałbrzych's regulation, whose contractor comes on a fault."""
    return services.activate_regulation(
        example("walbrzych-mops"), in_force_from=date(2026, 2, 1), clock=clock, actor="cli"
    )


def acting(person: PersonView, clock: ManualClock) -> bool:
    """Whether somebody decides in the head's place now."""
    return Duty.ACTING_HEAD in (standing.current_roles(person.id, clock=clock) or frozenset())


def test_a_head_deleted_by_hand_makes_no_deputy_act(
    deputising: int,  # noqa: ARG001 - asked for its effect
    add: People,
    clock: ManualClock,
) -> None:
    """Heads are counted by the word of the ledger; while any person's rows differ from it, nobody counts as away."""
    old, new = add("old", roles=["head"]), add("new", roles=["head"])
    deputy = add("deputy", roles=["deputy"])
    services.enter_absence(old.id, TODAY, None, clock=clock, actor="cli")
    assert not acting(deputy, clock)
    PersonRole.objects.filter(person_id=new.id).delete()
    assert not acting(deputy, clock)
    assert absences.away(TODAY) == []


def called_in(person: PersonView, clock: ManualClock) -> bool:
    """Whether a contractor may work now."""
    return Duty.CALLED_IN in (standing.current_roles(person.id, clock=clock) or frozenset())


def sessions(person: PersonView) -> int:
    """How often every session of somebody was ended."""
    return Account.objects.get(person_id=person.id).sessions_ended


@pytest.mark.usefixtures("deputising")
def test_the_deputy_acts_from_midnight_to_midnight(add: People, clock: ManualClock) -> None:
    """From the first local midnight of the absence to the one after its last day, the day with 25 hours included."""
    head, deputy = add("head", roles=["head"]), add("deputy", roles=["deputy"])
    clock.advance(local_midnight(date(2027, 3, 27)) - clock.now())
    services.enter_absence(head.id, date(2027, 3, 28), date(2027, 3, 28), clock=clock, actor="cli")
    for instant, expected in (
        (local_midnight(date(2027, 3, 28)) - timedelta(microseconds=1), False),
        (local_midnight(date(2027, 3, 28)), True),
        (local_midnight(date(2027, 3, 29)) - timedelta(microseconds=1), True),
        (local_midnight(date(2027, 3, 29)), False),
    ):
        clock.advance(instant - clock.now())
        assert acting(deputy, clock) is expected
        assert bool(standing.in_place_of(str(deputy.id), clock=clock)) is expected
    assert not acting(head, clock)


@pytest.mark.usefixtures("deputising")
def test_an_open_absence_ends_when_the_head_is_back(add: People, clock: ManualClock) -> None:
    """Without a last day it lasts; ended, the deputy decides nothing more, unless another absence still runs."""
    head, deputy = add("head", roles=["head"]), add("deputy", roles=["deputy"])
    first = services.enter_absence(head.id, TODAY, None, clock=clock, actor=str(head.id))
    second = services.enter_absence(head.id, TODAY, TODAY + DAY, clock=clock, actor="cli")
    clock.advance(400 * DAY)
    assert acting(deputy, clock)
    clock.advance(-399 * DAY)
    services.end_absence(first.id, clock=clock, actor=str(head.id))
    assert acting(deputy, clock)
    assert services.end_absence(second.id, clock=clock, actor=str(head.id)).ended_at == clock.now()
    assert not acting(deputy, clock)
    services.end_absence(second.id, clock=clock, actor="cli")
    told = [act.act for act in registers.acts(names=["absence.entered", "absence.ended"]).acts]
    assert told == ["absence.ended"] * 2 + ["absence.entered"] * 2
    assert {view.ended_by for view in absences.absences()} == {str(head.id)}


@pytest.mark.usefixtures("deputising")
def test_while_one_head_is_there_the_deputy_waits(add: People, clock: ManualClock) -> None:
    """With two heads both have to be away; an office without a head is not one whose head is absent."""
    deputy = add("deputy", roles=["deputy"])
    assert not acting(deputy, clock)
    heads = [add(f"head{number}", roles=["head"]) for number in range(2)]
    for head in heads:
        assert not acting(deputy, clock)
        services.enter_absence(head.id, TODAY, None, clock=clock, actor="cli")
    assert acting(deputy, clock)
    for head in heads:
        services.person_left(head.id, clock=clock, actor="cli")
    assert not acting(deputy, clock)


def test_a_regulation_that_names_no_deputy_lets_none_act(add: People, clock: ManualClock) -> None:
    """In Pleszew's kind of office the absence is entered, and changes nothing."""
    head, deputy = add("head", roles=["head"]), add("deputy", roles=["deputy"])
    services.enter_absence(head.id, TODAY, None, clock=clock, actor="cli")
    assert absences.away(TODAY) == [head.id]
    assert not acting(deputy, clock)


@pytest.mark.usefixtures("deputising")
def test_the_deputy_enters_no_absence_to_act_by(add: People, clock: ManualClock) -> None:
    """Not either where the same person is secretary too; nothing is left of the attempt."""
    head, deputy = add("head", roles=["head"]), add("deputy", roles=["deputy", "secretary"])
    with pytest.raises(NotEntrustedError):
        services.enter_absence(head.id, TODAY, None, clock=clock, actor=str(deputy.id))
    assert absences.absences() == []
    assert not acting(deputy, clock)


@pytest.mark.usefixtures("deputising")
def test_an_absence_that_could_not_be_is_refused(add: People, clock: ManualClock) -> None:
    """Nobody but a head is absent in this sense, none begins before today, and none is over before it begins."""
    head, deputy = add("head", roles=["head"]), add("deputy", roles=["deputy"])
    for person, first, last in (
        (deputy, TODAY, None),
        (head, TODAY, TODAY - DAY),
        (head, TODAY - DAY, None),
        (head, TODAY - DAY, TODAY + DAY),
        (head, date(2020, 1, 1), TODAY),
    ):
        with pytest.raises(AbsenceRefusedError):
            services.enter_absence(person.id, first, last, clock=clock, actor="cli")
    with pytest.raises(NoSuchAbsenceError):
        services.end_absence(7, clock=clock, actor="cli")


@pytest.mark.usefixtures("deputising")
def test_the_deputy_who_acts_makes_no_head_and_no_deputy(add: People, clock: ManualClock) -> None:
    """Nor resets the head's password to sign in as the head; of the other entrusted roles the record says for whom."""
    head, deputy, clerk = add("head", roles=["head"]), add("deputy", roles=["deputy"]), add("clerk")
    services.enter_absence(head.id, TODAY, None, clock=clock, actor="cli")
    actor = str(deputy.id)
    for role in ("head", "deputy"):
        with pytest.raises(NotEntrustedError):
            services.set_roles(clerk.id, [role], clock=clock, actor=actor)
    with pytest.raises(NotEntrustedError):
        services.set_password(head.id, "another long quiet river", clock=clock, actor=actor)
    with pytest.raises(PersonRefusedError):
        services.set_roles(deputy.id, ["deputy", "viewer"], clock=clock, actor=actor)
    services.set_roles(clerk.id, ["secretary"], clock=clock, actor=actor)
    (entered,) = registers.acts(names=["person.roles-set"]).acts
    assert entered.facts is not None
    assert entered.facts["in_place_of"] == str(head.id)


def agree(add: People, clock: ManualClock, number: str = "UP/7/2026", **changed: object) -> PersonView:
    """A contractor whom an agreement covers, from today on."""
    contractor = add(f"firm{number[3]}", roles=["contractor"])
    given: dict[str, object] = {
        "party": "Serwis Przykładowy sp. z o.o.",
        "concluded_on": TODAY,
        "valid_from": TODAY,
        "valid_until": None,
        "people": [contractor.id],
        "actor": "cli",
    }
    services.add_agreement(number=number, clock=clock, **{**given, **changed})  # type: ignore[arg-type]  # each value has its parameter's type
    return contractor


def fault(clock: ManualClock, source: str = "", stream: str = "") -> str:
    """The number of a fault that was opened now."""
    opened = services.open_fault(
        description="Rejestrator nie zapisuje.", source=source, stream=stream, clock=clock, actor="cli"
    )
    return opened.number


@pytest.mark.usefixtures("serviced")
def test_a_contractor_is_called_in_by_a_fault_under_an_agreement_only(
    add: People, clock: ManualClock
) -> None:
    """Neither suffices alone, nobody outside the agreement comes, and closing the fault ends every session at once."""
    contractor = agree(add, clock)
    stranger = add("stranger", roles=["contractor"])
    assert not called_in(contractor, clock)
    number = fault(clock)
    assert number == "A-2026-1"
    assert called_in(contractor, clock)
    assert not called_in(stranger, clock)
    before = sessions(contractor)
    services.close_fault(number, outcome="Wymieniono zasilacz.", clock=clock, actor="cli")
    assert not called_in(contractor, clock)
    assert sessions(contractor) == before + 1
    services.close_fault(number, outcome="Jeszcze raz.", clock=clock, actor="cli")
    assert maintenance.fault(number).outcome == "Wymieniono zasilacz."
    assert sessions(contractor) == before + 1
    entered = [act.act for act in registers.acts(names=["fault.opened", "fault.closed"]).acts]
    assert entered == ["fault.closed", "fault.opened"]


@pytest.mark.usefixtures("serviced")
def test_an_agreement_ends_at_local_midnight_or_when_it_is_ended(add: People, clock: ManualClock) -> None:
    """Its last day counts whole; ended by hand it counts no more, and the sessions of whom it covers end."""
    contractor = agree(add, clock, valid_from=TODAY + DAY, valid_until=TODAY + 2 * DAY)
    other = agree(add, clock, number="UP/8/2026")
    fault(clock)
    assert not called_in(contractor, clock)
    for instant, expected in (
        (local_midnight(TODAY + DAY), True),
        (local_midnight(TODAY + 3 * DAY) - timedelta(microseconds=1), True),
        (local_midnight(TODAY + 3 * DAY), False),
    ):
        clock.advance(instant - clock.now())
        assert called_in(contractor, clock) is expected
        assert called_in(other, clock)
    services.end_agreement("UP/8/2026", clock=clock, actor="cli")
    assert not called_in(other, clock)
    assert (sessions(other), sessions(contractor)) == (1, 0)
    services.end_agreement("UP/8/2026", clock=clock, actor="cli")
    assert sessions(other) == 1


def test_where_the_regulation_knows_no_contractor_none_comes(add: People, clock: ManualClock) -> None:
    """Faults and agreements are kept in Pleszew's kind of office too, and open nothing."""
    contractor = agree(add, clock)
    fault(clock)
    assert not called_in(contractor, clock)


@pytest.mark.usefixtures("serviced")
def test_a_fault_of_a_source_opens_that_source_only(add: People, clock: ManualClock) -> None:
    """Of a stream that the regulation lets the contractor attend to; a fault of the machine opens every source."""
    contractor = agree(add, clock)
    fault(clock, source="kamera", stream="video")
    assert not called_in(contractor, clock)
    fault(clock, source="linia", stream="calls")
    assert called_in(contractor, clock)
    assert maintenance.reach(TODAY) == frozenset({"linia"})
    fault(clock)
    assert maintenance.reach(TODAY) is None


@pytest.mark.usefixtures("serviced")
def test_what_cannot_be_a_fault_or_an_agreement_is_refused(add: People, clock: ManualClock) -> None:
    """Words that are missing or unseen, days that do not fit, people who are no contractors, numbers used twice."""
    contractor, clerk = agree(add, clock), add("clerk")
    for words in ("", "  ", "x" * 2001, "a\u200bb"):
        with pytest.raises(FaultRefusedError):
            services.open_fault(description=words, source="", stream="", clock=clock, actor="cli")
    number = fault(clock)
    with pytest.raises(FaultRefusedError):
        services.close_fault(number, outcome=" ", clock=clock, actor="cli")
    with pytest.raises(NoSuchFaultError):
        services.close_fault("A-2026-9", outcome="Nic.", clock=clock, actor="cli")
    with pytest.raises(NoSuchAgreementError):
        services.end_agreement("UP/9", clock=clock, actor="cli")
    with pytest.raises(AgreementEnteredError):
        add_again(clock, people=[contractor.id])
    refused: tuple[dict[str, object], ...] = (
        {"people": []},
        {"people": [clerk.id, contractor.id]},
        {"number": ""},
        {"party": " "},
        {"concluded_on": TODAY + DAY},
        {"valid_from": TODAY - DAY},
        {"valid_until": TODAY - DAY},
    )
    for changed in refused:
        with pytest.raises(AgreementRefusedError):
            add_again(clock, **{"people": [contractor.id], "number": "UP/8/2026", **changed})
    assert [view.number for view in maintenance.agreements()] == ["UP/7/2026"]


def add_again(clock: ManualClock, **changed: object) -> None:
    """The agreement of the number that is there, or a changed one."""
    given: dict[str, object] = {
        "number": "UP/7/2026",
        "party": "Serwis",
        "concluded_on": TODAY,
        "valid_from": TODAY,
        "valid_until": None,
        "actor": "cli",
    }
    services.add_agreement(clock=clock, **{**given, **changed})  # type: ignore[arg-type]  # each value has its parameter's type


def test_who_loses_a_role_loses_the_sessions(add: People, clock: ManualClock) -> None:
    """A role more leaves them, a role less ends them, and so does leaving."""
    clerk = add("clerk", roles=["clerk"])
    services.set_roles(clerk.id, ["clerk", "viewer"], clock=clock, actor="cli")
    assert sessions(clerk) == 0
    services.set_roles(clerk.id, ["viewer"], clock=clock, actor="cli")
    assert sessions(clerk) == 1
    services.person_left(clerk.id, clock=clock, actor="cli")
    assert sessions(clerk) == 2


def test_a_regulation_may_let_another_issue_authorisations(add: People, clock: ManualClock) -> None:
    """Where it names the secretary, the secretary has the duty, and the head has not."""
    text = example("pleszew").replace('authorised_by = "head"', 'authorised_by = "secretary"')
    services.activate_regulation(text, in_force_from=date(2026, 2, 1), clock=clock, actor="cli")
    head, secretary = add("head", roles=["head"]), add("secretary", roles=["secretary"])
    assert standing.issuers("video", TODAY) == {"secretary"}
    assert Duty.ISSUER in standing.on_duty(queries.person(secretary.id), clock=clock).roles
    assert Duty.ISSUER not in standing.on_duty(queries.person(head.id), clock=clock).roles
    assert standing.issuers("calls", TODAY) == frozenset()
