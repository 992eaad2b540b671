"""What people sign in with stands in the ledger, by digests; fsck finds whatever somebody changed of it in the database by hand."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.db import transaction

from rejent.kernel.clock import ManualClock
from rejent.office import queries, services
from rejent.office.errors import SignInRefusedError
from rejent.office.models import Account
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.registers.guard.checks import guarded_rows
from rejent.registers.services import erase
from tests.unit.office_services.conftest import PASSWORD

People = Callable[..., PersonView]
OTHER = "another quiet long river"
NAMES = ("person.authenticator-added", "person.authenticator-removed")


def found() -> list[tuple[str, str]]:
    """Codes and things of what is found."""
    return sorted((one.code, str(one.facts.get("thing"))) for one in guarded_rows("office"))


def differs(*people: PersonView) -> list[tuple[str, str]]:
    """That these people are not as they were entered."""
    return sorted(("office.differs-from-ledger", f"person:{each.id.hex}") for each in people)


def account_of(person: PersonView) -> Account:
    """The account of a person."""
    return Account.objects.get(person_id=person.id)


def equip(person: PersonView, clock: ManualClock) -> Account:
    """Give a person an application's codes, recovery codes and a passkey, as the pages do."""
    account = account_of(person)
    with services.entering_authenticators(person.id, clock=clock, actor=str(person.id)):
        TOTP.activate(account, "ABCDEFGH")
        RecoveryCodes.activate(account)
        data = {"name": "Key", "credential": {"id": "one", "response": {"attestationObject": "x"}}}
        Authenticator.objects.create(user=account, type="webauthn", data=data)
    return account


def test_every_change_by_the_program_is_entered_and_has_no_finding(add: People, clock: ManualClock) -> None:
    """Passwords set, changed by oneself and turned off; passkeys and codes added and taken off, one or all."""
    one, other = add("one"), add("other")
    account = equip(one, clock)
    assert found() == []
    kinds = [str(act.facts["kind"]) for act in registers.acts(names=NAMES[:1]).acts if act.facts]
    assert sorted(kinds) == ["passkey", "recovery-codes", "totp"]
    with services.entering_authenticators(one.id, clock=clock, actor=str(one.id)):
        Authenticator.objects.filter(user=account, type="totp").delete()
    (removed,) = registers.acts(names=NAMES[1:]).acts
    assert (removed.actor, removed.subject) == (str(one.id), f"person:{one.id}")
    services.change_own_password(account, OTHER, clock=clock)
    (changed,) = registers.acts(names=["person.password-set"]).acts
    assert (changed.actor, changed.subject) == (str(one.id), f"person:{one.id}")
    assert found() == []
    services.set_password(one.id, PASSWORD, clock=clock, actor="cli", without_second_step=True)
    assert [act.actor for act in registers.acts(names=NAMES[1:]).acts] == ["cli", "cli", str(one.id)]
    services.link_identity(other.id, way="ldap", issuer="", subject="x", clock=clock, actor="cli")
    services.turn_password_off(other.id, clock=clock, actor="cli")
    assert found() == []
    services.set_password(other.id, PASSWORD, clock=clock, actor="cli")
    services.person_left(other.id, clock=clock, actor="cli")
    assert found() == []


def test_nothing_that_opens_an_account_stands_in_the_ledger(add: People, clock: ManualClock) -> None:
    """Neither hashes of passwords nor secrets of codes: their digests alone."""
    account = equip(add("one"), clock)
    told = str([act.facts for act in registers.acts(names=[*NAMES, "person.added"]).acts])
    seed = Authenticator.objects.get(type="recovery_codes").data["seed"]
    assert not [secret for secret in (account.password, "ABCDEFGH", seed) if secret in told]


def test_use_changes_nothing(add: People, clock: ManualClock) -> None:
    """A code used, codes looked at, a key that counted and was given another name."""
    account = equip(add("one"), clock)
    codes = Authenticator.objects.get(type="recovery_codes").wrap()
    assert codes.validate_code(codes.generate_codes()[0])
    codes.mark_as_viewed()
    key = Authenticator.objects.get(type="webauthn")
    key.data = {**key.data, "name": "Other", "counter": 9}
    key.save()
    key.record_usage()
    assert account.check_password(PASSWORD)
    assert found() == []


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("totp", {"secret": "HGFEDCBA"}),
        ("recovery_codes", {"seed": "00", "used_mask": 0}),
        ("recovery_codes", {"migrated_codes": ["1"]}),
        ("webauthn", {"name": "Key", "credential": {"id": "two"}}),
        ("webauthn", ["no", "object"]),
    ],
)
def test_a_replaced_means_of_signing_in_is_found(
    add: People, clock: ManualClock, kind: str, data: object
) -> None:
    """A secret or key of somebody else's, put in the place of the entered one, or anything at all."""
    one = add("one")
    equip(one, clock)
    Authenticator.objects.filter(type=kind).update(data=data)
    assert found() == differs(one)


def test_one_more_or_one_less_is_found_and_nothing_goes_on_from_it(add: People, clock: ManualClock) -> None:
    """A key added by hand, a second step taken off by hand: what the program is asked to do later is refused."""
    one, other = add("one"), add("other")
    account = equip(one, clock)
    TOTP.activate(account_of(other), "ABCDEFGH")
    Authenticator.objects.filter(user=account, type="totp").delete()
    assert found() == differs(one, other)
    for each in (one, other):
        assert queries.standing_of(each.id) == queries.Standing()
        with pytest.raises(SignInRefusedError, match="not what was entered"):
            services.set_password(each.id, OTHER, clock=clock, actor="cli", without_second_step=True)
        with (
            pytest.raises(SignInRefusedError, match="not what was entered"),
            services.entering_authenticators(each.id, clock=clock, actor=str(each.id)),
        ):
            RecoveryCodes.activate(account_of(each))
    assert found() == differs(one, other)
    Authenticator.objects.filter(user=account_of(other)).delete()
    assert found() == differs(one)


def test_another_password_is_found(add: People, clock: ManualClock) -> None:
    """The hash of a word that the attacker knows, also that of their own account; a password where it was turned off."""
    one, other = add("one"), add("other")
    services.link_identity(other.id, way="ldap", issuer="", subject="x", clock=clock, actor="cli")
    services.turn_password_off(other.id, clock=clock, actor="cli")
    assert found() == []
    known = account_of(one).password
    Account.objects.filter(person_id=other.id).update(password=known)
    assert found() == differs(other)
    Account.objects.filter(person_id=one.id).update(password="another hash")
    assert found() == differs(one, other)


def test_an_account_of_another_person_or_of_nobody_is_found(add: People) -> None:
    """An account pointed to somebody else, taken from its person, gone, and a second one beside somebody's own."""
    one, other = add("one"), add("other")
    account = account_of(one)
    Account.objects.filter(pk=account.pk).update(person_id=other.id)
    assert found() == differs(one, other)
    Account.objects.filter(pk=account.pk).update(person_id=None)
    assert found() == differs(one)
    Account.objects.filter(pk=account.pk).delete()
    assert found() == differs(one)
    Account.objects.create_user("second", password=PASSWORD, person_id=other.id)
    assert found() == differs(one, other)


def test_of_an_erased_record_the_rows_are_believed(add: People, clock: ManualClock) -> None:
    """Records are erased by right, one by one; nobody is accused of what they said."""
    one = add("one")
    equip(one, clock)
    services.set_password(one.id, OTHER, clock=clock, actor="cli")
    for name in ("person.authenticator-added", "person.password-set", "person.added"):
        for act in registers.acts(names=[name]).acts:
            with transaction.atomic():
                erase(act.index, reason="a request", actor="cli", at=clock.now())
        assert found() == []


def test_a_hash_is_not_made_anew_by_signing_in(add: People, settings: Any) -> None:
    """Where another way of hashing is preferred meanwhile, the password still opens and its hash stays as it was entered."""
    account = account_of(add("one"))
    before = account.password
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
        "rejent.web.signing_in.passwords.UnhurriedHasher",
    ]
    assert account.check_password(PASSWORD)
    assert not account.check_password(OTHER)
    assert Account.objects.get(pk=account.pk).password == before
