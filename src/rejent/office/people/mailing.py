"""The office's mail server by the section ``[reminders]`` of ``rejent.toml``, and sending mails by it.

Each is entered once the server took it.
"""

import re
import smtplib
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from enum import StrEnum
from typing import Any

from rejent.kernel.clock import Clock
from rejent.office.sign_in.configured import MisstatedError
from rejent.office.views import PersonView

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
    """The office's mail server (SMTP, RFC 5321)."""

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


ANSWERS_WITHIN_S = 20
"""Seconds in which the mail server must answer each step."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that says nothing of what anything is about; ``sent`` enters that the server took it."""

    address: str = field(repr=False)
    subject: str
    lines: tuple[str, ...]
    sent: Callable[[], None]


def address_of(person: PersonView, server: MailServer) -> str:
    """Return where a person reads mail: as ``rejent.toml`` says, else as their own details do; empty where nobody knows."""
    return server.people.get(person.username.casefold(), "") or person.email


def send_letters(server: MailServer, letters: Sequence[Letter], clock: Clock) -> int:
    """Send mails over one connection, enter each, and return how many went.

    Raises `OSError` or `smtplib.SMTPException`: the server does not answer, or does not take one; those before it are entered.
    """
    with _connected(server) as connection:
        for letter in letters:
            connection.send_message(_message(server, letter, clock))
            letter.sent()
    return len(letters)


def _connected(server: MailServer) -> smtplib.SMTP:
    trusted = ssl.create_default_context(cafile=server.ca or None)
    if server.security is Security.TLS:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=ANSWERS_WITHIN_S, context=trusted
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=ANSWERS_WITHIN_S)
    try:
        if server.security is Security.STARTTLS:
            connection.starttls(context=trusted)
        if server.user:
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _message(server: MailServer, letter: Letter, clock: Clock) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = server.sender, letter.address
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = make_msgid(domain=server.sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message["Subject"] = letter.subject
    message.set_content("\n".join([*letter.lines, ""]))
    return message
