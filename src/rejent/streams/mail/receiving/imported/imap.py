"""Messages of a mailbox on an IMAP server (RFC 3501): read without a mark being set, encrypted beyond this machine."""

import imaplib
import re
import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from rejent.kernel.numbers import read_number
from rejent.kernel.tls import reason_of
from rejent.streams.mail.receiving.imported.mailbox import Found, folder_name, stated_time
from rejent.streams.mail.records.errors import ImportRefusedError

_REPLY_S = 120.0
_AT_ONCE = 500
"""Messages of which the head is asked for at once."""
_MOST_LISTED = 50_000
"""Numbers of messages that are asked for at once: `imaplib` takes lines of a million bytes, and a number has ten digits and a blank."""
_LARGEST = 128 << 20
"""Bytes of a literal; of messages no more than 100 MiB are taken."""
_LARGEST_UID = (1 << 32) - 1
_ANSWER = re.compile(rb"\d+ \(")
_UID = re.compile(rb"\bUID (\d{1,10})\b")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,12})\b")
_STATED = re.compile(rb'\bINTERNALDATE "([^"]{10,40})"')
_BODY = re.compile(rb'\bBODY\[\] "((?:[^"\\\r\n]|\\.)+)"')
"""A whole message as a quoted string, as one without a line end may come (RFC 3501 §4.3)."""
_LISTED = re.compile(rb'\((?P<flags>[^)]*)\) (?:"(?:[^"\\]|\\.)*"|NIL) (?P<name>.+)\Z')
_ADVICE = "Write --imap imaps://user@host/Folder"
_HEAD = "(UID INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (RECEIVED DATE)])"


class _Bounded(imaplib.IMAP4):
    """A session in which no literal is longer than any message that is taken."""

    def read(self, size: int) -> bytes:
        """Read a literal. Raises IMAP4.error: it is too long."""
        if size > _LARGEST:
            raise self.error("a literal too long")
        return super().read(size)


class _BoundedTls(_Bounded, imaplib.IMAP4_SSL):
    """The same by TLS."""


@dataclass(frozen=True, slots=True)
class ImapAddress:
    """A user's mailbox on a server, and one folder of it or all."""

    host: str
    port: int
    user: str = field(repr=False)
    folder: str
    encrypted: bool
    """From the first byte on; otherwise by STARTTLS, or in the clear on this machine."""

    @classmethod
    def parsed(cls, written: str) -> "ImapAddress":
        """Read ``imaps://user@host:port/Folder``. Raises ImportRefusedError, which never repeats what was written."""
        try:
            parts = urlsplit(written)
            port = parts.port
        except ValueError:
            raise ImportRefusedError("This is no address of a mailbox.", advice=_ADVICE) from None
        if parts.scheme not in {"imap", "imaps"} or not parts.hostname or not parts.username or parts.query:
            raise ImportRefusedError("This is no address of a mailbox.", advice=_ADVICE)
        if parts.password is not None:
            raise ImportRefusedError(
                "A password is not written into the address.", advice="Name a file: --password-file FILE"
            )
        encrypted = parts.scheme == "imaps"
        user, folder = unquote(parts.username), unquote(parts.path.strip("/"))
        if not f"{user}{folder}".isprintable():
            raise ImportRefusedError("This is no address of a mailbox.", advice=_ADVICE)
        return cls(parts.hostname, port or (993 if encrypted else 143), user, folder, encrypted)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class ImapMailbox:
    """A mailbox on a server; see `rejent.streams.mail.receiving.imported.mailbox.Mailbox`. Raises ImportRefusedError."""

    form, state = "imap", ""

    def __init__(self, address: ImapAddress, password: str, authority: Path | None = None) -> None:
        self._address = address
        self.doubtful: list[int] = []
        self.place = f"{address.user}@{address.host}:{address.port}/{address.folder}"
        self._selected = ""
        self._server = self._connected(_context(authority))
        try:
            self._sign_in(address.user, password)
        except (imaplib.IMAP4.error, UnicodeEncodeError):
            self.close()
            raise ImportRefusedError(
                "{server} refuses user or password.", server=address, advice="See the file that holds it."
            ) from None
        except OSError as error:
            raise self._silent(error) from error

    def close(self) -> None:
        """End the session."""
        with suppress(imaplib.IMAP4.error, OSError):
            self._server.logout()
        with suppress(OSError):
            self._server.shutdown()

    def found(self, now: datetime) -> Iterator[Found]:
        """Yield every message of the folder, or of all of them."""
        with self._answering():
            for folder in self._folders():
                yield from self._messages(folder, now)

    def content(self, message: Found) -> bytes | None:
        """Return a message, asked for twice where the server hands out nothing of it; no mark is set."""
        uid, _, folder = message.key.partition(" ")
        with self._answering():
            if self._selected != folder:
                self._select(folder)
            return self._body(uid) or self._body(uid)

    def _body(self, uid: str) -> bytes | None:
        """Return a message; None for ``NIL``, an empty string and an answer without a body, which are no message."""
        for line, literal in self._fetched(uid, "(UID BODY.PEEK[])"):
            if _number(_UID, line) == read_number(uid, most=_LARGEST_UID):
                quoted = _BODY.search(line)
                return literal or (re.sub(rb"\\(.)", rb"\1", quoted[1]) if quoted else None)
        return None

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except imaplib.IMAP4.abort as error:
            raise self._failed() from error
        except (imaplib.IMAP4.error, ValueError) as error:
            raise self._unclear() from error
        except OSError as error:
            raise self._silent(error) from error

    def _connected(self, context: ssl.SSLContext) -> imaplib.IMAP4:
        address = self._address
        try:
            if address.encrypted:
                return _BoundedTls(address.host, address.port, ssl_context=context, timeout=_REPLY_S)
            server = _Bounded(address.host, address.port, timeout=_REPLY_S)
            if "STARTTLS" in server.capabilities:
                server.starttls(context)
            elif not _is_here(server.sock):
                server.shutdown()
                raise ImportRefusedError(
                    "{server} offers no encryption, and it is another machine.",
                    server=address,
                    advice="Write imaps://",
                )
        except ssl.SSLError as error:
            raise ImportRefusedError(
                "The certificate of {server} cannot be trusted: {why}.",
                server=address,
                why=getattr(error, "verify_message", "") or reason_of(error),
                advice="Name who issued it: --ca FILE",
            ) from error
        except (imaplib.IMAP4.error, ValueError) as error:
            raise ImportRefusedError("{server} speaks no IMAP.", server=address) from error
        except OSError as error:
            raise self._silent(error) from error
        return server

    def _sign_in(self, user: str, password: str) -> None:
        """Prove who asks, in UTF-8 where the server takes that (RFC 4616)."""
        if "AUTH=PLAIN" in self._server.capabilities:
            self._server.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
        else:
            self._server.login(user, password)

    def _folders(self) -> list[str]:
        """Return the folders to be read, by the names that the server gives them."""
        if self._address.folder:
            return [_quoted(_written(self._address.folder))]
        kind, listed = self._server.list()
        found = []
        if kind != "OK":
            raise self._unclear()
        for response in filter(None, listed):
            line = response[0].rpartition(b"{")[0] + b"x" if isinstance(response, tuple) else response
            name = response[1] if isinstance(response, tuple) else b""
            if (match := _LISTED.match(cast("bytes", line))) is None:
                raise self._unclear()
            if b"\\noselect" in match["flags"].lower():
                continue
            found.append(
                _quoted(name.decode("utf-8", "replace")) if name else match["name"].decode("utf-8", "replace")
            )
        return found

    def _select(self, folder: str) -> tuple[str, int]:
        """Open a folder for reading alone; return its mark of validity and the count of its messages."""
        kind, counted = self._server.select(folder, readonly=True)
        if kind != "OK":
            raise ImportRefusedError(
                "{server} has no such folder.",
                server=self._address,
                advice="Leave it out to import all of them.",
            )
        self._selected = folder
        validity = self._server.response("UIDVALIDITY")[1]
        count = read_number((counted[0] if counted else None) or b"", most=_LARGEST_UID)
        if count is None:
            raise self._unclear()
        return (validity[0] or b"").decode("ascii", "replace") if validity else "", count

    def _messages(self, folder: str, now: datetime) -> Iterator[Found]:
        validity, count = self._select(folder)
        uids = self._uids(count)
        for first in range(0, len(uids), _AT_ONCE):
            lot = uids[first : first + _AT_ONCE]
            answered = self._fetched(",".join(map(str, lot)), _HEAD)
            heads = {uid: (line, head) for line, head in answered if (uid := _number(_UID, line)) is not None}
            for uid in lot:  # of one that the server says nothing of, nothing states a time
                line, head = heads.get(uid, (b"", b""))
                yield Found(
                    f"{uid} {folder}",
                    f"{self._address.user}@{self._address.host} {_plain(folder)} {validity} {uid}",
                    stated_time(_internal_date(line), head, now),
                    _number(_SIZE, line) or 0,
                    folder=folder_name(_plain(folder)),
                    whole=_number(_SIZE, line) or 0,
                )

    def _uids(self, count: int) -> list[int]:
        """Return the numbers of a folder's messages, asked for range by range: the answer is one line."""
        found: dict[int, None] = {}
        first = 1
        while len(found) < count and first <= _LARGEST_UID:
            rest = count - len(found) <= _MOST_LISTED
            last = _LARGEST_UID if rest else first + _MOST_LISTED - 1
            listed = self._listed(f"UID {first}:{'*' if rest else last}")
            within = [each for each in listed if first <= each <= last]
            found |= dict.fromkeys(within)
            first = last + 1
            if not found and not rest:  # the first message of all has the lowest number
                first = max([first, *self._listed("1:1")])
        return sorted(found)

    def _listed(self, which: str) -> list[int]:
        kind, responses = self._server.uid("SEARCH", which)
        if kind != "OK":
            raise self._unclear()
        numbers = [
            read_number(each, most=_LARGEST_UID) for line in filter(None, responses) for each in line.split()
        ]
        if None in numbers:
            raise self._unclear()
        return cast("list[int]", numbers)

    def _fetched(self, uids: str, what: str) -> list[tuple[bytes, bytes]]:
        """Return what the server says of messages: all words of each, and its literal."""
        kind, responses = self._server.uid("FETCH", uids, what)
        if kind != "OK":
            raise self._unclear()
        found: list[tuple[bytes, bytes]] = []
        for part in responses:
            if isinstance(part, tuple):
                found.append((part[0], part[1]))
            elif isinstance(part, bytes) and _ANSWER.match(part):
                found.append((part, b""))
            elif found and isinstance(part, bytes):
                found[-1] = (found[-1][0] + b" " + part, found[-1][1])
        return found

    def _failed(self) -> ImportRefusedError:
        return ImportRefusedError(
            "{server} broke off the import.",
            server=self._address,
            advice="Begin it again: it goes on from there.",
        )

    def _unclear(self) -> ImportRefusedError:
        """Return the error of an answer that would be the same the next time."""
        return ImportRefusedError(
            "{server} answers what cannot be read; what was imported until then is kept.",
            server=self._address,
            advice="Import folder by folder (imaps://user@host/Folder), or export the one that fails as mbox.",
        )

    def _silent(self, error: OSError) -> ImportRefusedError:
        return ImportRefusedError(
            "{server} does not answer: {why}.", server=self._address, why=reason_of(error)
        )


def _context(authority: Path | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=authority)
    except OSError as error:
        raise ImportRefusedError(
            "{file} holds no certificates: {why}.", file=authority, why=reason_of(error)
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _is_here(connection: socket.socket) -> bool:
    return ip_address(connection.getpeername()[0].partition("%")[0]).is_loopback


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _plain(name: str) -> str:
    """Return a folder's name without the quotation marks that a server may write or leave out."""
    return re.sub(r"\\(.)", r"\1", name[1:-1]) if name.startswith('"') else name


def _written(name: str) -> str:
    """Return a folder's name in the UTF-7 of RFC 3501 §5.1.3."""

    def shifted(text: re.Match[str]) -> str:
        return "&" + b64encode(text[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"

    return re.sub(r"[^\x20-\x7e]+", shifted, name.replace("&", "&-"))


def _number(pattern: re.Pattern[bytes], line: bytes) -> int | None:
    found = pattern.search(line)
    return int(found[1]) if found else None


def _internal_date(line: bytes) -> datetime | None:
    found: Any = _STATED.search(line)
    try:
        return datetime.strptime(found[1].decode("ascii").strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)
    except (ValueError, TypeError):
        return None
