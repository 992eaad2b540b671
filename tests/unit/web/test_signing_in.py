"""Guessing passwords and codes is slow, wherever it is done from; nobody is locked out for good, and no header helps."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.test import Client
from django.urls import reverse

from rejent.kernel.clock import ManualClock
from rejent.office.models import Account
from rejent.registers import queries as registers
from rejent.web.signing_in.attempts import EVERYWHERE, HERE, Attempts
from tests.one_time_codes import code_of, wrong_code
from tests.people import add_person, carry_codes
from tests.unit.web.conftest import NOON

PASSWORD = "spokojna długa rzeka"
HOME, ELSEWHERE = "198.51.100.1", "203.0.113.9"

pytestmark = pytest.mark.usefixtures("counters")


@pytest.fixture
def person(regulation: int, clock: ManualClock) -> str:  # noqa: ARG001 - an office
    """Somebody with an account."""
    add_person(
        "Strażnik", post="", roles=["guard"], username="guard", password=PASSWORD, clock=clock, actor=""
    )
    return "guard"


def tried(name: str, password: str, address: str, **headers: str) -> int:
    """Try to sign in; 302 is in, 200 is refused."""
    form = {"login": name, "password": password}
    return Client(REMOTE_ADDR=address).post(reverse("account_login"), form, headers=headers).status_code


def test_guessing_from_one_place_leaves_the_person_alone_elsewhere(person: str) -> None:
    """After many failures from one address even the right password waits there, and signs in at once from another."""
    assert {tried(person, f"wrong {number}", ELSEWHERE) for number in range(9)} == {200}
    assert tried(person, PASSWORD, ELSEWHERE) == 200
    assert tried(person, PASSWORD, HOME) == 302


def test_a_header_gives_nobody_another_address(person: str) -> None:
    """Without a named proxy ten addresses in X-Forwarded-For are still one."""
    for number in range(HERE.free):
        tried(person, "wrong", ELSEWHERE, x_forwarded_for=f"192.0.2.{number}")
    assert tried(person, PASSWORD, ELSEWHERE, x_forwarded_for="192.0.2.200") == 200


def test_behind_a_named_proxy_each_has_an_address_of_their_own(person: str, settings: Any) -> None:
    """One attacker behind the office's proxy does not hinder the others behind it; a spoofed left part changes nothing."""
    settings.INSTALLATION = replace(settings.INSTALLATION, trusted_proxies=("127.0.0.1",))
    for number in range(HERE.free):
        tried(person, "wrong", "127.0.0.1", x_forwarded_for=f"192.0.2.{number}, {ELSEWHERE}")
    assert tried(person, PASSWORD, "127.0.0.1", x_forwarded_for=ELSEWHERE) == 200
    assert tried(person, PASSWORD, "127.0.0.1", x_forwarded_for=f"{ELSEWHERE}, {HOME}") == 302


def test_the_page_says_how_long_the_wait_still_is(person: str, clock: ManualClock) -> None:
    """Who tries again too early reads the seconds that are left, not a guess."""
    for number in range(HERE.free):
        tried(person, f"wrong {number}", HOME)
    clock.advance(timedelta(seconds=4))
    form = {"login": person, "password": PASSWORD}
    page = Client(REMOTE_ADDR=HOME).post(reverse("account_login"), form).content.decode()
    assert "Spróbuj ponownie za 6\xa0s" in page


@pytest.mark.django_db
def test_the_entrance_begins_with_the_name_and_offers_the_other_colours() -> None:
    """The cursor stands in the name's field; which colours are offered where the device decides is left to its style."""
    page = Client().get(reverse("account_login")).content.decode()
    (first,) = (tag for tag in page.split("<input") if "autofocus" in tag.split(">")[0])
    assert 'name="login"' in first
    assert 'when-dark" name="theme" value="light"' in page
    assert 'when-light" name="theme" value="dark"' in page


@pytest.mark.django_db
def test_a_wait_ends_and_refused_attempts_do_not_prolong_it(clock: ManualClock) -> None:
    """However often somebody tries meanwhile, after the wait one attempt is read; waits double up to five minutes."""
    here = Attempts("guard", HOME, clock)
    assert [here.begin() for _ in range(HERE.free + 5)] == [True] * HERE.free + [False] * 5
    waited: list[float] = []
    for _ in range(8):
        clock.advance(timedelta(seconds=HERE.after(HERE.free + len(waited)) - 1))
        assert not here.begin()
        clock.advance(timedelta(seconds=1))
        assert here.begin()
        waited.append(HERE.after(HERE.free + len(waited)))
    assert (waited[:3], waited[-1]) == ([10, 20, 40], 300)


@pytest.mark.django_db
def test_guessing_from_everywhere_leaves_known_places_alone(clock: ManualClock) -> None:
    """Many addresses together are slowed down to one attempt a minute, the place the person signs in from is not."""
    Attempts("guard", HOME, clock).begin()
    Attempts("guard", HOME, clock).succeeded()
    read = sum(Attempts("guard", f"203.0.113.{number}", clock).begin() for number in range(100))
    assert read == EVERYWHERE.free
    assert not Attempts("Guard", "192.0.2.1", clock).begin()
    assert Attempts("guard", HOME, clock).begin()
    clock.advance(timedelta(seconds=EVERYWHERE.longest_s))
    assert Attempts("guard", "192.0.2.1", clock).begin()
    assert not Attempts("guard", "192.0.2.2", clock).begin()


@pytest.mark.django_db
def test_signing_in_forgets_ones_own_failures(clock: ManualClock) -> None:
    """Whoever got it right after some mistakes begins anew; failures are forgotten an hour after the last in any case."""
    here = Attempts("guard", HOME, clock)
    for _ in range(3):
        assert all(here.begin() for _ in range(HERE.free))
        here.succeeded()


def at_second_step(name: str, address: str) -> Client:
    """A browser in which the password was right and a code is asked for."""
    browser = Client(REMOTE_ADDR=address)
    answer = browser.post(reverse("account_login"), {"login": name, "password": PASSWORD})
    assert answer.headers["Location"] == reverse("mfa_authenticate")
    return browser


def test_guessing_codes_waits_like_guessing_passwords_and_is_entered(person: str) -> None:
    """After five wrong codes even the right one waits there, the register knows, and others at that address sign in."""
    add_person(
        "Kancelaria",
        post="",
        roles=["clerk"],
        username="clerk",
        password=PASSWORD,
        clock=ManualClock(NOON),
        actor="",
    )
    account, secret = Account.objects.get(username=person), generate_totp_secret()
    carry_codes(account, secret)
    guesser, page = at_second_step(person, ELSEWHERE), reverse("mfa_authenticate")
    answers = [guesser.post(page, {"code": wrong_code(secret, number)}) for number in range(HERE.free)]
    assert {answer.status_code for answer in answers} == {200}
    refused = registers.acts(names=["session.refused"]).acts
    assert {act.subject for act in refused} == {f"person:{account.person_id}"}
    assert guesser.post(page, {"code": code_of(secret)}).status_code == 200
    assert at_second_step(person, ELSEWHERE).post(page, {"code": code_of(secret)}).status_code == 200
    assert tried("clerk", PASSWORD, ELSEWHERE) == 302
    assert at_second_step(person, HOME).post(page, {"code": code_of(secret)}).status_code == 302


def test_recovery_codes_count_with_the_codes(person: str) -> None:
    """Whoever guesses at one kind has no fresh attempts at the other; the page of proving it once more counts too."""
    account, secret = Account.objects.get(username=person), generate_totp_secret()
    carry_codes(account, secret)
    signed_in = Client(REMOTE_ADDR=ELSEWHERE)
    signed_in.force_login(account)
    for number in range(HERE.free):
        signed_in.post(reverse("mfa_reauthenticate"), {"code": f"abcd-{number:04d}"})
    assert signed_in.post(reverse("mfa_reauthenticate"), {"code": code_of(secret)}).status_code == 200
    assert (
        at_second_step(person, ELSEWHERE)
        .post(reverse("mfa_authenticate"), {"code": code_of(secret)})
        .status_code
        == 200
    )
    assert len(registers.acts(names=["session.refused"]).acts) == 1


@pytest.mark.usefixtures("regulation")
def test_an_empty_form_names_the_fields_that_are_empty() -> None:
    """Read away from its field, an error that only says that something is required says what."""
    page = Client().post(reverse("account_login"), {}).content.decode()
    summary = page.partition('class="summary"')[2].partition("</div>")[0]
    assert "Wypełnij pole: " in summary
    assert "To pole jest wymagane" not in summary
    told = re.findall(r'<a href="#(id_[a-z]+)">Wypełnij pole: ([^<]+)\.</a>', summary)
    assert [name for name, _ in told] == ["id_login", "id_password"]
    for name, label in told:
        assert re.search(rf'<label[^>]* for="{name}"[^>]*>\s*{re.escape(label)}', page), label
