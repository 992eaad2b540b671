"""What people change of their own signing in on pages is entered with the change; signing in by every means leaves fsck clean."""

import json

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.webauthn.internal.auth import STATE_SESSION_KEY
from django.core.cache import cache
from django.db import OperationalError, transaction
from django.test import Client
from django.urls import reverse
from fido2.utils import websafe_encode
from fido2.webauthn import CollectedClientData

from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.models import Account
from rejent.office.services import sign_in as entering
from rejent.registers import queries as registers
from rejent.registers.guard.checks import guarded_rows
from rejent.web.words.acts import facts_in_words
from tests.one_time_codes import code_of
from tests.people import add_person
from tests.unit.web.conftest import text_of
from tests.unit.web.test_passkeys import ORIGIN, Key, challenge_of, tried

PASSWORD, OTHER = "spokojna długa rzeka", "inna spokojna długa rzeka"
NAMES = ("person.authenticator-added", "person.authenticator-removed", "person.password-set")

pytestmark = pytest.mark.usefixtures("counters")


@pytest.fixture
def account(regulation: int, clock: ManualClock) -> Account:  # noqa: ARG001 - an office
    """Somebody with a password alone."""
    add_person("guard", post="", roles=["guard"], username="guard", password=PASSWORD, clock=clock, actor="")
    return Account.objects.get()


@pytest.fixture
def browser(account: Account) -> Client:  # noqa: ARG001 - whose it is
    """A browser in which they have just signed in with it, and proved once more who they are."""
    client = Client()
    client.post(reverse("account_login"), {"login": "guard", "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def told() -> list[tuple[str, str, object]]:
    """Who entered what of which kind since it was confirmed whose account it is, in order."""
    (confirmed,) = registers.acts(names=["person.sign-in-confirmed"]).acts
    acts = [act for act in reversed(registers.acts(names=NAMES).acts) if act.index > confirmed.index]
    return [(act.actor, act.act.removeprefix("person."), (act.facts or {}).get("kind")) for act in acts]


def activate_codes(browser: Client) -> str:
    """Set up an application; its secret."""
    browser.get(reverse("mfa_activate_totp"))
    secret = str(browser.session[SECRET_SESSION_KEY])
    answer = browser.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert answer.status_code == 302
    return secret


def add_key(browser: Client, account: Account) -> Key:
    """Add a passkey on the page."""
    with transaction.atomic():
        key = Key(account)
        credential = key.row.data["credential"]
        transaction.set_rollback(True)
    browser.get(reverse("mfa_add_webauthn"))
    challenge = str(browser.session[STATE_SESSION_KEY]["challenge"])
    made = CollectedClientData.create("webauthn.create", challenge, ORIGIN)
    credential["response"]["clientDataJSON"] = websafe_encode(made)
    form = {"name": "Key", "credential": json.dumps(credential)}
    assert browser.post(reverse("mfa_add_webauthn"), form).status_code == 302
    return key


def test_what_is_added_and_removed_on_pages_is_entered(browser: Client, account: Account) -> None:
    """An application's codes, recovery codes that come with them, are made anew and go with the last of the others, a passkey."""
    who, added, removed = str(account.person_id), "authenticator-added", "authenticator-removed"
    activate_codes(browser)
    add_key(browser, account)
    assert sorted(told()) == sorted((who, added, kind) for kind in ("totp", "recovery-codes", "passkey"))
    assert list(guarded_rows("office")) == []
    browser.post(reverse("mfa_generate_recovery_codes"))
    assert told()[3:] == [(who, removed, "recovery-codes"), (who, added, "recovery-codes")]
    browser.post(reverse("mfa_deactivate_totp"))
    key = Authenticator.objects.get(type="webauthn")
    browser.post(reverse("mfa_edit_webauthn", args=[key.pk]), {"name": "Other"})
    browser.get(reverse("mfa_view_recovery_codes"))
    assert list(guarded_rows("office")) == []
    browser.post(reverse("mfa_remove_webauthn", args=[key.pk]))
    assert sorted(told()[5:]) == sorted(
        (who, removed, kind) for kind in ("totp", "passkey", "recovery-codes")
    )
    assert not Authenticator.objects.exists()
    assert list(guarded_rows("office")) == []


def test_a_wrong_code_enters_nothing(browser: Client) -> None:
    """A form that is refused changes nothing."""
    browser.get(reverse("mfa_activate_totp"))
    assert browser.post(reverse("mfa_activate_totp"), {"code": "x"}).status_code == 200
    assert told() == []


def test_a_password_changed_by_its_owner_is_entered(
    browser: Client, account: Account, clock: ManualClock
) -> None:
    """The session in which it was changed goes on, and the new one opens; the register tells that nothing was left after a lost key."""
    form = {"oldpassword": PASSWORD, "password1": OTHER, "password2": OTHER}
    assert browser.post(reverse("account_change_password"), form).status_code == 302
    assert told() == [(str(account.person_id), "password-set", None)]
    assert browser.get(reverse("mfa_index")).status_code == 200
    assert Client().login(username="guard", password=OTHER)
    office.set_password(str(account.person_id), PASSWORD, clock=clock, actor="", without_second_step=True)
    told_last = registers.acts(names=NAMES, limit=1).acts[0]
    assert ("środki logowania", "–") in facts_in_words(told_last)
    assert list(guarded_rows("office")) == []


def test_no_change_without_its_entry(
    browser: Client, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the ledger takes no entry, nothing was added and the old password stays."""

    def refused(*_: object, **__: object) -> None:
        raise OperationalError

    monkeypatch.setattr(entering, "enter_many", refused)
    monkeypatch.setattr(entering, "enter", refused)
    with pytest.raises(OperationalError):
        activate_codes(browser)
    with pytest.raises(OperationalError):
        browser.post(
            reverse("account_change_password"),
            {"oldpassword": PASSWORD, "password1": OTHER, "password2": OTHER},
        )
    assert not Authenticator.objects.exists()
    assert Account.objects.get(pk=account.pk).check_password(PASSWORD)


def test_signing_in_by_every_means_leaves_fsck_clean(browser: Client, account: Account) -> None:
    """A password with a code, with a recovery code, with a key; a key alone."""
    secret, key = activate_codes(browser), add_key(browser, account)
    cache.clear()  # the code that was shown to set the application up may be shown again
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    for proof in (code_of(secret), codes[0], ""):
        client = Client()
        client.post(reverse("account_login"), {"login": "guard", "password": PASSWORD})
        client.get(reverse("mfa_authenticate"))
        signed = key.signed(str(client.session[STATE_SESSION_KEY]["challenge"]), counter=4)
        client.post(reverse("mfa_authenticate"), {"code": proof} if proof else {"credential": signed})
        assert "_auth_user_id" in client.session, proof
    alone = Client()
    assert tried(alone, key.signed(challenge_of(alone), counter=5)) == "guard"
    assert list(guarded_rows("office")) == []


def test_a_forgotten_password_leads_to_nobody_but_the_office(browser: Client) -> None:
    """No page offers the closed way of resetting a password; it says who sets a new one."""
    page = browser.get(reverse("account_change_password")).content.decode()
    assert reverse("account_reset_password") not in page
    assert "zgłasza się do administratora" in page


@pytest.mark.parametrize(
    ("host", "offered"), [("testserver", True), ("127.0.0.1:8000", False), ("[::1]:8000", False)]
)
def test_passkeys_are_offered_where_a_browser_has_them(browser: Client, host: str, offered: bool) -> None:
    """A browser refuses them on a page that was opened by a number; then no button is there, and the page says why."""
    assert (
        "passkey_login" in text_of(Client().get(reverse("account_login"), headers={"host": host}))
    ) == offered
    page = text_of(browser.get(reverse("mfa_index"), headers={"host": host}))
    assert (reverse("mfa_add_webauthn") in page) == offered
    assert ("opened by its name" in page or "po jego nazwie" in page) == (not offered)
