"""Linking on the page of a person: who may, whom, and what is said when it cannot be."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from rejent.kernel.clock import Clock
from rejent.office.sign_in import identities
from rejent.office.sign_in.configured import Directory
from rejent.registers import queries as registers
from tests.identity.conftest import Named
from tests.identity.liar import Liar
from tests.identity.slapd import Slapd
from tests.identity.toolkit.running import CLIENT
from tests.people import add_person


@pytest.fixture
def administrator(named: Named, people: dict[str, str], liar: Liar, ldap_server: Slapd) -> Client:
    """A browser of the administrator of an office that names both ways."""
    named(oidc=liar.provider(), ldap=ldap_server.directory())
    client = Client(headers={"host": "localhost"})
    client.force_login(get_user_model().objects.get(person_id=people["administrator"]))
    return client


def said(client: Client, address: str, form: dict[str, str] | None = None) -> str:
    """The page that follows."""
    return client.post(address, form or {}, follow=True).content.decode()


def test_links_are_made_and_taken_off_on_the_page(
    administrator: Client, people: dict[str, str], liar: Liar
) -> None:
    """By identifier at the provider and by name in the directory; each change is entered with who made it."""
    page = f"/people/{people['clerk']}"
    assert "Powiązano" in said(administrator, f"{page}/link", {"way": "oidc", "identifier": " u-1 "})
    assert "Powiązano" in said(administrator, f"{page}/link", {"way": "ldap", "identifier": "jan"})
    held = {link.way: link for link in identities.identities(people["clerk"])}
    assert (held["oidc"].issuer, held["oidc"].subject) == (liar.issuer, "u-1")
    assert len(held["ldap"].subject) == 36
    assert "Hasło jest wyłączone" in said(administrator, f"{page}/password-off")
    assert "Powiązanie zdjęte" in said(administrator, f"{page}/unlink/oidc")
    assert "jedyny sposób logowania" in said(administrator, f"{page}/unlink/ldap")
    acts = registers.acts(names=["person.linked", "person.unlinked", "person.password-off"]).acts
    assert {act.actor for act in acts} == {people["administrator"]}
    assert len(acts) == 4


def test_what_cannot_be_linked_is_said_in_words(
    administrator: Client, people: dict[str, str], named: Named, ldap_server: Slapd
) -> None:
    """An identifier that is none, a name the directory does not know, a way that is not there, a directory that is away."""
    link = f"/people/{people['clerk']}/link"
    assert "To nie jest identyfikator" in said(administrator, link, {"way": "oidc", "identifier": " "})
    assert "Katalog nie zna nikogo" in said(administrator, link, {"way": "ldap", "identifier": "*"})
    assert "saml nie ma w ustawieniach" in said(administrator, link, {"way": "saml", "identifier": "x"})
    at = ldap_server.directory()
    named(ldap=Directory(at.host, 1, at.tls_at_once, at.bind_dn, at.base, ca=at.ca))
    assert "nie odpowiada. Niczego nie zapisano" in said(
        administrator, link, {"way": "ldap", "identifier": "jan"}
    )
    assert identities.identities() == []


def test_nobody_links_themselves_or_whom_they_may_not_change(
    administrator: Client, people: dict[str, str], clock: Clock
) -> None:
    """The forms are not shown, and sent all the same they change nothing (R-ACC-9)."""
    head = add_person(
        "Osoba head", post="head", roles=["head"], username="head", password=CLIENT["password"], clock=clock, actor="",
    ).id  # fmt: skip
    for person in (head, people["administrator"]):
        assert "/link" not in administrator.get(f"/people/{person}").content.decode()
        for act in ("link", "unlink/oidc", "password-off"):
            administrator.post(f"/people/{person}/{act}", {"way": "oidc", "identifier": "u-9"})
    assert administrator.post(f"/people/{head}/link", {"way": "oidc", "identifier": "u-9"}).status_code == 403
    assert registers.acts(names=["person.linked", "person.password-off"]).acts == []


def test_the_page_shows_no_identifier(administrator: Client, people: dict[str, str]) -> None:
    """Who reads the page learns that somebody is linked, not by what."""
    page = f"/people/{people['clerk']}"
    assert "u-secret" not in said(administrator, f"{page}/link", {"way": "oidc", "identifier": "u-secret"})
    viewer = Client(headers={"host": "localhost"})
    viewer.force_login(get_user_model().objects.get(person_id=people["viewer"]))
    assert viewer.post(f"{page}/unlink/oidc").status_code == 403
    assert len(identities.identities()) == 1
