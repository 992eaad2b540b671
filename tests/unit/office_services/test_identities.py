"""Links between people and what others know them by: entered by the office, one person each, never a way around a role."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.contrib.auth import authenticate
from django.test import Client

from rejent.kernel.clock import ManualClock
from rejent.office import services
from rejent.office.errors import (
    IdentityRefusedError,
    IdentityTakenError,
    NoSuchPersonError,
    NotEntrustedError,
    PersonRefusedError,
)
from rejent.office.models import Account, Identity
from rejent.office.sign_in import identities
from rejent.office.views import IdentityView, PersonView
from rejent.registers import queries as registers
from rejent.registers.guard.checks import guarded_rows
from tests.unit.office_services.conftest import PASSWORD

ISSUER = "https://sso.example"
Adder = Callable[..., PersonView]


@pytest.fixture
def link(clock: ManualClock) -> Callable[..., IdentityView]:
    """Links people."""

    def linked(person: PersonView, subject: str = "u-1", **changed: str) -> IdentityView:
        given = {"way": "oidc", "issuer": ISSUER, "subject": subject, "actor": "cli", **changed}
        return services.link_identity(person.id, clock=clock, **given)

    return linked


def test_a_link_is_entered_and_found_again(add: Adder, link: Callable[..., IdentityView]) -> None:
    """By way, issuer and identifier together; the register knows its digest, not the identifier."""
    clerk = add()
    view = link(clerk)
    assert "u-1" not in repr(view)
    assert identities.person_known_as("oidc", ISSUER, "u-1") == clerk
    for way, issuer, subject in (
        ("ldap", ISSUER, "u-1"),
        ("oidc", "https://other", "u-1"),
        ("oidc", ISSUER, "U-1"),
    ):
        assert identities.person_known_as(way, issuer, subject) is None
    assert identities.identities() == identities.identities(clerk.id) == [view]
    (entered,) = registers.acts(names=["person.linked"]).acts
    assert entered.facts == {
        "person": str(clerk.id), "way": "oidc", "digest": identities.identity_digest("oidc", ISSUER, "u-1"),
        "sign_in": "given",
    }  # fmt: skip


def test_an_identity_is_one_persons_and_a_person_has_one_of_a_way(
    add: Adder, link: Callable[..., IdentityView]
) -> None:
    """Nobody signs in as two people, and no second account elsewhere opens somebody's."""
    first, second = add("first"), add("second")
    link(first)
    with pytest.raises(IdentityTakenError):
        link(second)
    with pytest.raises(IdentityTakenError):
        link(first, "u-2")
    link(first, "6f1c8c1e-0000-0000-0000-000000000001", way="ldap", issuer="")
    assert Identity.objects.count() == 2


@pytest.mark.parametrize(
    "changed", [{"way": "saml"}, {"subject": " "}, {"subject": "x" * 256}, {"subject": "u\u202e"}]
)
def test_what_is_no_identity_is_refused(
    add: Adder, link: Callable[..., IdentityView], changed: dict[str, str]
) -> None:
    """An unknown way, nothing, too much, signs that nobody sees."""
    with pytest.raises(IdentityRefusedError):
        link(add(), **changed)
    assert Identity.objects.count() == 0


def test_who_may_not_give_a_role_may_not_say_who_has_it(
    add: Adder, link: Callable[..., IdentityView], clock: ManualClock
) -> None:
    """An administrator links neither a head nor themselves; a stranger's identifier is nobody's (R-ACC-9)."""
    administrator, head = add("asi", roles=["administrator"]), add("head", roles=["head"])
    acting = str(administrator.id)
    with pytest.raises(NotEntrustedError):
        link(head, actor=acting)
    with pytest.raises(IdentityRefusedError):
        link(administrator, actor=acting)
    link(head)
    with pytest.raises(NotEntrustedError):
        services.unlink_identity(head.id, "oidc", clock=clock, actor=acting)
    with pytest.raises(NotEntrustedError):
        services.turn_password_off(head.id, clock=clock, actor=acting)
    with pytest.raises(NoSuchPersonError):
        services.link_identity(uuid4(), way="oidc", issuer=ISSUER, subject="u-9", clock=clock, actor="cli")
    assert len(registers.acts(names=["person.linked"]).acts) == 1


def test_taking_a_link_off_ends_what_it_opened(
    add: Adder, link: Callable[..., IdentityView], clock: ManualClock
) -> None:
    """Sessions end with it, and the identity is free for whose it is."""
    clerk, other = add(), add("other")
    link(clerk)
    browser = Client()
    browser.force_login(Account.objects.get(person_id=clerk.id))
    assert browser.get("/preferences").status_code == 200
    services.unlink_identity(clerk.id, "oidc", clock=clock, actor="cli")
    assert browser.get("/preferences").status_code == 302
    with pytest.raises(IdentityRefusedError):
        services.unlink_identity(clerk.id, "oidc", clock=clock, actor="cli")
    link(other)
    assert [act.facts["digest"] for act in registers.acts(names=["person.unlinked"]).acts if act.facts] == [
        identities.identity_digest("oidc", ISSUER, "u-1")
    ]


def test_a_password_is_turned_off_only_where_something_else_opens(
    add: Adder, link: Callable[..., IdentityView], clock: ManualClock
) -> None:
    """Entered once; the last link then stays until a password is set anew, which turns it on again."""
    clerk = add()
    with pytest.raises(PersonRefusedError):
        services.turn_password_off(clerk.id, clock=clock, actor="cli")
    link(clerk)
    for _ in range(2):
        services.turn_password_off(clerk.id, clock=clock, actor="cli")
    assert not identities.has_password(clerk.id)
    assert authenticate(username="clerk", password=PASSWORD) is None
    assert len(registers.acts(names=["person.password-off"]).acts) == 1
    with pytest.raises(IdentityRefusedError, match="only way in"):
        services.unlink_identity(clerk.id, "oidc", clock=clock, actor="cli")
    services.set_password(clerk.id, PASSWORD, clock=clock, actor="cli")
    assert identities.has_password(clerk.id)
    services.unlink_identity(clerk.id, "oidc", clock=clock, actor="cli")


def test_who_has_left_is_not_linked_anew(
    add: Adder, link: Callable[..., IdentityView], clock: ManualClock
) -> None:
    """The old link may still be taken off, also where it was the only way in."""
    clerk = add()
    link(clerk)
    services.turn_password_off(clerk.id, clock=clock, actor="cli")
    services.person_left(clerk.id, clock=clock, actor="cli")
    with pytest.raises(IdentityRefusedError):
        link(clerk, "other", way="ldap", issuer="")
    services.unlink_identity(clerk.id, "oidc", clock=clock, actor="cli")
    assert identities.identities() == []


def test_a_link_that_nobody_entered_is_found(add: Adder, link: Callable[..., IdentityView]) -> None:
    """Whoever writes into the database who somebody is elsewhere leaves a difference to the ledger (I8)."""
    clerk = add()
    link(clerk)
    assert list(guarded_rows("office")) == []
    Identity.objects.update(subject="u-of-the-intruder")
    assert [finding.code for finding in guarded_rows("office")] != []
    Identity.objects.all().delete()
    assert [finding.code for finding in guarded_rows("office")] != []
