"""The sections of ``rejent.toml`` about an identity provider and a directory.

Nothing is guessed: a key that is not known, a value of a wrong kind or an address without TLS is refused with the rule
that it breaks, for each of them could open what must be closed.
"""

import importlib.util
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

OIDC, LDAP = "oidc", "ldap"
WAYS = (OIDC, LDAP)
PACKAGES: Mapping[str, tuple[str, ...]] = {OIDC: ("httpx2", "joserfc"), LDAP: ("ldap3",)}
"""Packages of each way that the plain program does without."""
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
"""The name of an LDAP attribute (RFC 4512 § 1.4, without options)."""
_LONGEST = 500


class MisstatedError(ValueError):
    """A key of a section is wrong."""

    def __init__(self, key: str, rule: str) -> None:
        super().__init__(key, rule)
        self.key, self.rule = key, rule


@dataclass(frozen=True, slots=True)
class Provider:
    """An OpenID Connect provider.

    Attributes:
        issuer: its identifier, under which its settings are found (OpenID Connect Discovery § 4).
        pages: scheme and host that browsers ask the pages by; what the provider sends them back to lies there.
        ca: PEM file of the authorities its certificate is checked with; empty for those of the system.
        subject: the claim of ID tokens that is never given to somebody else.
        second_factor_amr: methods (RFC 8176) of which one makes the second step superfluous.
        fresh_login: the person proves anew who they are, however recently the provider saw them.
    """

    issuer: str
    client_id: str
    pages: str
    name: str = ""
    ca: str = ""
    subject: str = "sub"
    second_factor_amr: tuple[str, ...] = ()
    second_factor_acr: tuple[str, ...] = ()
    fresh_login: bool = True


@dataclass(frozen=True, slots=True)
class Directory:
    """An LDAP directory.

    Attributes:
        host, port, tls_at_once: where it answers; without TLS at once StartTLS is demanded before anything is said.
        name_attribute: what people type as their name.
        id_attribute: what is never given to somebody else.
    """

    host: str
    port: int
    tls_at_once: bool
    bind_dn: str
    base: str
    name_attribute: str = "uid"
    id_attribute: str = "entryUUID"
    filter: str = "(objectClass=person)"
    name: str = ""
    ca: str = ""


def read_provider(values: Mapping[str, Any]) -> Provider:
    """Return the section ``[oidc]``. Raises `MisstatedError` if a key is missing, unknown or wrong."""
    given = _Section(values, Provider.__dataclass_fields__)
    subject = given.text("subject", "sub")
    if subject not in {"sub", "oid"}:
        raise MisstatedError("subject", "sub or oid, for other claims may be given to somebody else one day")
    return Provider(
        issuer=given.address("issuer", _is_issuer, "an address https://HOST/PATH without query or fragment"),
        client_id=given.text("client_id"),
        pages=given.address("pages", _is_origin, "https://HOST, or http:// with a loopback address").rstrip(
            "/"
        ),
        name=given.text("name", ""),
        ca=given.text("ca", ""),
        subject=subject,
        second_factor_amr=given.texts("second_factor_amr"),
        second_factor_acr=given.texts("second_factor_acr"),
        fresh_login=given.truth("fresh_login", default=True),
    )


def read_directory(values: Mapping[str, Any]) -> Directory:
    """Return the section ``[ldap]``. Raises `MisstatedError` if a key is missing, unknown or wrong."""
    given = _Section(values, {*Directory.__dataclass_fields__, "server"} - {"host", "port", "tls_at_once"})
    at = urlsplit(
        given.address("server", _is_server, "ldaps://HOST, or ldap://HOST, which begins with StartTLS")
    )
    identifier = given.text("id_attribute", "entryUUID")
    if identifier not in {"entryUUID", "objectGUID"}:
        raise MisstatedError(
            "id_attribute", "entryUUID or objectGUID, for others may be given to somebody else one day"
        )
    attribute = given.text("name_attribute", "uid")
    if not _ATTRIBUTE.fullmatch(attribute):
        raise MisstatedError("name_attribute", "the name of one attribute")
    narrowed = given.text("filter", "(objectClass=person)")
    if not (narrowed.startswith("(") and narrowed.endswith(")")):
        raise MisstatedError("filter", "a filter of RFC 4515 in parentheses")
    return Directory(
        host=at.hostname or "",
        port=at.port or (636 if at.scheme == "ldaps" else 389),
        tls_at_once=at.scheme == "ldaps",
        bind_dn=given.text("bind_dn"),
        base=given.text("base"),
        name_attribute=attribute,
        id_attribute=identifier,
        filter=narrowed,
        name=given.text("name", ""),
        ca=given.text("ca", ""),
    )


def missing_packages(way: str) -> list[str]:
    """Return the packages that a way needs and this machine lacks."""
    return [package for package in PACKAGES[way] if importlib.util.find_spec(package) is None]


def trust(ca: str, folder: Path) -> ssl.SSLContext:
    """Return a TLS context (1.2 at least) that checks the certificate and the host's name. Raises OSError, SSLError."""
    context = ssl.create_default_context(cafile=str(folder / ca) if ca else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def cause_of(error: Exception) -> str:
    """Return why a way does not answer, without the error's text: an answer may hold anything."""
    is_untrusted = "CERTIFICATE_VERIFY_FAILED" in str(error)
    return "its certificate is not believed" if is_untrusted else type(error).__name__


@dataclass(frozen=True, slots=True)
class _Section:
    """The keys of a section, read one by one."""

    values: Mapping[str, Any]
    known: Any

    def __post_init__(self) -> None:
        for key in self.values:
            if key not in self.known:
                raise MisstatedError(key, "one of " + " ".join(sorted({*self.known})))

    def text(self, key: str, default: str | None = None) -> str:
        value = self.values.get(key, default)
        if not isinstance(value, str) or len(value) > _LONGEST or (default is None and not value.strip()):
            raise MisstatedError(key, f"a text of at most {_LONGEST} characters")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.values.get(key, [])
        if not isinstance(values, list) or not all(isinstance(value, str) and value for value in values):
            raise MisstatedError(key, "a list of texts")
        return tuple(values)

    def truth(self, key: str, *, default: bool) -> bool:
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise MisstatedError(key, "true or false")
        return value

    def address(self, key: str, suits: Callable[[SplitResult], bool], rule: str) -> str:
        written = self.text(key)
        try:
            at = urlsplit(written)
            bare = (
                at.hostname and at.port != 0 and not (at.query or at.fragment or at.username or at.password)
            )
        except ValueError:
            raise MisstatedError(key, rule) from None
        if not bare or not written.isascii() or " " in written or not suits(at):
            raise MisstatedError(key, rule)
        return written


def _is_issuer(at: SplitResult) -> bool:
    return at.scheme == "https"


def _is_origin(at: SplitResult) -> bool:
    loopback = at.hostname in {"127.0.0.1", "::1", "localhost"}
    return at.path in {"", "/"} and (at.scheme == "https" or (at.scheme == "http" and loopback))


def _is_server(at: SplitResult) -> bool:
    return at.scheme in {"ldaps", "ldap"} and at.path in {"", "/"}
