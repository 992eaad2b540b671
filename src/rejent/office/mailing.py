"""Sending mails by the office's own server; each is entered once the server took it."""

import smtplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from rejent.kernel.clock import Clock
from rejent.office.mail import MailServer, Security
from rejent.office.views import PersonView

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
