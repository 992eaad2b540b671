"""The office's mail server, kept in the file ``secrets/mail-server``, and sending mails by it; each is entered once the server took it.

The file (0600) holds the password besides: neither database nor ledger do, and recorders cannot read the folder.
"""

import json
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from enum import StrEnum
from pathlib import Path
from typing import Any

from rejent.kernel.clock import Clock
from rejent.ledger.durable_files import replace_durably
from rejent.office.errors import MailRefusedError, MailServerRefusedError

FILE = "mail-server"
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[A-Za-z0-9.-]+")
_HOST = re.compile(r"[A-Za-z0-9.:-]+")
_MOST_PORT = 65535
_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})


class Security(StrEnum):
    """How the connection to the mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"
    """Of a server on this machine alone."""


PORTS: Mapping[Security, int] = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}
"""Where a server listens unless it is said otherwise (RFC 6409, RFC 8314, RFC 5321)."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """The office's mail server (SMTP, RFC 5321); ``authorities``: PEM of those that its certificate is checked with, empty for the machine's own."""

    host: str
    port: int
    security: Security
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    authorities: str = field(default="", repr=False)


def read_mail_server(folder: Path) -> MailServer | None:
    """Return the mail server out of the folder of secrets; None where none is set."""
    try:
        stated: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return MailServer(**{**stated, "security": Security(stated["security"])})


def write_mail_server(folder: Path, server: MailServer) -> None:
    """Set the mail server; whoever sends next uses it."""
    replace_durably(folder / FILE, json.dumps(asdict(server), ensure_ascii=False).encode(), 0o600)


def require_usable(server: MailServer) -> None:
    """See that mails can be sent by a server as it is stated. Raises MailServerRefusedError: its ``part`` names what is wrong."""
    if not _HOST.fullmatch(server.host):
        raise _refused("host", "The name of the mail server is letters, digits, dots and hyphens.")
    if not 0 < server.port <= _MOST_PORT:
        raise _refused("port", "A port is a number from 1 to 65535.")
    if server.security is Security.NONE and server.host not in _THIS_MACHINE:
        raise _refused("security", "Without encryption only a server on this machine is used: 127.0.0.1.")
    require_address(server.sender, "sender")
    if bool(server.user) != bool(server.password):
        raise _refused("password", "User and password belong together: enter both or neither.")
    if server.authorities:
        try:
            ssl.create_default_context(cadata=server.authorities)
        except (ssl.SSLError, ValueError):
            raise _refused("authorities", "That is no certificate in PEM.") from None


def require_address(address: str, part: str) -> None:
    """See that a text is one address, which can hold no header. Raises MailServerRefusedError."""
    if not (address.isascii() and _ADDRESS.fullmatch(address)):
        raise _refused(part, "That is no address: write one, as office@example.org, without Polish letters.")


def _refused(part: str, template: str) -> MailServerRefusedError:
    return MailServerRefusedError(template, part=part)


ANSWERS_WITHIN_S = 20
"""Seconds in which the mail server must answer each step."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that says nothing of what anything is about; ``sent`` enters that the server took it."""

    address: str = field(repr=False)
    subject: str
    lines: tuple[str, ...]
    sent: Callable[[], None]


def send_letters(server: MailServer, letters: Sequence[Letter], clock: Clock) -> int:
    """Send mails over one connection, enter each, and return how many went.

    Raises `OSError` or `smtplib.SMTPException`: the server does not answer, or does not take one; those before it are entered.
    """
    with _connected(server) as connection:
        for letter in letters:
            _hand_over(connection, server, letter, clock)
            letter.sent()
    return len(letters)


def send_trial(server: MailServer, letter: Letter, clock: Clock) -> str:
    """Send one mail and return the server's answer word for word. Raises MailRefusedError: what the server did instead of taking it."""
    try:
        with _connected(server) as connection:
            return _hand_over(connection, server, letter, clock)
    except (OSError, smtplib.SMTPException) as error:
        raise _explain(error, server) from None


@dataclass(frozen=True, slots=True)
class _Failure:
    """A kind of error, whose text holds a word, and what it means."""

    kind: type[OSError]
    template: str
    word: str = ""


_FAILURES = (
    _Failure(smtplib.SMTPRecipientsRefused, "The server takes no mail for this address: {said}"),
    _Failure(smtplib.SMTPAuthenticationError, "The server refuses user or password: {said}"),
    _Failure(smtplib.SMTPSenderRefused, "The server takes no mail from this sender: {said}"),
    _Failure(smtplib.SMTPResponseException, "The server did not take the message: {said}"),
    _Failure(smtplib.SMTPServerDisconnected, "The server broke the connection off."),
    _Failure(smtplib.SMTPException, "The server offers no STARTTLS.", "STARTTLS"),
    _Failure(smtplib.SMTPException, "The server offers no way to sign in with user and password."),
    _Failure(
        ssl.SSLCertVerificationError, "The certificate of the server is not for the name {host}.", "mismatch"
    ),
    _Failure(ssl.SSLCertVerificationError, "No trusted authority issued the certificate of the server."),
    _Failure(ssl.SSLError, "What listens at {host}, port {port}, does not begin with TLS."),
    _Failure(TimeoutError, "The server did not answer within {seconds} s."),
    _Failure(socket.gaierror, "Nobody knows a machine of the name {host}."),
    _Failure(ConnectionRefusedError, "Nobody listens at {host}, port {port}."),
    _Failure(OSError, "There is no way to {host}, port {port}."),
)
"""The first that fits is meant."""


def _explain(error: OSError, server: MailServer) -> MailRefusedError:
    """Return what went wrong at which step, in the server's own words where it said any."""
    fitting = (each for each in _FAILURES if isinstance(error, each.kind) and each.word in str(error))
    return MailRefusedError(
        next(fitting).template,
        said=_said(error),
        host=server.host,
        port=server.port,
        seconds=ANSWERS_WITHIN_S,
    )


def _said(error: OSError) -> str:
    match error:
        case smtplib.SMTPRecipientsRefused():
            return _answer(*error.recipients.popitem()[1])
        case smtplib.SMTPResponseException():
            return _answer(error.smtp_code, error.smtp_error)
    return ""


def _answer(code: int, said: bytes | str) -> str:
    """Return the answer of a server on one line, cut where it tells a story."""
    text = said if isinstance(said, str) else said.decode(errors="replace")
    return " ".join(f"{code} {text}".split())[:_LONGEST_ANSWER]


_LONGEST_ANSWER = 300
"""Characters; RFC 5321 § 4.5.3.1.5 allows 512 bytes a line, and what tells a refusal stands at its beginning."""


def _connected(server: MailServer) -> smtplib.SMTP:
    trusted = ssl.create_default_context(cadata=server.authorities or None)
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


def _hand_over(connection: smtplib.SMTP, server: MailServer, letter: Letter, clock: Clock) -> str:
    """Hand a mail over and return the server's last answer (RFC 5321 §3.3). Raises `smtplib.SMTPException`: it does not take it."""
    connection.ehlo_or_helo_if_needed()
    code, said = connection.mail(server.sender)
    if code != _DONE:
        raise smtplib.SMTPSenderRefused(code, said, server.sender)
    code, said = connection.rcpt(letter.address)
    if code not in _KNOWN:
        raise smtplib.SMTPRecipientsRefused({letter.address: (code, said)})
    code, said = connection.data(_message(server, letter, clock).as_bytes(policy=_SEVEN_BITS))
    if code != _DONE:
        raise smtplib.SMTPDataError(code, said)
    return _answer(code, said)


_DONE, _KNOWN = 250, frozenset({250, 251})
"""Answers that mean yes (RFC 5321 §4.2.3); 251: the server passes the mail on."""
_SEVEN_BITS = SMTP.clone(cte_type="7bit")
"""What every server takes, whether or not it offers 8BITMIME (RFC 6152)."""


def _message(server: MailServer, letter: Letter, clock: Clock) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = server.sender, letter.address
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = make_msgid(domain=server.sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message["Subject"] = letter.subject
    message.set_content("\n".join([*letter.lines, ""]))
    return message
