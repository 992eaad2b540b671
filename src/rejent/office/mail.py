"""The section ``[reminders]`` of ``rejent.toml``: the office's mail server, and who of the office reads mail where.

Nothing is guessed: a key that is not known or a value of a wrong kind is refused with the rule that it breaks.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from rejent.office.sign_in.configured import MisstatedError

REMINDERS = "reminders"
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[A-Za-z0-9.-]+")
_KEYS = frozenset({"host", "port", "security", "user", "password", "sender", "people", "ca"})
_MOST_PORT = 65535


class Security(StrEnum):
    """How the connection to the mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"
    """Of a server on this machine alone."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """The office's mail server (SMTP, RFC 5321).

    Attributes:
        people: the address of each person, by their user name.
        ca: PEM file of the authorities its certificate is checked with; empty for those of the system.
    """

    host: str
    port: int
    security: Security
    sender: str
    people: Mapping[str, str] = field(repr=False)
    user: str = ""
    password: str = field(default="", repr=False)
    ca: str = ""


def read_mail(values: Mapping[str, Any]) -> MailServer:
    """Return the section ``[reminders]``. Raises `MisstatedError` if a key is missing, unknown or wrong."""
    if unknown := values.keys() - _KEYS:
        raise MisstatedError(min(unknown), f"one of {', '.join(sorted(_KEYS))}")
    security = values.get("security", Security.STARTTLS.value)
    if security not in set(Security):
        raise MisstatedError("security", "starttls, tls or none")
    host = _text(values, "host")
    if security == Security.NONE and host not in {"127.0.0.1", "::1", "localhost"}:
        raise MisstatedError("security", "starttls or tls, but for a server on this machine")
    port = values.get(
        "port", {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}[Security(security)]
    )
    if not isinstance(port, int) or not 0 < port <= _MOST_PORT:
        raise MisstatedError("port", "a number up to 65535")
    people = values.get("people", {})
    if not isinstance(people, dict):
        raise MisstatedError("people", "a table of user names, each with an address")
    user, password = _text(values, "user", ""), _text(values, "password", "")
    if bool(user) != bool(password):
        raise MisstatedError("password", "there where user is, and not otherwise")
    return MailServer(
        host=host,
        port=port,
        security=Security(security),
        sender=_address("sender", values.get("sender")),
        people={name.casefold(): _address("people", address) for name, address in people.items()},
        user=user,
        password=password,
        ca=_text(values, "ca", ""),
    )


def _text(values: Mapping[str, Any], key: str, default: str | None = None) -> str:
    value = values.get(key, default)
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise MisstatedError(key, "a text")
    return value


def _address(key: str, value: object) -> str:
    if not isinstance(value, str) or not value.isascii() or not _ADDRESS.fullmatch(value):
        raise MisstatedError(key, "an address NAME@HOST in ASCII")
    return value
