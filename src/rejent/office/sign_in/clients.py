"""The provider and the directory of an installation, ready to be asked: what is configured, with its secret and its library."""

from pathlib import Path
from typing import TYPE_CHECKING

from rejent.kernel.clock import Clock
from rejent.kernel.errors import InputRefusedError, NotFoundError
from rejent.ledger.durable_files import replace_durably
from rejent.office.installation import Installation
from rejent.office.sign_in.configured import LDAP, OIDC, WAYS, missing_packages, trust

if TYPE_CHECKING:
    from rejent.office.sign_in.directory import LdapDirectory
    from rejent.office.sign_in.provider import OidcProvider

_OTHERS = 0o077
_LONGEST = 4096


def open_provider(installation: Installation, back: str, clock: Clock) -> "OidcProvider | None":
    """Return the identity provider; nothing where none is configured.

    ``back`` is the path of the page that the provider sends browsers back to. Raises NotFoundError, InputRefusedError.
    """
    if installation.oidc is None:
        return None
    from rejent.office.sign_in.provider import OidcProvider

    secret = read_secret(installation, OIDC)
    return OidcProvider(installation.oidc, installation.directory, secret, back, clock)


def open_directory(installation: Installation) -> "LdapDirectory | None":
    """Return the directory; nothing where none is configured. Raises NotFoundError, InputRefusedError."""
    if installation.ldap is None:
        return None
    from rejent.office.sign_in.directory import LdapDirectory

    return LdapDirectory(installation.ldap, installation.directory, read_secret(installation, LDAP))


def configured_ways(installation: Installation) -> list[str]:
    """Return the ways that are configured."""
    found = {OIDC: installation.oidc, LDAP: installation.ldap}
    return [way for way in WAYS if found[way] is not None]


def require_ways(installation: Installation) -> None:
    """See that what is configured can be used, as far as this machine is concerned; nobody is asked.

    Raises NotFoundError, InputRefusedError.
    """
    for way in configured_ways(installation):
        if missing := missing_packages(way):
            raise NotFoundError(
                "{way} is configured, and {packages} is not installed.",
                way=way,
                packages=" ".join(missing),
                advice="Install it with: pip install 'rejent[{way}]'",
            )
        read_secret(installation, way)
        section = installation.oidc if way == OIDC else installation.ldap
        authorities = section.ca if section is not None else ""
        try:
            trust(authorities, installation.directory)
        except OSError as error:
            raise InputRefusedError(
                "{key} names {file}, which cannot be read as certificates: {why}.",
                key=f"{way}.ca",
                file=authorities,
                why=(getattr(error, "reason", None) or error.strerror or "unknown").lower(),
                advice="Name a PEM file.",
            ) from None


def read_secret(installation: Installation, way: str) -> str:
    """Return the secret of a way: of the client with the provider, of the account that looks people up in the directory.

    Raises NotFoundError, InputRefusedError.
    """
    file = _file(installation, way)
    try:
        mode = file.stat().st_mode
        text = file.read_text(encoding="utf-8").rstrip("\n")
    except FileNotFoundError:
        raise NotFoundError(
            "{way} is configured, and its secret is missing.",
            way=way,
            advice="Enter it with: rejent identity secret DIR {way}",
        ) from None
    except UnicodeDecodeError:
        text = ""
    if mode & _OTHERS or not text:
        raise InputRefusedError(
            "{file} is empty or may be read by others.",
            file=file,
            advice="Enter the secret anew: rejent identity secret",
        )
    return text


def write_secret(installation: Installation, way: str, secret: str) -> None:
    """Keep the secret of a way where only the program's user reads it. Raises InputRefusedError."""
    if way not in WAYS:
        raise InputRefusedError("{way} is no way of signing in.", way=way, advice="Known are: oidc ldap.")
    if not secret or len(secret) > _LONGEST or "\n" in secret or "\0" in secret:
        raise InputRefusedError("A secret is one line of at most {longest} characters.", longest=_LONGEST)
    replace_durably(_file(installation, way), secret.encode(), 0o600)


def _file(installation: Installation, way: str) -> Path:
    return installation.secrets / f"sign-in-{way}"
