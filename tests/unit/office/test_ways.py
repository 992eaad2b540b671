"""What an installation says of an identity provider and a directory, and where their secrets lie."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rejent.kernel.clock import SystemClock
from rejent.kernel.errors import InputRefusedError, NotFoundError
from rejent.office.installation import Installation, read_installation, write_installation
from rejent.office.sign_in.clients import (
    configured_ways,
    open_directory,
    open_provider,
    read_secret,
    require_ways,
    write_secret,
)

OIDC = """[oidc]
issuer = "https://sso.example/realms/urzad"
client_id = "rejent"
pages = "https://rejent.example/"
"""
LDAP = """[ldap]
server = "ldaps://dc.example"
base = "dc=example"
bind_dn = "cn=rejent,dc=example"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An installation without ways."""
    made = datetime(2026, 11, 1, tzinfo=UTC)
    write_installation(tmp_path / "office", name="x", test=True, created=made, database="", storage="")
    return tmp_path / "office"


def saying(folder: Path, text: str) -> Installation:
    """The installation with some lines more."""
    file = folder / "rejent.toml"
    file.write_text(
        file.read_text(encoding="utf-8").split("[oidc]")[0].split("[ldap]")[0] + text, encoding="utf-8"
    )
    return read_installation(folder)


def test_ways_are_off_until_they_are_named(folder: Path) -> None:
    """Without a section nothing is asked, needed or offered."""
    installation = saying(folder, "")
    require_ways(installation)
    assert configured_ways(installation) == []
    assert open_provider(installation, "/back", SystemClock()) is None
    assert open_directory(installation) is None


def test_what_is_left_out_is_the_careful_choice(folder: Path) -> None:
    """A fresh login is demanded, no second factor is believed, the identifiers are those that nobody else gets."""
    installation = saying(folder, OIDC + LDAP)
    at, people = installation.oidc, installation.ldap
    assert at is not None
    assert people is not None
    assert (at.pages, at.subject, at.fresh_login) == ("https://rejent.example", "sub", True)
    assert (at.second_factor_amr, at.second_factor_acr) == ((), ())
    assert (people.host, people.port, people.tls_at_once) == ("dc.example", 636, True)
    assert (people.name_attribute, people.id_attribute) == ("uid", "entryUUID")
    plain = saying(folder, LDAP.replace("ldaps://dc.example", "ldap://dc.example:3389")).ldap
    assert plain is not None
    assert (plain.port, plain.tls_at_once) == (3389, False)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (OIDC.replace("https://sso", "http://sso"), "oidc.issuer"),
        (OIDC.replace("/urzad", "/urzad?x=1"), "oidc.issuer"),
        (OIDC.replace("https://sso.example/realms/urzad", "https://u:p@sso.example"), "oidc.issuer"),
        (OIDC.replace("https://sso.example/realms/urzad", "https://[::1"), "oidc.issuer"),
        (OIDC.replace("https://rejent", "http://rejent"), "oidc.pages"),
        (OIDC.replace("rejent.example/", "rejent.example/office"), "oidc.pages"),
        (OIDC.replace('"rejent"', '""'), "oidc.client_id"),
        (OIDC.replace('"rejent"', "1"), "oidc.client_id"),
        (OIDC + 'subject = "email"', "oidc.subject"),
        (OIDC + 'second_factor_amr = "mfa"', "oidc.second_factor_amr"),
        (OIDC + "second_factor_acr = [1]", "oidc.second_factor_acr"),
        (OIDC + 'fresh_login = "no"', "oidc.fresh_login"),
        (OIDC + "verify = false", "oidc.verify"),
        ('[oidc]\nclient_id = "x"', "oidc.issuer"),
        (LDAP.replace("ldaps://dc.example", "dc.example"), "ldap.server"),
        (LDAP.replace("ldaps://dc.example", "ldapi:///run/slapd"), "ldap.server"),
        (LDAP.replace("ldaps://dc.example", "ldaps://dc.example/dc=x??sub"), "ldap.server"),
        (LDAP.replace("ldaps://dc.example", "ldaps://dc.example:x"), "ldap.server"),
        (LDAP.replace('"cn=rejent,dc=example"', '""'), "ldap.bind_dn"),
        (LDAP + 'id_attribute = "uid"', "ldap.id_attribute"),
        (LDAP + 'name_attribute = "uid)(x"', "ldap.name_attribute"),
        (LDAP + 'filter = "objectClass=person"', "ldap.filter"),
        (LDAP + 'bind_password = "x"', "ldap.bind_password"),
        ("[ldap]", "ldap.server"),
    ],
)
def test_what_is_misstated_is_refused_with_its_key_and_rule(folder: Path, text: str, key: str) -> None:
    """One line that names the key and what it must be; nothing is guessed, no key is overlooked."""
    with pytest.raises(InputRefusedError) as refused:
        saying(folder, text)
    line = str(refused.value)
    assert f": {key} must be " in line
    assert "\n" not in line


def test_a_secret_is_its_users_alone(folder: Path) -> None:
    """Kept with mode 0600, replaced as a whole; missing, empty or readable by others it is not used."""
    installation = saying(folder, OIDC)
    with pytest.raises(NotFoundError, match="secret is missing"):
        require_ways(installation)
    for secret in ("first one", "zażółć gęślą jaźń"):
        write_secret(installation, "oidc", secret)
        assert read_secret(installation, "oidc") == secret
    (file,) = (each for each in installation.secrets.iterdir() if "entries" not in each.name)
    assert file.stat().st_mode & 0o777 == 0o600
    require_ways(installation)
    file.chmod(0o640)
    with pytest.raises(InputRefusedError, match="read by others"):
        require_ways(installation)
    for broken in (b"", b"\xff\xfe"):
        file.write_bytes(broken)
        file.chmod(0o600)
        with pytest.raises(InputRefusedError):
            read_secret(installation, "oidc")
    assert "first one" not in repr(installation)


@pytest.mark.parametrize(
    ("way", "secret"), [("saml", "x"), ("oidc", ""), ("oidc", "a\nb"), ("oidc", "x" * 4097)]
)
def test_what_is_no_secret_is_not_kept(folder: Path, way: str, secret: str) -> None:
    """An unknown way, nothing, several lines, too much; the refusal does not repeat it."""
    installation = saying(folder, OIDC)
    with pytest.raises(InputRefusedError) as refused:
        write_secret(installation, way, secret)
    assert "a\nb" not in str(refused.value)
    assert {file.name for file in installation.secrets.iterdir()} == {
        "entries-office",
        "entries-recorder",
        "newest-entries",
    }


def test_what_is_configured_and_not_installed_is_said_with_the_command(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The extras are extras: whoever names a way without its library reads how to get it."""
    monkeypatch.setattr(
        "rejent.office.sign_in.configured.PACKAGES", {"oidc": ("no_such_library",), "ldap": ()}
    )
    with pytest.raises(NotFoundError, match=r"no_such_library is not installed. .*rejent\[oidc\]"):
        require_ways(saying(folder, OIDC))


def test_the_program_needs_none_of_the_extras() -> None:
    """Pages and commands come up where the libraries of the ways are not installed."""
    without = (
        "import sys; sys.modules.update(dict.fromkeys(['httpx2', 'joserfc', 'ldap3', 'pyasn1']));"
        "import django; django.setup();"
        "import rejent.ops.urls; from rejent.cli.main import assemble; from rejent.streams import registry; assemble(registry.commands())"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "rejent.ops.settings"}
    done = subprocess.run(
        [sys.executable, "-c", without], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_authorities_that_cannot_be_read_stop_the_start(folder: Path) -> None:
    """A missing file, or one that holds no certificates, is named instead of believing the system's."""
    installation = saying(folder, OIDC + 'ca = "secrets/ca.pem"')
    write_secret(installation, "oidc", "x")
    with pytest.raises(InputRefusedError, match=r"oidc.ca names secrets/ca.pem"):
        require_ways(installation)
    (installation.secrets / "ca.pem").write_text("no certificate", encoding="ascii")
    with pytest.raises(InputRefusedError, match=r"oidc.ca names secrets/ca.pem"):
        require_ways(installation)
