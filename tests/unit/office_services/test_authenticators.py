"""What people sign in with stands in the ledger, by digests; fsck finds whatever somebody changed of it in the database by hand."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.db import transaction

from rejent.kernel.clock import ManualClock
from rejent.office import services
from rejent.office.account_checks import against_ledger
from rejent.office.acts import PERSON_ADDED
from rejent.office.errors import SignInRefusedError
from rejent.office.models import Account, Person, PersonRole
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.registers.services import enter, erase
from tests.unit.office_services.conftest import PASSWORD

People = Callable[..., PersonView]
OTHER = "another quiet long river"
NAMES = ("person.authenticator-added", "person.authenticator-removed")


def found() -> list[tuple[str, str, str]]:
    """Codes, things and facts of what is found."""
    return sorted(
        (one.code, str(one.facts.get("thing")), str(one.facts.get("facts", ""))) for one in against_ledger()
    )


def account_of(person: PersonView) -> Account:
    """The account of a person."""
    return Account.objects.get(person_id=person.id)


def thing(person: PersonView) -> str:
    """What a finding calls the account of a person."""
    return f"account:{person.id}/{account_of(person).pk}"


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
    assert found() == [("office.differs-from-ledger", thing(one), "authenticators")]


def test_one_more_or_one_less_is_found_until_all_are_taken_off(add: People, clock: ManualClock) -> None:
    """A key added by hand, a second step taken off by hand; what the program does later hides neither, unless it takes off all."""
    one, other = add("one"), add("other")
    account = equip(one, clock)
    TOTP.activate(account_of(other), "ABCDEFGH")
    Authenticator.objects.filter(user=account, type="totp").delete()
    wrong = sorted(("office.differs-from-ledger", thing(each), "authenticators") for each in (one, other))
    assert found() == wrong
    for each in (one, other):
        services.set_password(each.id, OTHER, clock=clock, actor="cli")
        with (
            pytest.raises(SignInRefusedError, match="not what was entered"),
            services.entering_authenticators(each.id, clock=clock, actor=str(each.id)),
        ):
            RecoveryCodes.activate(account_of(each))
    assert found() == wrong
    for each in (one, other):
        services.set_password(each.id, PASSWORD, clock=clock, actor="cli", without_second_step=True)
    assert found() == []


def test_another_password_is_found(add: People, clock: ManualClock) -> None:
    """The hash of a word that the attacker knows, also that of their own account; a password where it was turned off."""
    one, other = add("one"), add("other")
    Account.objects.filter(person_id=one.id).update(password=account_of(other).password)
    assert found() == [("office.differs-from-ledger", thing(one), "password")]
    services.set_password(one.id, PASSWORD, clock=clock, actor="cli")
    services.link_identity(other.id, way="ldap", issuer="", subject="x", clock=clock, actor="cli")
    services.turn_password_off(other.id, clock=clock, actor="cli")
    assert found() == []
    Account.objects.filter(person_id=other.id).update(password=account_of(one).password)
    assert found() == [("office.differs-from-ledger", thing(other), "password")]


def test_an_account_of_another_person_or_of_nobody_is_found(add: People) -> None:
    """An account pointed to somebody else, a second one beside somebody's own, one without a person, one gone."""
    one, other = add("one"), add("other")
    account, others = account_of(one), account_of(other)
    Account.objects.filter(pk=account.pk).update(person_id=other.id)
    gone = ("office.row-missing", f"account:{one.id}/{account.pk}", "")
    assert found() == [("office.not-in-ledger", f"account:{other.id}/{account.pk}", ""), gone]
    Account.objects.filter(pk=account.pk).update(person_id=None)
    assert found() == [("office.not-in-ledger", f"account:None/{account.pk}", ""), gone]
    Account.objects.filter(pk=account.pk).delete()
    assert found() == [gone]
    second = Account.objects.create_user("second", password=PASSWORD, person_id=other.id)
    assert ("office.not-in-ledger", f"account:{other.id}/{second.pk}", "") in found()
    assert others.pk != second.pk


def older(username: str, clock: ManualClock) -> Person:
    """A person as an earlier version entered them: the act tells of no account."""
    person = Person.objects.create(name=username, joined_on=clock.now().date())
    PersonRole.objects.create(person=person, role="clerk")
    account = Account.objects.create_user(username, password=PASSWORD, person=person)
    TOTP.activate(account, "ABCDEFGH")
    with transaction.atomic():
        record = {"person": str(person.pk), "roles": "clerk"}
        enter(PERSON_ADDED, actor="cli", subject=f"person:{person.pk}", record=record, at=clock.now())
    return person


def test_an_older_office_is_counted_once(db: None, clock: ManualClock) -> None:  # noqa: ARG001 - a database
    """What stands at the upgrade is believed; what is put beside it later is not."""
    person = older("one", clock)
    older("two", clock)
    assert found() == []
    assert services.count_authenticators(clock=clock) == 2
    assert found() == []
    services.change_own_password(Account.objects.get(person=person), OTHER, clock=clock)
    assert services.count_authenticators(clock=clock) == 0
    assert found() == []
    Authenticator.objects.filter(user__person=person).delete()
    Account.objects.create_user("three", password=PASSWORD, person=person)
    assert services.count_authenticators(clock=clock) == 0
    assert [code for code, _, _ in found()] == ["office.differs-from-ledger", "office.not-in-ledger"]


def test_an_office_that_began_with_digests_is_never_counted(add: People, clock: ManualClock) -> None:
    """No row makes the program believe the others, however the office is opened."""
    assert services.count_authenticators(clock=clock) == 0
    one = add("one")
    Account.objects.create_user("second", password=PASSWORD, person_id=one.id)
    assert services.count_authenticators(clock=clock) == 0
    assert [code for code, _, _ in found()] == ["office.not-in-ledger"]


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
