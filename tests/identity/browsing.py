"""What tests of signing in do again and again: browsers, links, attempts."""

from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from rejent.kernel.clock import Clock
from rejent.office import services
from rejent.office.sign_in.directory import LdapDirectory
from rejent.registers import queries as registers
from tests.identity.slapd import LOOKERS_PASSWORD, Slapd

HOME, ELSEWHERE = "198.51.100.1", "203.0.113.9"


def browser(address: str = HOME, **headers: str) -> Client:
    """A browser that is not signed in."""
    return Client(REMOTE_ADDR=address, headers={"host": "localhost", **headers})


def signed_in(client: Client) -> str:
    """Whose session a browser has; empty for nobody's."""
    account = client.session.get("_auth_user_id")
    return str(get_user_model().objects.get(pk=account).person_id) if account else ""


def linked(person: str, subject: str, clock: Clock, *, way: str = "oidc", issuer: str = "") -> None:
    """Link a person by the command line."""
    services.link_identity(person, way=way, issuer=issuer, subject=subject, clock=clock, actor="cli")


def linked_in_directory(person: str, uid: str, server: Slapd, clock: Clock) -> None:
    """Link a person with an entry of the directory."""
    found = LdapDirectory(server.directory(), server.folder, LOOKERS_PASSWORD).find(uid)
    assert found is not None
    linked(person, found.subject, clock, way="ldap")


def refused() -> list[str]:
    """Whom refused attempts were entered of, the oldest first."""
    return [act.subject for act in reversed(registers.acts(names=["session.refused"]).acts)]


def tried(name: str, password: str, address: str = ELSEWHERE) -> int:
    """Try to sign in by the directory; 302 is in, 200 is refused."""
    return browser(address).post(reverse("directory"), {"login": name, "password": password}).status_code
