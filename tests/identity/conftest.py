"""A real directory and a real provider, started once; an office whose settings name them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from rejent.kernel.clock import Clock, SystemClock
from rejent.office import services as office
from rejent.office.installation import Installation
from rejent.office.regulation.loading import example
from rejent.office.sign_in.clients import write_secret
from rejent.office.sign_in.configured import LDAP, OIDC, Directory, Provider
from tests.certificates import Authority
from tests.identity.liar import Liar, lying_provider
from tests.identity.slapd import LOOKERS_PASSWORD, Slapd, slapd
from tests.identity.toolkit.running import CLIENT, Toolkit, toolkit
from tests.one_time_codes import one_step
from tests.people import add_person

__all__ = ["one_step"]

Named = Callable[..., Installation]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Signs the certificates of the servers that an office believes."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def ldap_server(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Slapd]:
    """OpenLDAP's server with ``anna`` and ``jan``."""
    with slapd(tmp_path_factory.mktemp("slapd"), authority, authority.server("localhost")) as running:
        yield running


@pytest.fixture(scope="session")
def oidc_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Toolkit]:
    """Django OAuth Toolkit with ``anna`` and ``jan-stick``, who has a second factor."""
    folder = tmp_path_factory.mktemp("toolkit")
    with toolkit(folder, Authority(folder), ["anna", "jan-stick"]) as running:
        yield running


@pytest.fixture
def liar(authority: Authority) -> Iterator[Liar]:
    """A provider that says what a test wants."""
    with lying_provider(authority, authority.server("localhost")) as running:
        yield running


@pytest.fixture
def clock(settings: Any) -> Clock:
    """The real one, for others date what they say by it; passwords are hashed quickly, since nobody attacks a test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CLOCK = SystemClock()
    return settings.CLOCK  # type: ignore[no-any-return]  # Django's settings have no types


@pytest.fixture
def named(settings: Any, tmp_path: Path, people: dict[str, str]) -> Named:  # noqa: ARG001 - an office
    """Makes the program's installation name ways of signing in."""
    cache.clear()

    def name(oidc: Provider | None = None, ldap: Directory | None = None) -> Installation:
        (tmp_path / "secrets").mkdir(exist_ok=True)
        settings.INSTALLATION = replace(settings.INSTALLATION, directory=tmp_path, oidc=oidc, ldap=ldap)
        write_secret(settings.INSTALLATION, OIDC, CLIENT["secret"])
        write_secret(settings.INSTALLATION, LDAP, LOOKERS_PASSWORD)
        return settings.INSTALLATION  # type: ignore[no-any-return]  # Django's settings have no types

    return name


@pytest.fixture
def people(db: None, clock: Clock) -> dict[str, str]:  # noqa: ARG001 - asked for its effect
    """A viewer, a clerk and an administrator; the identifier of each."""
    office.activate_regulation(example("pleszew"), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    return {
        role: str(
            add_person(
                f"Osoba {role}", post=role, roles=[role], username=role, password=CLIENT["password"], clock=clock, actor="",
            ).id
        )
        for role in ("viewer", "clerk", "administrator")
    }  # fmt: skip
