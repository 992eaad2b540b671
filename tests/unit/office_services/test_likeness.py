"""What the program can tell of one human behind two people's accounts."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

from rejent.office.models import Account
from rejent.office.people.duplicate_persons import Shared, shared
from rejent.office.views import PersonView

CLIENT = b'{"type":"webauthn.create","challenge":"AAAA","origin":"https://localhost"}'
Key = ec.EllipticCurvePublicKey


def passkey(key: Key) -> dict[str, Any]:
    """What a browser answers when a passkey of this public half is registered."""
    credential = AttestedCredentialData.create(bytes(16), b"credential", ES256.from_cryptography_key(key))  # type: ignore[no-untyped-call]  # fido2 gives it no types
    data = AuthenticatorData.create(bytes(32), AuthenticatorData.FLAG.AT, 0, credential)
    attested = AttestationObject.create("none", data, {})
    identifier = websafe_encode(b"credential")
    return {
        "id": identifier,
        "rawId": identifier,
        "type": "public-key",
        "response": {"clientDataJSON": websafe_encode(CLIENT), "attestationObject": websafe_encode(attested)},
        "clientExtensionResults": {},
    }


def account(person: PersonView) -> Account:
    """The account of a person."""
    return Account.objects.get(person_id=person.id)


@pytest.fixture
def two(add: Callable[..., PersonView]) -> tuple[PersonView, PersonView]:
    """Two people, each with an app that makes codes, a passkey and an address of their own."""
    people = add("first"), add("second")
    for person in people:
        TOTP.activate(account(person), generate_totp_secret())
        WebAuthn.add(account(person), "key", passkey(ec.generate_private_key(ec.SECP256R1()).public_key()))
        Account.objects.filter(person_id=person.id).update(email=f"{person.username}@example.org")
    return people


def test_two_people_with_everything_of_their_own_share_nothing(two: tuple[PersonView, PersonView]) -> None:
    """Different addresses, codes and passkeys: the program takes them for two humans."""
    assert shared(two[0].id, two[1].id) == frozenset()


def test_one_person_is_one_however_many_accounts(two: tuple[PersonView, PersonView]) -> None:
    """A second account of the same person is told by the person."""
    Account.objects.create_user("other", person_id=two[0].id)
    assert shared(two[0].id, two[0].id) == {Shared.PERSON}


def test_what_two_accounts_share_is_told(two: tuple[PersonView, PersonView]) -> None:
    """The same address in other letters, the same secret of an app, the same passkey: each is told by its name."""
    first, second = two
    Account.objects.filter(person_id=second.id).update(email="FIRST@example.org ")
    assert shared(first.id, second.id) == {Shared.ADDRESS}
    Account.objects.update(email="")
    for kind, told in (("totp", Shared.CODES), ("webauthn", Shared.PASSKEY)):
        data = Authenticator.objects.get(user__person_id=first.id, type=kind).data
        Authenticator.objects.filter(user__person_id=second.id, type=kind).update(data=data)
        assert told in shared(second.id, first.id)
    assert shared(first.id, second.id) == {Shared.CODES, Shared.PASSKEY}


def test_accounts_without_an_address_share_none(two: tuple[PersonView, PersonView]) -> None:
    """Two empty addresses are no address in common."""
    Account.objects.update(email=" ")
    assert shared(two[0].id, two[1].id) == frozenset()
