"""Messages of an mbox file, each as it stands there; the lines that part them differ from ``From `` in a text by their form.

Sources: RFC 4155; mbox(5) with ``Content-Length`` (mboxcl); what mail programs write in their place.
"""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_tz
from pathlib import Path
from typing import BinaryIO

from rejent.kernel.clock import OFFICE_ZONE
from rejent.kernel.numbers import read_number
from rejent.streams.mail.messages.classes import MessageHead
from rejent.streams.mail.receiving.imported.mailbox import LONGEST_HEAD, Found, stated_time
from rejent.streams.mail.records.errors import ImportRefusedError

_PIECE = 1 << 16
_BOM = b"\xef\xbb\xbf"
_ZONE = rb"(?: +[A-Z]{1,5}| *[+-]\d\d:?\d\d| *Z)?"
_CLOCK = rb"\d{1,2}:\d\d(?::\d\d(?:\.\d{1,6})?)?"
_FROM = re.compile(
    rb"From (?P<sender>\"[^\"\r\n]{0,320}\"\S{0,320}|\S{1,320} at \S{1,320}|\S{0,320}) +"
    rb"(?:(?P<at>[A-Z][a-z]{2} +[A-Z][a-z]{2} +\d{1,2} +" + _CLOCK + _ZONE + rb" +\d{4}" + _ZONE + rb")"
    rb"|(?P<rfc>(?:[A-Z][a-z]{2},? +)?\d{1,2} [A-Z][a-z]{2} \d{4} +" + _CLOCK + _ZONE + rb"(?: +\([^()]{0,40}\))?)"
    rb"|(?P<iso>\d{4}-\d\d-\d\d[T ]" + _CLOCK + _ZONE + rb"))"
    rb"(?: +remote from \S{1,320})?[ \t\r]*\n?"
)  # fmt: skip
"""A sender, bare, quoted or with ``at``, and a date: of ``asctime`` (RFC 4155), of RFC 5322 or of ISO 8601, each with its time."""
_FIELD = re.compile(rb"[!-9;-~]{1,200}[ \t]*:")
_OF_MESSAGE = re.compile(
    rb"(?i)(?:received|return-path|delivered-to|from|to|cc|reply-to|sender|subject|date|message-id|mime-version|status|content-[a-z-]+"
    rb"|dkim-signature|authentication-results|x-[!-9;-~]{1,100})[ \t]*:"
)
"""Fields with which messages begin; other words before a colon are any text."""
_MOST_BLANKS = 3
"""Empty lines that may stand between the length that a message states and the line that begins the next."""
_MONTHS = frozenset({"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"})


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the file, or a piece of one, and where it stands."""

    text: bytes
    offset: int
    number: int
    at_start: bool
    after_blank: bool

    @property
    def end(self) -> int:
        """Return the offset behind it."""
        return self.offset + len(self.text)

    @property
    def may_part(self) -> bool:
        """Return whether it begins as a line that parts messages."""
        return self.at_start and self.text.startswith(b"From ")


@dataclass(slots=True)
class _Span:
    """A message of the file, with the line before it.

    Attributes:
        ends: the offset up to which the length that it states reaches; no message begins before.
        doubtful: where in it, beyond that, lines begin that nearly part two messages.
    """

    start: int
    line: bytes
    head: bytearray = field(default_factory=bytearray)
    headed: bool = False
    ends: int = 0
    doubtful: list[int] = field(default_factory=list)


class MboxFile:
    """An mbox; see `rejent.streams.mail.receiving.imported.mailbox.Mailbox`. Raises ImportRefusedError: it is none."""

    form = "mbox"

    def __init__(self, file: Path) -> None:
        self._name = file
        try:
            number = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise ImportRefusedError(
                "{file} cannot be read: {why}.", file=file, why=error.strerror
            ) from error
        status = os.fstat(number)
        if not stat.S_ISREG(status.st_mode):
            os.close(number)
            raise ImportRefusedError(
                "{file} is no file.", file=file, advice="A folder of messages is named with --maildir."
            )
        self._file: BinaryIO = os.fdopen(number, "rb")
        self._stamp = status.st_size, status.st_mtime_ns
        self.doubtful: list[int] = []
        self.place, self.state = str(file.resolve()), f"{status.st_size} {status.st_mtime_ns}"

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def found(self, now: datetime) -> Iterator[Found]:
        """Yield every message, in the order of the file."""
        self.doubtful.clear()
        for span, end in self._spans():
            sender, at = _sender_and_time(span.line)
            yield Found(
                f"{span.start}:{end}",
                f"{self.place} {self.state} {span.start}",
                stated_time(at, bytes(span.head), now),
                end - span.start,
                sender,
                doubtful=tuple(span.doubtful),
            )
        self._require_unchanged()

    def content(self, message: Found) -> bytes | None:
        """Return the bytes between two lines that part messages, without the empty line that belongs to the second."""
        self._require_unchanged()
        start, end = map(int, message.key.split(":"))
        self._file.seek(start)
        content = self._file.read(end - start)
        if len(content) != end - start:
            raise self._changed()
        for blank in (b"\r\n\r\n", b"\n\n"):
            if content.endswith(blank):
                return content[: -(len(blank) // 2)]
        return content

    def _spans(self) -> Iterator[tuple[_Span, int]]:
        """Yield the messages with the offsets of their ends."""
        under_way: _Span | None = None
        offset = 0
        for line in self._lines():
            if self._begins_message(line, under_way):
                if under_way is not None:
                    yield under_way, line.offset
                under_way = _Span(line.end, line.text)
            elif under_way is not None:
                self._take(line, under_way)
            elif line.text.strip():
                under_way = self._torn(line)
            offset = line.end
        if under_way is not None:
            yield under_way, offset

    def _lines(self) -> Iterator[_Line]:
        """Yield the lines, in pieces where they are long."""
        self._file.seek(0)
        offset, number, at_start, after_blank = 0, 0, True, True
        while text := self._file.readline(_PIECE):
            number += at_start
            if offset == 0 and text.startswith(_BOM):
                text, offset = text[len(_BOM) :], len(_BOM)
            yield _Line(text, offset, number, at_start, after_blank)
            offset += len(text)
            after_blank = at_start and not text.strip(b"\r\n")
            at_start = text.endswith(b"\n")

    def _torn(self, line: _Line) -> _Span:
        """Begin the first message behind a line that was torn. Raises ImportRefusedError: no message follows."""
        if line.number != 1 or not _OF_MESSAGE.match(self._following()):
            raise ImportRefusedError(
                "{file} is no mbox: it does not begin with a line From SENDER DATE.",
                file=self._name,
                advice="Export the mailbox as mbox, or name a folder with --maildir.",
            )
        self.doubtful.append(line.number)
        return _Span(line.end, b"")

    def _take(self, line: _Line, span: _Span) -> None:
        """Take a line of a message."""
        if line.may_part and (_FROM.fullmatch(line.text) or _OF_MESSAGE.match(self._following())):
            self.doubtful.append(line.number)
            if line.offset >= span.ends:
                span.doubtful.append(line.offset - span.start)
        if not span.headed:
            self._take_head(line, span)

    def _begins_message(self, line: _Line, before: _Span | None) -> bool:
        """Return whether a line has the form of one that parts messages, and stands where one does.

        What follows is a field, as above any message, or nothing; a field that is usual, where no empty line stands before.
        """
        if not line.may_part or (before is not None and line.offset < before.ends):
            return False
        if _FROM.fullmatch(line.text) is None:
            return False
        following = self._following()
        if not line.after_blank:
            return _OF_MESSAGE.match(following) is not None
        return not following.strip() or following.startswith(b">From ") or _FIELD.match(following) is not None

    def _following(self, skipped: int = 0) -> bytes:
        """Return the line behind the one that was read, from ``skipped`` bytes on without empty ones."""
        here = self._file.tell()
        self._file.seek(here + skipped)
        following = self._file.readline(_PIECE)
        for _ in range(_MOST_BLANKS if skipped else 0):
            if following in {b"\n", b"\r\n"}:
                following = self._file.readline(_PIECE)
        self._file.seek(here)
        return following

    def _take_head(self, line: _Line, span: _Span) -> None:
        """Take a line of a message's head; at its end see how far the length reaches that it states, if a message begins there."""
        span.headed = line.at_start and not line.text.strip()
        span.head += line.text[: max(LONGEST_HEAD - len(span.head), 0)]
        if span.headed and b"ength" in span.head:
            stated = next(MessageHead(bytes(span.head)).texts("content-length"), "")
            length = read_number(stated.strip(), least=1, most=self._stamp[0] - line.end)
            if length is not None:
                following = self._following(length)
                if not following or _FROM.fullmatch(following):
                    span.ends = line.end + length

    def _require_unchanged(self) -> None:
        status = os.fstat(self._file.fileno())
        if (status.st_size, status.st_mtime_ns) != self._stamp:
            raise self._changed()

    def _changed(self) -> ImportRefusedError:
        return ImportRefusedError(
            "{file} was changed while it was imported.",
            file=self._name,
            advice="Import a copy that nobody writes to.",
        )


def _sender_and_time(line: bytes) -> tuple[str, datetime | None]:
    """Return sender and time of a line that parts messages; one without a zone is in civil time, as the server wrote it."""
    match = _FROM.fullmatch(line)
    if match is None:
        return "", None
    sender = match["sender"].decode("utf-8", "replace").replace(" at ", "@").strip('<>"')
    at = None
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        if match["iso"]:
            stated = datetime.fromisoformat(
                match["iso"].decode("ascii").replace(" +", "+").replace(" -", "-")
            )
            at = stated if stated.tzinfo else stated.replace(tzinfo=OFFICE_ZONE)
        else:
            at = _instant((match["rfc"] or match["at"]).decode("ascii"))
    return sender if "@" in sender else "", at


def _instant(written: str) -> datetime:
    """Return the instant of a date as of ``asctime``, whose zone may stand before its year, or of RFC 5322. Raises ValueError."""
    zone = re.search(r"(?<=[\d ])[+-]\d\d:?\d\d\b", written)
    words = re.sub(r"[+-]\d\d:?\d\d\b|\(.*\)|,", " ", written).split()
    year = next(word for word in words if re.fullmatch(r"\d{4}", word))
    clock = next(word for word in words if ":" in word)
    month = next(word for word in words if word in _MONTHS)
    day = next(word for word in words if re.fullmatch(r"\d{1,2}", word))
    named = "GMT" if {"GMT", "UTC", "UT", "Z"} & {*words} else ""
    stated = zone[0].replace(":", "") if zone else named
    parsed = parsedate_tz(f"{day} {month} {year} {clock} {stated}")
    if parsed is None:
        raise ValueError(written)
    civil = datetime(*parsed[:6])  # noqa: DTZ001 - its zone follows
    return civil.replace(tzinfo=timezone(timedelta(seconds=parsed[9] or 0)) if stated else OFFICE_ZONE)
