"""Signing in by the directory, as browsers do it: who gets in, as whom, and who does not (R-ACC-2, R-ACC-7)."""

from contextlib import ExitStack

from django.test import Client
from django.urls import reverse

from rejent.kernel.clock import Clock
from rejent.office import services
from rejent.office.sign_in.configured import LDAP, Directory
from rejent.registers import queries as registers
from rejent.web.signing_in.attempts import HERE
from rejent.web.signing_in.ways import MOST_ASKED_AT_ONCE, asking
from tests.identity.browsing import HOME, browser, linked_in_directory, refused, signed_in, tried
from tests.identity.conftest import Named
from tests.identity.slapd import PASSWORD, Slapd
from tests.identity.toolkit.running import CLIENT


def test_a_linked_person_signs_in_by_a_real_directory(
    named: Named, people: dict[str, str], ldap_server: Slapd, clock: Clock
) -> None:
    """With name and password of the directory, in any case of the name; the entry tells which way it was."""
    named(ldap=ldap_server.directory())
    linked_in_directory(people["clerk"], "anna", ldap_server, clock)
    client = browser()
    assert reverse("directory") in client.get(reverse("account_login")).content.decode()
    assert client.get(reverse("directory"), {"next": "/preferences"}).status_code == 200
    form = {"login": " Anna", "password": PASSWORD, "next": "/preferences"}
    answer = client.post(reverse("directory"), form)
    assert (answer.headers["Location"], signed_in(client)) == ("/preferences", people["clerk"])
    (entered,) = registers.acts(names=["session.opened"]).acts
    assert entered.facts == {"person": people["clerk"], "way": "ldap"}


def test_the_directory_alone_lets_nobody_in(
    named: Named, people: dict[str, str], ldap_server: Slapd, clock: Clock
) -> None:
    """Not linked, wrong password, no password, unknown, or gone from the office: one answer for all of them."""
    named(ldap=ldap_server.directory())
    linked_in_directory(people["clerk"], "anna", ldap_server, clock)
    assert tried("jan", PASSWORD) == 200
    assert tried("anna", "wrong") == 200
    assert tried("anna", "") == 200
    assert tried("nobody", PASSWORD) == 200
    assert tried("anna)(uid=*", PASSWORD) == 200
    services.person_left(people["clerk"], clock=clock, actor="cli")
    assert tried("anna", PASSWORD) == 200
    assert set(refused()) == {"", f"person:{people['clerk']}"}


def test_guessing_at_the_directory_is_slow_however_the_name_is_written(
    named: Named, people: dict[str, str], ldap_server: Slapd, clock: Clock
) -> None:
    """Names that the directory takes for one are one account; it is asked no more while the wait lasts."""
    named(ldap=ldap_server.directory())
    linked_in_directory(people["clerk"], "anna", ldap_server, clock)
    for number, name in enumerate(("anna", "ANNA", "aNNa", "  anna", "\uff41nna")[: HERE.free]):
        assert tried(name, f"wrong {number}") == 200
    assert tried("Anna", PASSWORD) == 200
    assert tried("Anna", PASSWORD, HOME) == 302


def test_a_directory_that_is_away_leaves_the_other_ways_open(
    named: Named, people: dict[str, str], ldap_server: Slapd
) -> None:
    """The password typed is not shown again, the page says what still works, and it does."""
    at = ldap_server.directory()
    named(ldap=Directory(at.host, 1, at.tls_at_once, at.bind_dn, at.base, ca=at.ca))
    client = browser()
    answer = client.post(reverse("directory"), {"login": "anna", "password": PASSWORD})
    page = client.get(answer.headers["Location"]).content.decode()
    assert "Katalog urzędu nie odpowiada" in page
    assert PASSWORD not in page
    client.post(reverse("account_login"), {"login": "clerk", "password": CLIENT["password"]})
    assert signed_in(client) == people["clerk"]


def test_the_forms_want_their_token(named: Named, ldap_server: Slapd) -> None:
    """A page elsewhere cannot sign a browser in as somebody of its choice."""
    named(ldap=ldap_server.directory())
    strict = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    assert strict.post(reverse("directory"), {"login": "anna", "password": PASSWORD}).status_code == 403


def test_a_crowd_at_a_way_that_hangs_takes_no_page_from_others(named: Named, ldap_server: Slapd) -> None:
    """Only so many are asked at once; who comes then is told so without waiting, and the other ways go on."""
    named(ldap=ldap_server.directory())
    client = browser()
    with ExitStack() as hanging:
        for _ in range(MOST_ASKED_AT_ONCE):
            hanging.enter_context(asking(LDAP))
        answer = client.post(reverse("directory"), {"login": "anna", "password": PASSWORD})
        assert answer.headers["Location"] == reverse("account_login")
        assert client.get(reverse("account_login")).status_code == 200
    assert browser().post(reverse("directory"), {"login": "anna", "password": PASSWORD}).status_code == 200
