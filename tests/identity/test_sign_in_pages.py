"""Signing in by a provider, as browsers do it: who gets in, as whom, and who does not (R-ACC-2, R-ACC-7)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from structlog.testing import capture_logs

from rejent.kernel.clock import Clock, ShiftedClock, SystemClock
from rejent.office import services
from rejent.registers import queries as registers
from rejent.web.signing_in.attempts import HERE
from tests.identity.browsing import (
    ELSEWHERE,
    HOME,
    browser,
    linked,
    linked_in_directory,
    refused,
    signed_in,
    tried,
)
from tests.identity.conftest import Named
from tests.identity.liar import Liar
from tests.identity.slapd import LOOKERS_PASSWORD, PASSWORD, Slapd
from tests.identity.toolkit.running import CLIENT, Toolkit
from tests.one_time_codes import code_of
from tests.people import carry_codes


def begun(client: Client, liar: Liar, next_page: str = "") -> dict[str, str]:
    """Begin at the liar; what it would send the browser back with."""
    answer = client.get(reverse("provider"), {"next": next_page} if next_page else {})
    sent = parse_qs(urlsplit(answer.headers["Location"]).query)
    liar.nonce = sent["nonce"][0]
    return {"state": sent["state"][0], "code": "c-1"}


def test_nothing_is_offered_that_is_not_configured(named: Named) -> None:
    """By default there are the office's own passwords and passkeys only; the other pages are not there."""
    named()
    page = browser().get(reverse("account_login")).content.decode()
    for name in ("provider", "provider-back", "directory"):
        assert reverse(name) not in page
        assert browser().get(reverse(name)).status_code == 404


def test_a_linked_person_signs_in_by_a_real_provider(
    named: Named, people: dict[str, str], oidc_server: Toolkit, clock: Clock
) -> None:
    """The page has its button, the way leads back to where the person was going, and the entry tells which way it was."""
    named(oidc=oidc_server.provider(name="Konto gminy"))
    linked(people["viewer"], oidc_server.identifiers["anna"], clock, issuer=oidc_server.issuer)
    client = browser()
    page = client.get(reverse("account_login"), {"next": "/preferences"}).content.decode()
    assert "Zaloguj się przez: Konto gminy" in page
    sent = client.get(reverse("provider"), {"next": "/preferences"}).headers["Location"]
    answer = client.get(oidc_server.passed(sent, "anna"))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/preferences")
    assert signed_in(client) == people["viewer"]
    (entered,) = registers.acts(names=["session.opened"]).acts
    assert entered.facts == {"person": people["viewer"], "way": "oidc"}
    client.post(reverse("account_logout"))
    assert signed_in(client) == ""
    assert len(registers.acts(names=["session.closed"]).acts) == 1


def test_whom_the_office_has_not_linked_gets_no_account(
    named: Named,
    oidc_server: Toolkit,
) -> None:
    """A provider that knows somebody makes nobody of the office; they read what the administrator needs to know."""
    named(oidc=oidc_server.provider())
    accounts = get_user_model().objects.count()
    client = browser()
    sent = client.get(reverse("provider")).headers["Location"]
    answer = client.get(oidc_server.passed(sent, "anna"))
    assert answer.status_code == 403
    assert f"identyfikator: {oidc_server.identifiers['anna']}" in answer.content.decode()
    assert signed_in(client) == ""
    assert get_user_model().objects.count() == accounts
    assert refused() == [""]


def test_who_has_left_stays_out_whatever_the_provider_says(
    named: Named, people: dict[str, str], liar: Liar, clock: Clock
) -> None:
    """The office's own word is the last one; the attempt is entered as that person's."""
    named(oidc=liar.provider())
    linked(people["clerk"], "u-1", clock, issuer=liar.issuer)
    services.person_left(people["clerk"], clock=clock, actor="cli")
    client = browser()
    assert client.get(reverse("provider-back"), begun(client, liar)).status_code == 403
    assert signed_in(client) == ""
    assert refused() == [f"person:{people['clerk']}"]


def test_an_answer_is_read_once_and_by_the_browser_that_asked(
    named: Named, people: dict[str, str], liar: Liar, clock: Clock
) -> None:
    """Replayed, brought by another browser, or made up: a page that says no, nothing asked of the provider."""
    named(oidc=liar.provider())
    linked(people["clerk"], "u-1", clock, issuer=liar.issuer)
    client, thief = browser(), browser(ELSEWHERE)
    brought = begun(client, liar)
    assert thief.get(reverse("provider-back"), brought).status_code == 403
    assert thief.get(reverse("provider-back"), {"state": "", "code": "c"}).status_code == 403
    assert client.get(reverse("provider-back"), brought).status_code == 302
    assert signed_in(client) == people["clerk"]
    client.post(reverse("account_logout"))
    assert client.get(reverse("provider-back"), brought).status_code == 403
    assert len(liar.asked) == 1
    assert (signed_in(client), signed_in(thief)) == ("", "")


def test_a_wrong_token_is_refused_on_a_page_that_tells_nothing_of_it(
    named: Named,
    liar: Liar,
) -> None:
    """The reason stands in the log, one word of the standard; neither identifier nor code do."""
    named(oidc=liar.provider())
    client = browser()
    brought = begun(client, liar)
    liar.nonce = "of another browser"
    answer = client.get(reverse("provider-back"), brought)
    assert answer.status_code == 403
    assert "nonce" not in answer.content.decode()
    assert refused() == [""]


@pytest.mark.parametrize(
    "next_page",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "https:/evil",
    ],
)
def test_nobody_is_led_away_after_signing_in(
    named: Named, people: dict[str, str], liar: Liar, ldap_server: Slapd, next_page: str
) -> None:
    """Where to go next is a page of ours or the start page, by either way."""
    clock = SystemClock()
    named(oidc=liar.provider(), ldap=ldap_server.directory())
    linked(people["clerk"], "u-1", clock, issuer=liar.issuer)
    linked_in_directory(people["viewer"], "anna", ldap_server, clock)
    client = browser()
    answer = client.get(reverse("provider-back"), begun(client, liar, next_page))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    form = {"login": "anna", "password": PASSWORD, "next": next_page}
    answer = browser().post(f"{reverse('directory')}?next={quote(next_page)}", form)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_wrong_answers_make_the_place_wait(named: Named, liar: Liar) -> None:
    """After five from one address the provider is asked nothing for a while; others go on, and stray answers do not count."""
    named(oidc=liar.provider())
    client = browser(ELSEWHERE)
    for _ in range(HERE.free):
        assert (
            browser(ELSEWHERE).get(reverse("provider-back"), {"state": "x", "code": "c"}).status_code == 403
        )
    for _ in range(HERE.free):
        brought = begun(client, liar)
        liar.nonce = "of another browser"
        assert client.get(reverse("provider-back"), brought).status_code == 403
    assert len(liar.asked) == HERE.free
    assert client.get(reverse("provider-back"), begun(client, liar)).status_code == 429
    assert len(liar.asked) == HERE.free
    other = browser(HOME)
    assert other.get(reverse("provider-back"), begun(other, liar)).status_code == 403
    assert len(liar.asked) == HERE.free + 1


def test_who_comes_by_leaves_nothing_in_the_database(named: Named, liar: Liar) -> None:
    """What a browser has begun stands in its own cookie, signed, for these pages, out of reach of scripts."""
    named(oidc=liar.provider())
    client = browser()
    for _ in range(6):
        brought = begun(client, liar, "/preferences" + "?x=" + "y" * 300)
    assert Session.objects.count() == 0
    cookie = client.cookies["provider-flows"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/account/provider", True, "Lax")
    assert len(cookie.value) < 4096
    client.cookies["provider-flows"] = cookie.value[:-1] + ("A" if cookie.value[-1] != "A" else "B")
    assert client.get(reverse("provider-back"), brought).status_code == 403
    assert liar.asked == []


def test_of_several_tabs_each_goes_on_where_it_was(
    named: Named, people: dict[str, str], liar: Liar, clock: Clock
) -> None:
    """The answer to the first tab is read after the second was begun; it leads to the page of the first."""
    named(oidc=liar.provider())
    linked(people["clerk"], "u-1", clock, issuer=liar.issuer)
    client = browser()
    first = begun(client, liar, "/preferences")
    nonce = liar.nonce
    begun(client, liar)
    liar.nonce = nonce
    assert client.get(reverse("provider-back"), first).headers["Location"] == "/preferences"
    assert signed_in(client) == people["clerk"]


def test_our_own_second_step_is_asked_unless_the_provider_asked(
    named: Named, people: dict[str, str], liar: Liar, clock: Clock
) -> None:
    """Configured methods count, others do not; with a code the person is in."""
    named(oidc=liar.provider(second_factor_amr=("otp",)))
    linked(people["clerk"], "u-1", clock, issuer=liar.issuer)
    account, secret = get_user_model().objects.get(person_id=people["clerk"]), generate_totp_secret()
    carry_codes(account, secret)
    liar.claims = {"amr": ["pwd"]}
    client = browser()
    answer = client.get(reverse("provider-back"), begun(client, liar, "/preferences"))
    assert urlsplit(answer.headers["Location"]).path == reverse("mfa_authenticate")
    assert signed_in(client) == ""
    answer = client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert (answer.headers["Location"], signed_in(client)) == ("/preferences", people["clerk"])
    liar.claims = {"amr": ["pwd", "otp"]}
    client = browser()
    client.get(reverse("provider-back"), begun(client, liar))
    assert signed_in(client) == people["clerk"]


def test_a_link_taken_off_meanwhile_does_not_let_in_after_the_second_step(
    named: Named, people: dict[str, str], liar: Liar, clock: Clock
) -> None:
    """What was proved first must still stand at the end."""
    named(oidc=liar.provider())
    linked(people["clerk"], "u-1", clock, issuer=liar.issuer)
    account, secret = get_user_model().objects.get(person_id=people["clerk"]), generate_totp_secret()
    carry_codes(account, secret)
    client = browser()
    client.get(reverse("provider-back"), begun(client, liar))
    services.unlink_identity(people["clerk"], "oidc", clock=clock, actor="cli")
    answer = client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert answer.headers["Location"] == reverse("account_login")
    assert signed_in(client) == ""


def test_a_provider_that_is_away_leaves_the_other_ways_open(
    named: Named, people: dict[str, str], liar: Liar
) -> None:
    """The sign-in page says which way does not answer; a local password still opens, until the way is back."""
    named(oidc=replace(liar.provider(name="Konto gminy"), issuer="https://localhost:1"))
    client = browser()
    answer = client.get(reverse("provider"), {"next": "/preferences"})
    assert answer.headers["Location"] == f"{reverse('account_login')}?next=%2Fpreferences"
    page = client.get(answer.headers["Location"]).content.decode()
    assert "Konto gminy nie odpowiada" in page
    assert "nie odpowiada od" in browser(ELSEWHERE).get(reverse("account_login")).content.decode()
    client.post(reverse("account_login"), {"login": "clerk", "password": CLIENT["password"]})
    assert signed_in(client) == people["clerk"]
    named(oidc=liar.provider(name="Konto gminy"))
    begun(browser(), liar)
    assert "nie odpowiada" not in browser(ELSEWHERE).get(reverse("account_login")).content.decode()


def test_secrets_and_identifiers_reach_no_log(
    named: Named, ldap_server: Slapd, liar: Liar, caplog: pytest.LogCaptureFixture
) -> None:
    """Refused and broken attempts are logged with their reason, without what was typed or brought."""
    caplog.set_level("DEBUG")
    named(oidc=liar.provider(), ldap=ldap_server.directory(ca=liar.ca.parent / "missing.pem"))
    with capture_logs() as events:
        tried("anna", "hasło-w-dzienniku")
        client = browser()
        brought = begun(client, liar)
        liar.token_status = 400
        client.get(reverse("provider-back"), {**brought, "code": "kod-w-dzienniku"})
    assert [(event["event"], event["way"], event["why"]) for event in events] == [
        ("way.away", "ldap", "FileNotFoundError"),
        ("way.refused", "oidc", "code"),
    ]
    others = [record.getMessage() for record in caplog.records if not record.name.startswith("django.db")]
    logged = " ".join([*others, *map(str, events)])
    for kept in (
        "hasło-w-dzienniku",
        "kod-w-dzienniku",
        LOOKERS_PASSWORD,
        CLIENT["secret"],
        brought["state"],
    ):
        assert kept not in logged


def test_a_flow_ends_after_ten_minutes(
    named: Named, people: dict[str, str], liar: Liar, clock: Clock, settings: Any
) -> None:
    """Who comes back later begins anew."""
    named(oidc=liar.provider())
    linked(people["clerk"], "u-1", clock, issuer=liar.issuer)
    client = browser()
    brought = begun(client, liar)
    settings.CLOCK = ShiftedClock(clock.now() + timedelta(minutes=11), clock)
    assert client.get(reverse("provider-back"), brought).status_code == 403
    assert liar.asked == []


def test_who_has_no_password_here_is_offered_none_to_change_and_sets_up_a_second_step(
    named: Named, people: dict[str, str], liar: Liar, clock: Clock
) -> None:
    """The local form opens nothing for them; codes and passkeys are set up without a password to type first."""
    named(oidc=liar.provider())
    linked(people["clerk"], "u-1", clock, issuer=liar.issuer)
    local = browser(ELSEWHERE)
    local.post(reverse("account_login"), {"login": "clerk", "password": CLIENT["password"]})
    change = reverse("account_change_password")
    assert change in local.get("/preferences").content.decode()
    services.turn_password_off(people["clerk"], clock=clock, actor="cli")
    assert local.get("/preferences").status_code == 302
    local.post(reverse("account_login"), {"login": "clerk", "password": CLIENT["password"]})
    assert signed_in(local) == ""
    client = browser()
    client.get(reverse("provider-back"), begun(client, liar))
    assert change not in client.get("/preferences").content.decode()
    for page in ("mfa_activate_totp", "mfa_add_webauthn"):
        assert client.get(reverse(page)).status_code == 200
