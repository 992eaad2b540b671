"""Keys that sign: whose, in answer to what, with whom before them; a replayed, foreign or copied one opens nothing."""

import hashlib
import json
import os
from typing import Any

import pytest
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import STATE_SESSION_KEY, WebAuthn
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.test import Client
from django.urls import reverse
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from rejent.kernel.clock import ManualClock
from rejent.office import services
from rejent.office.models import Account
from rejent.registers import queries as registers
from tests.people import add_person

PASSWORD = "spokojna długa rzeka"
HOST, ORIGIN = "testserver", "http://testserver"
FLAG = AuthenticatorData.FLAG

pytestmark = pytest.mark.usefixtures("counters")


class Key:
    """A security key of our own."""

    def __init__(self, account: Account, counter: int = 0) -> None:
        self.account, self._secret, self.id = account, ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
        public = ES256.from_cryptography_key(self._secret.public_key())  # type: ignore[no-untyped-call]  # fido2 has no type there
        made = AttestedCredentialData.create(b"\0" * 16, self.id, public)
        attested = AttestationObject.create("none", _data(FLAG.UP | FLAG.AT, counter, made), {})
        response = {"clientDataJSON": _told("webauthn.create", b"x"), "attestationObject": attested}
        person = str(account.person_id)
        with services.entering_authenticators(person, clock=settings.CLOCK, actor=person):
            self.row = WebAuthn.add(account, "Key", self._shown(response)).instance

    def signed(self, challenge: str, *, verified: bool = True, counter: int = 0, host: str = HOST) -> str:
        """What the browser posts when the key was touched, and perhaps its finger or PIN asked for."""
        told = _told("webauthn.get", challenge)
        data = _data(FLAG.UP | (FLAG.UV if verified else FLAG(0)), counter, b"", host)
        signature = self._secret.sign(data + told.hash, ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": told, "authenticatorData": data, "signature": signature,
            "userHandle": user_pk_to_url_str(self.account).encode(),
        }  # fmt: skip
        return json.dumps(self._shown(response))

    def _shown(self, response: dict[str, bytes]) -> dict[str, Any]:
        written = {name: websafe_encode(value) for name, value in response.items()}
        known = websafe_encode(self.id)
        return {
            "id": known,
            "rawId": known,
            "type": "public-key",
            "response": written,
            "clientExtensionResults": {},
        }


def _data(flags: FLAG, counter: int, made: bytes, host: str = HOST) -> AuthenticatorData:
    made_of: AuthenticatorData = AuthenticatorData.create(
        hashlib.sha256(host.encode()).digest(), flags, counter, made
    )
    return made_of


def _told(kind: str, challenge: str | bytes) -> CollectedClientData:
    return CollectedClientData.create(kind, challenge, ORIGIN)


@pytest.fixture
def accounts(regulation: int, clock: ManualClock) -> tuple[Account, Account]:  # noqa: ARG001 - an office
    """Two people with accounts."""
    for name in ("guard", "head"):
        add_person(name, post="", roles=[name], username=name, password=PASSWORD, clock=clock, actor="")
    return Account.objects.get(username="guard"), Account.objects.get(username="head")


def challenge_of(client: Client) -> str:
    """What a session was given to sign."""
    client.get(reverse("mfa_login_webauthn"), headers={"x-requested-with": "XMLHttpRequest"})
    return str(client.session[STATE_SESSION_KEY]["challenge"])


def tried(client: Client, credential: str) -> str:
    """Who is signed in after a key was shown; nobody, an empty name."""
    client.post(reverse("mfa_login_webauthn"), {"credential": credential})
    known = client.session.get("_auth_user_id")
    return Account.objects.get(pk=known).username if known else ""


def test_a_key_signs_in_its_owner_once_for_each_challenge(accounts: tuple[Account, Account]) -> None:
    """The same answer opens nothing again: not in this session, nor in another with a challenge of its own."""
    client, key = Client(), Key(accounts[0])
    answer = key.signed(challenge_of(client))
    assert tried(client, answer) == "guard"
    client.logout()
    assert tried(client, answer) == ""
    challenge_of(client)
    assert tried(client, answer) == ""


def test_a_key_signs_in_nobody_else(accounts: tuple[Account, Account]) -> None:
    """Naming another account beside one's own signature, or signing for another host, opens nothing."""
    guard, head = accounts
    key = Key(guard)
    Key(head)
    client = Client()
    challenge = challenge_of(client)
    assert tried(client, key.signed(challenge, host="office.example")) == ""
    key.account = head
    assert tried(client, key.signed(challenge)) == ""


def test_a_challenge_for_a_second_step_does_not_spare_the_finger(
    accounts: tuple[Account, Account], settings: Any
) -> None:
    """Whoever has taken somebody's key, but not what it asks for, does not sign in by a challenge of their own account."""
    guard, head = accounts
    Key(guard)
    taken = Key(head)
    client = Client()
    client.post(reverse("account_login"), {"login": "guard", "password": PASSWORD})
    client.get(reverse("mfa_authenticate"))
    challenge = str(client.session[STATE_SESSION_KEY]["challenge"])
    settings.ACCOUNT_LOGIN_TIMEOUT = 0  # their own signing in ran out, the challenge did not
    assert tried(client, taken.signed(challenge, verified=False)) == ""
    (entered,) = registers.acts(names=["session.refused"]).acts
    assert entered.subject == f"person:{head.person_id}"


@pytest.mark.parametrize(("at_first", "counted"), [(0, 5), (7, 8)])
def test_a_key_that_does_not_count_on_is_a_copy(
    accounts: tuple[Account, Account], at_first: int, counted: int
) -> None:
    """A key that counts signs in with a larger number only; the smaller one of its copy is refused and entered."""
    key = Key(accounts[0], at_first)
    for counter, opens in (
        (counted, True),
        (counted, False),
        (counted - 1, False),
        (0, False),
        (counted + 1, True),
    ):
        client = Client()
        assert tried(client, key.signed(challenge_of(client), counter=counter)) == (
            "guard" if opens else ""
        ), counter
    assert Authenticator.objects.get(pk=key.row.pk).data["counter"] == counted + 1


def test_a_key_besides_the_password_counts_too(accounts: tuple[Account, Account]) -> None:
    """As a second step a key need not verify who holds it, but its copy is found all the same."""
    key = Key(accounts[0], 3)
    for counter, opens in ((4, True), (4, False)):
        client = Client()
        client.post(reverse("account_login"), {"login": "guard", "password": PASSWORD})
        client.get(reverse("mfa_authenticate"))
        challenge = str(client.session[STATE_SESSION_KEY]["challenge"])
        answer = key.signed(challenge, verified=False, counter=counter)
        client.post(reverse("mfa_authenticate"), {"credential": answer})
        assert ("_auth_user_id" in client.session) == opens
