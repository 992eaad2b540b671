"""People, roles, accounts and tokens."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import authenticate
from django.test import Client

from rejent.kernel.clock import ManualClock
from rejent.office import queries, services
from rejent.office.errors import (
    NoSuchPersonError,
    NoSuchTokenError,
    NotEntrustedError,
    PasswordRefusedError,
    PersonRefusedError,
    UserNameTakenError,
)
from rejent.office.models import Account, Token
from rejent.office.people import standing
from rejent.office.people.duties import ENTRUSTED, may_change
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from tests.unit.office_services.conftest import NOON, PASSWORD, TODAY

OTHER = "another long river"

Adder = Callable[..., PersonView]


def test_a_person_is_entered_with_an_account_and_found_again(add: Adder) -> None:
    """By identifier, by user name in any case, and in the list; the register names neither person nor password."""
    clerk = add("Clerk.One", roles=["viewer", "clerk", "viewer"])
    assert queries.person(clerk.id) == queries.person(str(clerk.id)) == clerk
    assert queries.person_by_username("clerk.one") == clerk
    assert queries.people() == [clerk]
    assert clerk.roles == {"clerk", "viewer"}
    assert clerk.joined_on == TODAY
    assert "Person" not in repr(clerk).removeprefix("PersonView")
    (entered,) = registers.acts(names=["person.added"]).acts
    assert entered.facts is not None
    assert {name: entered.facts[name] for name in ("person", "roles")} == {
        "person": str(clerk.id),
        "roles": "clerk viewer",
    }
    assert set(entered.facts) == {"person", "roles", "account", "digest", "sign_in"}


def test_passwords_are_stored_with_argon2_only(add: Adder) -> None:
    """What is stored opens with the right password and is not it."""
    add("clerk")
    stored = Account.objects.get(username="clerk").password
    assert stored.startswith("argon2")
    assert PASSWORD not in stored
    assert authenticate(username="clerk", password=PASSWORD) is not None


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"roles": []}, PersonRefusedError),
        ({"roles": ["king"]}, PersonRefusedError),
        ({"username": "two words"}, PersonRefusedError),
        ({"username": "FIRST"}, UserNameTakenError),
        ({"password": "short"}, PasswordRefusedError),
        ({"password": "password1234"}, PasswordRefusedError),
        ({"post": "x" * 121}, PersonRefusedError),
        ({"post": "clerk\nhead"}, PersonRefusedError),
        ({"username": "clerk\u202e"}, PersonRefusedError),
        ({"username": "сlerk"}, PersonRefusedError),
        ({"username": "cl\u0435rk"}, PersonRefusedError),
        ({"username": "admın"}, PersonRefusedError),
        ({"username": "\uff46irst"}, PersonRefusedError),
        ({"username": "\u0661"}, PersonRefusedError),
        ({"username": ""}, PersonRefusedError),
    ],
)
def test_what_cannot_be_a_person_is_refused_whole(
    add: Adder, changed: dict[str, object], error: type[Exception]
) -> None:
    """No role, an unknown one, a taken name in another case, a weak password: nothing is entered."""
    add("first")
    with pytest.raises(error) as refused:
        add(**{"username": "second", **changed})  # type: ignore[arg-type]  # each value has its parameter's type
    assert "password1234" not in str(refused.value)
    assert len(queries.people()) == 1
    assert Account.objects.count() == 1


def test_roles_are_set_by_somebody_else(add: Adder, clock: ManualClock) -> None:
    """Nobody changes their own roles; setting the same ones again enters nothing."""
    person = add()
    changed = services.set_roles(person.id, ["viewer", "clerk"], clock=clock, actor="cli")
    assert changed.roles == {"viewer", "clerk"}
    services.set_roles(person.id, ["clerk", "viewer"], clock=clock, actor="cli")
    assert len(registers.acts(names=["person.roles-set"]).acts) == 1
    with pytest.raises(PersonRefusedError):
        services.set_roles(person.id, ["head"], clock=clock, actor=str(person.id))
    assert queries.person(person.id).roles == {"viewer", "clerk"}


@pytest.mark.parametrize("role", sorted(ENTRUSTED))
def test_who_runs_the_system_cannot_make_up_who_decides_or_supervises(
    add: Adder, clock: ManualClock, role: str
) -> None:
    """An administrator neither gives nor takes such a role; a head does (R-ACC-9)."""
    administrator, head, clerk = (
        str(add("asi", roles=["administrator"]).id),
        add("head", roles=["head"]),
        add("clerk"),
    )
    with pytest.raises(NotEntrustedError):
        add("second", roles=["viewer", role], actor=administrator)
    with pytest.raises(NotEntrustedError):
        services.set_roles(clerk.id, ["clerk", role], clock=clock, actor=administrator)
    assert services.set_roles(clerk.id, [role], clock=clock, actor=str(head.id)).roles == {role}
    with pytest.raises(NotEntrustedError):
        services.set_roles(clerk.id, ["clerk"], clock=clock, actor=administrator)
    assert add("third", roles=["viewer"], actor=administrator).roles == {"viewer"}


@pytest.mark.parametrize("role", sorted(ENTRUSTED))
def test_who_runs_the_system_is_not_rid_of_who_decides_or_supervises_nor_signs_in_as_one(
    add: Adder, clock: ManualClock, role: str
) -> None:
    """An administrator neither closes such an account nor sets its password; a head does, and the machine's shell."""
    administrator, head, held = (
        str(add("asi", roles=["it-unit"]).id),
        add("head", roles=["head"]),
        add("held", roles=[role]),
    )
    with pytest.raises(NotEntrustedError):
        services.person_left(held.id, clock=clock, actor=administrator)
    with pytest.raises(NotEntrustedError):
        services.set_password(held.id, OTHER, clock=clock, actor=administrator)
    assert authenticate(username="held", password=PASSWORD) is not None
    services.set_password(held.id, OTHER, clock=clock, actor="cli")
    assert authenticate(username="held", password=OTHER) is not None
    services.person_left(held.id, clock=clock, actor=str(head.id))
    assert authenticate(username="held", password=OTHER) is None


def test_who_leaves_can_do_nothing_more_and_stays_in_the_books(add: Adder, clock: ManualClock) -> None:
    """Account closed, tokens dead, not in the list of people; still found where the register names them."""
    person = add("leaver")
    token = services.create_token(person.id, label="script", days=30, clock=clock, actor="cli")
    services.person_left(person.id, clock=clock, actor="cli")
    services.person_left(person.id, clock=clock, actor="cli")
    assert queries.person_of_token(token, clock=clock) is None
    assert authenticate(username="leaver", password=PASSWORD) is None
    assert queries.people() == []
    (left,) = queries.people(left=True)
    assert left.left_on == TODAY
    assert not left.active(TODAY)
    assert left.active(TODAY - timedelta(days=1)) is False
    assert len(registers.acts(names=["person.left"]).acts) == 1
    with pytest.raises(PersonRefusedError):
        services.create_token(person.id, label="", days=1, clock=clock, actor="cli")


def test_a_new_password_replaces_the_old_one(add: Adder, clock: ManualClock) -> None:
    """Only the new one opens; a weak one leaves the old."""
    person = add("clerk")
    services.set_password(person.id, OTHER, clock=clock, actor="cli")
    assert authenticate(username="clerk", password=PASSWORD) is None
    assert authenticate(username="clerk", password="another long river") is not None
    with pytest.raises(PasswordRefusedError):
        services.set_password(person.id, "short", clock=clock, actor="cli")
    assert authenticate(username="clerk", password="another long river") is not None


def test_lost_codes_are_taken_off_with_the_password(add: Adder, clock: ManualClock) -> None:
    """Only where that is asked for, and the register says how many there were."""
    person = add("clerk")
    account = Account.objects.get(person_id=person.id)
    with services.entering_authenticators(person.id, clock=clock, actor="cli"):
        Authenticator.objects.create(user=account, type="totp", data={})
    services.set_password(person.id, OTHER, clock=clock, actor="cli")
    assert Authenticator.objects.filter(user=account).count() == 1
    services.set_password(
        person.id, "a third quiet river", clock=clock, actor="cli", without_second_step=True
    )
    assert not Authenticator.objects.filter(user=account).exists()
    later, earlier = registers.acts(names=["person.password-set"]).acts
    assert (earlier.facts["second_steps_removed"], later.facts["second_steps_removed"]) == (0, 1)


def test_a_token_opens_until_it_expires_or_is_revoked(add: Adder, clock: ManualClock) -> None:
    """It is shown once and stored as a digest; its end is the instant, not the day."""
    person = add()
    first = services.create_token(person.id, label="first", days=2, clock=clock, actor="cli")
    second = services.create_token(person.id, label="second", days=90, clock=clock, actor="cli")
    assert first.startswith("rejent_")
    assert not Token.objects.filter(digest=first).exists()
    clock.advance(timedelta(days=2, seconds=-1))
    assert queries.person_of_token(first, clock=clock) == person
    clock.advance(timedelta(seconds=1))
    assert queries.person_of_token(first, clock=clock) is None
    newest, _ = queries.tokens(person.id)
    services.revoke_token(newest.id, clock=clock, actor="cli")
    assert queries.person_of_token(second, clock=clock) is None
    with pytest.raises(NoSuchTokenError):
        services.revoke_token(newest.id, clock=clock, actor="cli")
    for days in (0, 367):
        with pytest.raises(PersonRefusedError):
            services.create_token(person.id, label="", days=days, clock=clock, actor="cli")


def test_an_unknown_person_is_said(add: Adder, clock: ManualClock) -> None:
    """Every question answers with the one error, whatever was given for an identifier."""
    add()
    for identifier in (uuid4(), "nonsense", ""):
        for ask in (
            lambda given=identifier: queries.person(given),
            lambda given=identifier: services.set_roles(given, ["clerk"], clock=clock, actor="cli"),
            lambda given=identifier: services.person_left(given, clock=clock, actor="cli"),
            lambda given=identifier: services.create_token(given, label="", days=1, clock=clock, actor="cli"),
        ):
            with pytest.raises(NoSuchPersonError):
                ask()
    with pytest.raises(NoSuchPersonError):
        queries.person_by_username("nobody")
    assert queries.person_of_token("rejent_nothing", clock=clock) is None


def test_signing_in_and_failing_to_is_entered_without_what_was_typed(add: Adder, clock: ManualClock) -> None:
    """A failed attempt names the person where the account exists, and never repeats an unknown name (R-ACC-7)."""
    person = add("clerk")
    services.note_signed_in(person.id, clock=clock)
    services.note_sign_in_refused("CLERK", clock=clock)
    services.note_sign_in_refused("my password by mistake", clock=clock)
    services.note_signed_out(person.id, clock=clock)
    entered = registers.acts(names=["session.opened", "session.refused", "session.closed"]).acts
    assert [entry.subject for entry in entered] == [
        f"person:{person.id}",
        "",
        f"person:{person.id}",
        f"person:{person.id}",
    ]
    assert all("mistake" not in str(entry.facts) for entry in entered)


def test_signing_in_by_any_door_is_entered(add: Adder, client: Client) -> None:
    """A wrong password, the right one, and leaving: three acts, whatever page or program did it."""
    add("clerk")
    assert not client.login(username="clerk", password="wrong")
    assert client.login(username="clerk", password=PASSWORD)
    client.logout()
    entered = registers.acts(names=["session.opened", "session.refused", "session.closed"]).acts
    assert [entry.act for entry in entered] == ["session.closed", "session.opened", "session.refused"]


def test_somebody_who_joins_later_is_not_active_before(add: Adder) -> None:
    """The day of joining counts, the day before does not."""
    person = add()
    assert person.active(TODAY)
    assert not person.active(date(2026, 11, 20))


@pytest.mark.parametrize("name", ["Оsoba Przykładowa", "Osoba Przykładоwa"])
@pytest.mark.usefixtures("regulation")
def test_a_name_that_passes_for_another_is_refused(name: str) -> None:
    """A Cyrillic letter among Latin ones is seen by nobody; a name all in Cyrillic is a name."""
    with pytest.raises(PersonRefusedError, match="scripts"):
        services.add_person(
            name,
            post="",
            roles=["clerk"],
            username="other",
            password=PASSWORD,
            clock=ManualClock(NOON),
            actor="cli",
        )
    services.add_person(
        "Особа Прикладова", post="", roles=["clerk"], username="other", password=PASSWORD, clock=ManualClock(NOON),
        actor="cli",
    )  # fmt: skip
    assert queries.person_by_username("other").name == "Особа Прикладова"


def test_whom_the_regulation_lets_issue_or_supervise_is_not_the_administrators_to_enter(
    add: Adder, clock: ManualClock
) -> None:
    """Whatever role that is; the head enters them."""
    administrator = str(add("asi", roles=["administrator"]).id)
    head = str(add("head", roles=["head"]).id)
    with pytest.raises(NotEntrustedError):
        add("first", roles=["secretary"], actor=administrator)
    text = example("pleszew").replace('authorised_by = "head"', 'authorised_by = "deputy"')
    services.activate_regulation(text, in_force_from=TODAY, clock=clock, actor="cli")
    assert standing.entrusted_by_regulation(TODAY) == {"deputy", "iod"}
    assert not may_change({"administrator"}, {"clerk"}, {"clerk"})
    assert may_change({"head"}, {"clerk"}, {"clerk"})
    assert add("second", roles=["deputy"], actor=head).roles == {"deputy"}


def test_a_user_name_is_taken_in_any_case_and_however_it_is_written(add: Adder) -> None:
    """Polish letters count too, and so does one put together of a letter and its mark."""
    add("łącki")
    for written in ("ŁĄCKI", "ła\u0328cki"):
        with pytest.raises(UserNameTakenError):
            add(written)
    assert [each.username for each in Account.objects.all()] == ["łącki"]


def test_nobody_enters_that_they_left_themselves(add: Adder, clock: ManualClock) -> None:
    """The only head cannot leave the office without one by a press of a button; at the command line it is entered."""
    head = add("head", roles=["head"])
    with pytest.raises(PersonRefusedError, match="themselves"):
        services.person_left(head.id, clock=clock, actor=str(head.id))
    assert queries.person(head.id).left_on is None
    services.person_left(head.id, clock=clock, actor="cli")
    assert queries.person(head.id).left_on is not None
