"""A test message, sent through the office's mail server or straight to a journal: as which object it was sealed, or where it stopped."""

import smtplib
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from secrets import token_hex

from rejent.catalog import queries
from rejent.catalog.views import SegmentView, SourceView
from rejent.content.opening import open_for_keeper
from rejent.formats.fragment_index import FragmentIndex
from rejent.kernel.clock import Clock
from rejent.kernel.errors import InputRefusedError
from rejent.kernel.numbers import read_number
from rejent.kernel.tls import reason_of
from rejent.streams.mail.messages.classes import CHECK
from rejent.streams.mail.messages.framing import MessageFrame
from rejent.streams.mail.records.errors import TrialFailedError
from rejent.streams.mail.sources import is_history, is_milter, listens_at, recipients_of

_REPLY_S = 30.0
_EVERY_S = 0.2
_AROUND = timedelta(hours=1)
"""Of the sending: as far as the clock of the receiving process may be from ours."""
_LONGEST_REPLY = 200
_LONGEST_FRAME = 1 << 20
"""Of a test message, with the fields that mail servers add."""


@dataclass(frozen=True, slots=True)
class TrialRoute:
    """Where a test message is handed over, and to whom it goes."""

    host: str
    port: int
    lmtp: bool
    to: str
    certificate: str = ""
    """File of the certificate that a journal must show; without one nothing is encrypted."""

    @classmethod
    def of(cls, source: SourceView, through: str, to: str) -> "TrialRoute":
        """Return the route to a journal, ``through`` a mail server where one is named. Raises InputRefusedError: it names no port."""
        if is_history(source.address_shown):
            raise InputRefusedError("{name} is a history: it receives nothing.", name=source.name)
        own = sorted(recipients_of(source.traits))
        if (is_milter(source.address_shown) or not own) and not (through and to):
            raise InputRefusedError(
                "A milter is tried through its mail server.",
                advice="Write --through 127.0.0.1:25 --to anna@urzad.example",
            )
        lmtp, host, port = listens_at(source.address_shown)
        to = to or own[0]
        if not through:
            return cls(host, port, lmtp, to, source.traits.get("certificate", ""))
        named, _, number = through.rpartition(":")
        port_of_server = read_number(number, least=1, most=65_535)
        if not named or port_of_server is None:
            raise InputRefusedError(
                "The mail server is named by host and port.", advice="Write --through 127.0.0.1:25"
            )
        return cls(named.strip("[]"), port_of_server, False, to)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class SealedTrial:
    """The object that holds a test message, and when that was received."""

    object_name: str
    at: datetime


def try_out(source_id: str, route: TrialRoute, seconds: int, clock: Clock) -> SealedTrial:
    """Send a test message and return where it was sealed. Raises `TrialFailedError`, which says where it stopped."""
    token, sent_at = token_hex(16), clock.now()
    _hand_over(route, write_test_message(route.to, token, sent_at))
    opened: set[str] = set()
    ends_at, pause = clock.monotonic() + seconds, threading.Event()
    while True:
        for segment in queries.segments(source_id, sent_at - _AROUND, clock.now() + _AROUND):
            if segment.object_name not in opened:
                opened.add(segment.object_name)
                if (at := _received_at(segment, token)) is not None:
                    return SealedTrial(segment.object_name, at)
        if clock.monotonic() >= ends_at:
            raise TrialFailedError(
                "{server} took the test message, and after {seconds} s it is not among what the journal sealed.",
                server=route,
                seconds=seconds,
                advice="See the queue and the log of the mail server, and: rejent mail counts DIR --journal NAME",
            )
        pause.wait(_EVERY_S)


def _received_at(segment: SegmentView, token: str) -> datetime | None:
    """Return when a test message of an object was received; nothing where the object holds none of this token."""
    content = open_for_keeper()(segment)
    for place in FragmentIndex.decode(segment.index).places:
        if place.length <= _LONGEST_FRAME:
            facts = MessageFrame.decoded(content.read(place.offset, place.length)).facts
            if facts.check == token:
                return facts.at
    return None


def write_test_message(to: str, token: str, at: datetime) -> bytes:
    """Write a test message; automatic answers to it are none (RFC 3834), and its empty sender gets no bounce."""
    message = EmailMessage()
    message["From"] = message["To"] = to
    message["Subject"] = "Próba archiwum poczty"
    message["Date"] = format_datetime(at)
    message["Message-ID"] = make_msgid(domain=to.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message[CHECK] = token
    message.set_content("Wiadomość próbna. Nie wymaga odpowiedzi.\r\n")
    return message.as_bytes(policy=message.policy.clone(linesep="\r\n"))


def _hand_over(route: TrialRoute, content: bytes) -> None:
    client = (smtplib.LMTP if route.lmtp else smtplib.SMTP)(timeout=_REPLY_S)
    try:
        _agreed(route, "connect", lambda: client.connect(route.host, route.port))
        try:
            greeting = "LHLO" if route.lmtp else "EHLO"
            _agreed(route, greeting, client.ehlo)
            if route.certificate:
                _encrypt(route, client)
                _agreed(route, greeting, client.ehlo)
            _agreed(route, "MAIL FROM", lambda: client.mail(""))
            _agreed(route, "RCPT TO", lambda: client.rcpt(route.to))
            _agreed(route, "DATA", lambda: client.data(content))
            client.docmd("QUIT")
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            raise TrialFailedError(
                "{server} ended the connection before it took the test message.", server=route
            ) from error
    finally:
        client.close()


def _encrypt(route: TrialRoute, client: smtplib.SMTP) -> None:
    """Begin TLS with a journal that shows the certificate of its file, which holds today; its name is not asked for."""
    try:
        terms = ssl.create_default_context(cafile=route.certificate)
        terms.check_hostname = False
        terms.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        client._host = route.host  # type: ignore[attr-defined]  # noqa: SLF001 - else set by the constructor, which connects at once
        _agreed(route, "STARTTLS", lambda: client.starttls(context=terms))
    except ssl.SSLError as error:
        raise TrialFailedError(
            "{server} does not agree on TLS: {why}.",
            server=route,
            why=getattr(error, "verify_message", "") or reason_of(error),
            advice="See whether the certificate holds: openssl x509 -noout -dates -in FILE",
        ) from error


def _agreed(route: TrialRoute, command: str, ask: Callable[[], tuple[int, bytes]]) -> None:
    try:
        code, text = ask()
    except smtplib.SMTPDataError as error:
        code = error.smtp_code
        text = error.smtp_error if isinstance(error.smtp_error, bytes) else error.smtp_error.encode()
    except (OSError, smtplib.SMTPException) as error:
        if command != "connect":
            raise
        raise TrialFailedError("Nobody answers as a mail server at {server}.", server=route) from error
    if not 200 <= code < 300:
        reply = "".join(each for each in text.decode("utf-8", "replace") if each.isprintable())[
            :_LONGEST_REPLY
        ]
        raise TrialFailedError(
            "{server} refused the test message at {command}: {code} {reply}",
            server=route,
            command=command,
            code=code,
            reply=reply,
        )
