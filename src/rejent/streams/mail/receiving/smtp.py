"""One SMTP or LMTP session, without I/O: bytes in, replies out, messages at their end (RFC 5321, RFC 2033, STARTTLS of RFC 3207, AUTH of RFC 4954).

Only CR LF ends a line, and only CR LF ``.`` CR LF ends a message: bare CR, bare LF, NUL and lines of any length are content
(CVE-2023-51764 and its like rest on a server that takes anything else as an end). Whatever concerns a message is refused with 4xx,
so that the mail server keeps it and nobody gets a bounce; 5xx are left for what is no SMTP or was not offered, such as
``BODY=BINARYMIME``, and for who comes without TLS, or without a password, where that is demanded.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from rejent.streams.mail.messages.addresses import normal_address
from rejent.streams.mail.receiving.auth import MECHANISMS, AuthExchange
from rejent.streams.mail.receiving.received import Outcome, ReceivedMessage
from rejent.streams.mail.receiving.spool import Incoming

LONGEST_COMMAND = 2048
"""Bytes of a command with its end; RFC 5321 §4.5.3.1.4 asks for 512, extensions for more."""
MOST_RECIPIENTS = 1000
MOST_ERRORS = 5
"""Commands that are none, after which the session ends."""
MOST_FAILURES = 3
"""Wrong passwords, after which the session ends."""
_ENCRYPTED = frozenset({"MAIL", "RCPT", "DATA", "RSET", "VRFY", "AUTH"})
"""Commands for which TLS stands first where it is demanded (RFC 3207 §4)."""
_KNOWN = frozenset({"MAIL", "RCPT", "DATA", "VRFY"})
"""Commands for which a password stands first where it is demanded (RFC 4954 §6)."""
_END = b"\r\n.\r\n"
_PATH = re.compile(
    r"""(?x)
    <(?P<path>(?:
        "(?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*"
        | [^<>\x00-\x20\x7f]
    )*+)>
    (?:\ (?P<parameters>.*))?"""
)
"""A path; within quotes a local part holds blanks and brackets too (RFC 5321 §4.1.2)."""
_LONGEST_PATH = 320
_OF_SENDER = re.compile(r"(?i)SIZE=\d{1,20}|BODY=(?:7BIT|8BITMIME)|SMTPUTF8|AUTH=\S{1,500}")
"""Parameters of MAIL that belong to what the greeting offers (RFC 1870, 6152, 6531, 4954); none of RCPT does."""
_UNKNOWN_PARAMETER = "555 5.5.4 A parameter that was not offered"


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms under which messages are taken; ``recipients``: the only addresses for which messages are taken, in normal form."""

    hostname: str
    lmtp: bool
    recipients: frozenset[str]
    most_bytes: int
    tls: bool = False
    auth: bool = False
    spool: Path | None = None
    """Where long messages lie, sealed, while they are received."""


class _Phase(Enum):
    COMMANDS = auto()
    CONTENT = auto()
    AWAITING = auto()
    """A message, or a password, is complete, and its outcome is not known."""
    HANDSHAKE = auto()
    """TLS is agreed on; nothing may come before it stands."""
    ENDED = auto()


class SmtpSession:
    """A session; `feed` takes bytes, `replies` are to be sent, ``message`` waits for `settle`."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._buffer = bytearray()
        self._content = Incoming(terms.spool)
        self._searched = 0
        self._begun = False
        """Whether the CR LF that ended the command DATA is taken off the content."""
        self._phase = _Phase.COMMANDS
        self._greeted = False
        self._encrypted = False
        self._sender: str | None = None
        self._recipients: list[str] = []
        self._dropped: Outcome | None = None
        """Why the rest of the message is not kept."""
        self._errors = 0
        self._failures = 0
        self._authenticated = False
        self._exchange: AuthExchange | None = None
        """AUTH that waits for a response."""
        self.credentials: tuple[str, str] | None = None
        """A name and a password that wait for `authenticate`."""
        self._replies = bytearray()
        self.message: ReceivedMessage | None = None
        """The complete message whose outcome is awaited."""
        self.lost = 0
        """Messages refused for their size."""
        self._say(f"220 {terms.hostname} {'LMTP' if terms.lmtp else 'ESMTP'} Rejent")

    @property
    def ended(self) -> bool:
        """Return whether the connection is to be closed once the replies are sent."""
        return self._phase is _Phase.ENDED

    @property
    def awaits_tls(self) -> bool:
        """Return whether the client is to begin TLS once the replies are sent; then `encrypted`."""
        return self._phase is _Phase.HANDSHAKE

    @property
    def gives_way(self) -> bool:
        """Return whether it may be ended for another: no message is under way, and nobody verifies a password."""
        return self._phase in {_Phase.COMMANDS, _Phase.HANDSHAKE}

    @property
    def held(self) -> int:
        """Count the bytes that are held in memory."""
        return len(self._buffer) + len(self._content) + (len(self.message.content) if self.message else 0)

    @property
    def under_way(self) -> bool:
        """Return whether the client is handing something over."""
        return bool(self.held)

    def replies(self) -> bytes:
        """Return what is to be sent, once."""
        replies = bytes(self._replies)
        self._replies.clear()
        return replies

    def feed(self, data: bytes) -> None:
        """Take what the client sent; stops at a complete message until `settle`."""
        if self._phase is _Phase.HANDSHAKE and data:
            self._refuse_injected()
        elif self._phase is not _Phase.ENDED:
            self._buffer += data
            self._go_on()

    def encrypted(self) -> None:
        """Begin anew after the handshake of TLS: nothing that was said in the clear counts (RFC 3207 §4.2)."""
        self._encrypted, self._greeted, self._phase = True, False, _Phase.COMMANDS
        self._reset()

    def authenticate(self, *, accepted: bool | None) -> None:
        """Answer for the password that waits; None where nobody looked at it, for the host tried too many."""
        self.credentials, self._phase = None, _Phase.COMMANDS
        if accepted is None:
            self.end("421 4.7.0 Too many wrong passwords; come later")
        elif accepted:
            self._authenticated = True
            self._say("235 2.7.0 Known")
        else:
            self._failures += 1
            self._say("535 5.7.8 Name or password is wrong")
            if self._failures >= MOST_FAILURES:
                self.end("421 4.7.0 Too many wrong passwords")
        self._go_on()

    def settle(self, outcome: Outcome) -> None:
        """Answer for the message that waits, and go on with what came behind it."""
        self.message = None
        self._answer_message(outcome)
        self._go_on()

    def drop_content(self, outcome: Outcome = Outcome.NO_ROOM) -> bool:
        """Keep nothing of the message under way; its reply says why. Return whether there is one that was kept so far."""
        if self._phase is not _Phase.CONTENT or self._dropped is not None:
            return False
        self._dropped, self._content = outcome, Incoming(None)
        return True

    def end(self, reply: str) -> None:
        """End the session with a last reply."""
        if self._phase is not _Phase.ENDED:
            self._say(reply)
            self._phase = _Phase.ENDED
            self._buffer.clear()
            self._content = Incoming(None)

    def _go_on(self) -> None:
        while (self._phase is _Phase.COMMANDS and self._take_command()) or (
            self._phase is _Phase.CONTENT and self._take_content()
        ):
            pass

    def _take_command(self) -> bool:
        end = self._buffer.find(b"\n", 0, LONGEST_COMMAND)
        if end < 0:
            if len(self._buffer) >= LONGEST_COMMAND:
                self.end("500 5.5.2 The line is too long")
            return False
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        if not line.endswith(b"\r\n") or b"\r" in line[:-2] or b"\0" in line:
            self.end("500 5.5.2 A line ends with CR LF and holds no other CR, LF or NUL")
            return False
        try:
            text = line[:-2].decode()
        except UnicodeDecodeError:
            self._mistake("500 5.5.2 The command is not UTF-8")
            return True
        if self._exchange is not None:
            self._respond(self._exchange, text)
            return True
        verb, _, rest = text.partition(" ")
        if self._terms.tls and not self._encrypted and verb.upper() in _ENCRYPTED:
            self._mistake("530 5.7.0 Must issue a STARTTLS command first")
        elif self._terms.auth and not self._authenticated and verb.upper() in _KNOWN:
            self._mistake("530 5.7.0 Authentication required")
        else:
            self._command(verb.upper(), rest.strip())
        return True

    def _command(self, verb: str, rest: str) -> None:
        match verb:
            case "EHLO" | "HELO" | "LHLO":
                self._greet(verb, rest)
            case "STARTTLS" if self._terms.tls:
                self._start_tls(rest)
            case "AUTH" if self._terms.auth and self._encrypted:
                self._auth(rest)
            case "MAIL":
                self._from(rest)
            case "RCPT":
                self._to(rest)
            case "DATA":
                self._data(rest)
            case "RSET":
                self._reset()
                self._say("250 2.0.0 Reset")
            case "NOOP" | "VRFY":
                self._say("250 2.0.0 Nothing done" if verb == "NOOP" else "252 2.5.2 Cannot tell")
            case "QUIT":
                self.end(f"221 2.0.0 {self._terms.hostname} closes")
            case _:
                self._mistake("500 5.5.1 No such command")

    def _greet(self, verb: str, rest: str) -> None:
        if (verb == "LHLO") is not self._terms.lmtp or not rest:
            self._mistake(f"500 5.5.1 Begin with {'LHLO' if self._terms.lmtp else 'EHLO'} and a name")
            return
        self._greeted = True
        self._reset()
        lines = [self._terms.hostname]
        if verb != "HELO":
            lines += ["PIPELINING", "SIZE 0", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]
            lines += ["STARTTLS"] if self._terms.tls and not self._encrypted else []
            lines += ["AUTH PLAIN LOGIN"] if self._terms.auth and self._encrypted else []
        for number, line in enumerate(lines, 1):
            self._say(f"250{' ' if number == len(lines) else '-'}{line}")

    def _start_tls(self, rest: str) -> None:
        if rest:
            self._mistake("501 5.5.4 STARTTLS stands alone")
        elif self._encrypted:
            self._mistake("503 5.5.1 TLS stands already")
        elif self._buffer:
            self._refuse_injected()
        else:
            self._phase = _Phase.HANDSHAKE
            self._say("220 2.0.0 Begin TLS")

    def _refuse_injected(self) -> None:
        """Refuse what was sent in the clear behind STARTTLS: it must never count as encrypted (CVE-2011-0411)."""
        self._replies.clear()
        self.end("421 4.7.0 Something was sent before TLS was begun")

    def _auth(self, rest: str) -> None:
        mechanism, _, initial = rest.partition(" ")
        if self._authenticated or not self._greeted or self._sender is not None:
            self._mistake("503 5.5.1 Greet first, and prove one name, once, before a message")
        elif mechanism.upper() not in MECHANISMS:
            self._mistake("504 5.5.4 PLAIN and LOGIN are known")
        else:
            self._exchange = AuthExchange(mechanism.upper())
            if initial:
                self._respond(self._exchange, "" if initial == "=" else initial)
            else:
                self._say(self._exchange.challenge)

    def _respond(self, exchange: AuthExchange, line: str) -> None:
        """Take what the client says within AUTH; once that is all, the password waits to be looked at."""
        reply = exchange.take(line)
        if reply.startswith("334"):
            self._say(reply)
            return
        self._exchange = None
        if exchange.credentials is None:
            self._mistake(reply)
        else:
            self.credentials, self._phase = exchange.credentials, _Phase.AWAITING

    def _from(self, rest: str) -> None:
        path, parameters = _path(rest, "FROM:")
        if not self._greeted or self._sender is not None:
            self._mistake("503 5.5.1 Greet first, and name one sender")
        elif path is None:
            self._mistake("501 5.5.4 Write MAIL FROM:<address>")
        elif not all(map(_OF_SENDER.fullmatch, parameters)):
            self._mistake(_UNKNOWN_PARAMETER)
        else:
            self._sender = path
            self._say("250 2.1.0 Go on")

    def _to(self, rest: str) -> None:
        path, parameters = _path(rest, "TO:")
        if self._sender is None:
            self._mistake("503 5.5.1 Name the sender first")
        elif not path:
            self._mistake("501 5.5.4 Write RCPT TO:<address>")
        elif parameters:
            self._mistake(_UNKNOWN_PARAMETER)
        elif normal_address(path) not in self._terms.recipients:
            self._say("450 4.1.1 Nothing is archived under this address")
        elif len(self._recipients) >= MOST_RECIPIENTS:
            self._say("452 4.5.3 Too many recipients")
        else:
            self._recipients.append(path)
            self._say("250 2.1.5 Go on")

    def _data(self, rest: str) -> None:
        if rest:
            self._mistake("501 5.5.4 DATA stands alone")
        elif not self._recipients:
            self._mistake("503 5.5.1 Name sender and recipient first")
        elif self._buffer:
            self.end("421 4.5.0 Content was sent before it was asked for")
        else:
            self._phase = _Phase.CONTENT
            self._buffer += b"\r\n"
            self._searched, self._begun, self._content = 0, False, Incoming(self._terms.spool)
            self._say("354 Send it, and end with a line that holds a dot alone")

    def _take_content(self) -> bool:
        """Look for the end of the content, and take what surely is none; the buffer begins with the CR LF that ended the command."""
        end = self._buffer.find(_END, max(self._searched - len(_END), 0))
        self._take_surely(end + 2 if end >= 0 else len(self._buffer) - len(_END) + 1, ended=end >= 0)
        self._searched = len(self._buffer)
        if self._dropped is None and len(self._content) > self._terms.most_bytes:
            self.lost += 1
            self.drop_content(Outcome.TOO_LARGE)
        if end < 0:
            return False
        del self._buffer[: len(_END) - 2]
        if self._dropped is not None:
            self._answer_message(self._dropped)
            return True
        content, self._content = self._content.taken(), Incoming(None)
        self._phase = _Phase.AWAITING
        self.message = ReceivedMessage(self._sender or "", tuple(self._recipients), content)
        return False

    def _take_surely(self, length: int, *, ended: bool) -> None:
        """Move bytes from the buffer to the content, without the dots of transparency (RFC 5321 §4.5.2)."""
        for before in (2, 1) if not ended else ():  # such a dot stays with its CR LF
            if length >= before and self._buffer.startswith(b"\r\n.", length - before):
                length -= before
        start = 0 if self._begun else 2
        if length < start:
            return
        with memoryview(self._buffer) as held:
            piece = bytes(held[start:length])
        del self._buffer[:length]
        if self._dropped is None:
            piece = piece if self._begun else piece.removeprefix(b".")
            try:
                self._content.append(piece.replace(b"\r\n.", b"\r\n") if b"\r\n." in piece else piece)
            except OSError:  # the disk takes no more
                self.lost += 1
                self.drop_content(Outcome.NOT_KEPT)
        self._begun = True

    def _answer_message(self, outcome: Outcome) -> None:
        for _ in self._recipients if self._terms.lmtp else (None,):
            self._say(outcome.value)
        self._phase = _Phase.COMMANDS
        self._reset()

    def _reset(self) -> None:
        self._sender, self._recipients, self._dropped = None, [], None

    def _mistake(self, reply: str) -> None:
        self._errors += 1
        if self._errors >= MOST_ERRORS:
            self.end("421 4.7.0 Too many mistakes")
        else:
            self._say(reply)

    def _say(self, line: str) -> None:
        self._replies += f"{line}\r\n".encode()


def _path(rest: str, keyword: str) -> tuple[str | None, list[str]]:
    """Return the address of ``FROM:<address> PARAMETERS``, or None for what is none, and the parameters."""
    found = _PATH.fullmatch(rest[len(keyword) :].strip()) if rest.upper().startswith(keyword) else None
    if found is None or len(found["path"]) > _LONGEST_PATH:
        return None, []
    return found["path"], (found["parameters"] or "").split()
