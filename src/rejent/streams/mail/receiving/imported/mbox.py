"""Messages of an mbox file, each as it stands there; the lines that part them differ from ``From `` in a text by their form."""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate
from pathlib import Path
from typing import BinaryIO

from rejent.kernel.clock import OFFICE_ZONE
from rejent.kernel.numbers import read_number
from rejent.streams.mail.receiving.imported.mailbox import LONGEST_HEAD, Found, stated_time
from rejent.streams.mail.records.errors import ImportRefusedError

_PIECE = 1 << 16
_FROM = re.compile(
    rb"From (?P<sender>\S{0,320}) +(?P<at>[A-Z][a-z]{2} +[A-Z][a-z]{2} +\d{1,2} +\d\d:\d\d(?::\d\d)?(?: +[A-Za-z]{1,5}| +[+-]\d{4})? +\d{4}(?: +[+-]\d{4})?)[ \r]*\n?"
)
"""As RFC 4155 and those before it write it: a sender, and a date as of ``asctime``."""
_FIELD = re.compile(rb"[!-9;-~]{1,200}[ \t]*:")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(slots=True)
class _Span:
    """A message of the file, with the line before it."""

    start: int
    line: bytes
    head: bytearray
    headed: bool = False


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
        self.place, self.state = str(file.resolve()), f"{status.st_size} {status.st_mtime_ns}"

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def found(self, now: datetime) -> Iterator[Found]:
        """Yield every message, in the order of the file."""
        for span, end in self._spans():
            sender, at = _sender_and_time(span.line)
            yield Found(
                f"{span.start}:{end}",
                f"{self.place} {self.state} {span.start}",
                stated_time(at, bytes(span.head), now),
                end - span.start,
                sender,
            )
        self._demand_unchanged()

    def content(self, message: Found) -> bytes | None:
        """Return the bytes between two lines that part messages, without the empty line that belongs to the second."""
        self._demand_unchanged()
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
        self._file.seek(0)
        offset, at_start, after_blank = 0, True, True
        under_way: _Span | None = None
        while line := self._file.readline(_PIECE):
            parts = (
                at_start and after_blank and line.startswith(b"From ") and _FROM.fullmatch(line) is not None
            )
            if parts and self._begins_message():
                if under_way is not None:
                    yield under_way, offset
                under_way = _Span(offset + len(line), line, bytearray())
            elif under_way is None and line.strip():
                raise ImportRefusedError(
                    "{file} is no mbox: it does not begin with a line From SENDER DATE.",
                    file=self._name,
                    advice="Export the mailbox as mbox, or name a folder with --maildir.",
                )
            elif under_way is not None and not under_way.headed:
                under_way.headed = at_start and not line.strip()
                under_way.head += line[: max(LONGEST_HEAD - len(under_way.head), 0)]
            offset += len(line)
            after_blank = at_start and not line.strip(b"\r\n")
            at_start = line.endswith(b"\n")
        if under_way is not None:
            yield under_way, offset

    def _begins_message(self) -> bool:
        """Return whether what follows a line is a field, as above any message, or nothing."""
        here = self._file.tell()
        following = self._file.readline(_PIECE)
        self._file.seek(here)
        return not following.strip() or following.startswith(b">From ") or _FIELD.match(following) is not None

    def _demand_unchanged(self) -> None:
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
    sender = match["sender"].decode("ascii", "replace").strip("<>")
    at = None
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        words = match["at"].decode("ascii").split()
        zone = next((word for word in words if re.fullmatch(r"[+-]\d{4}", word)), "")
        year = next(word for word in words[4:] if re.fullmatch(r"\d{4}", word))
        day = read_number(words[2], most=31)
        at = _instant(int(year), words[1], day or 0, words[3], zone)  # type: ignore[outside-number]  # four digits
    return sender if "@" in sender else "", at


def _instant(year: int, month: str, day: int, clock: str, zone: str) -> datetime:
    parsed = parsedate(f"{day} {month} {year} {clock}")
    if parsed is None or month not in _MONTHS:
        raise ValueError(month)
    civil = datetime(*parsed[:6])  # noqa: DTZ001 - its zone follows
    if zone:
        return datetime.strptime(f"{civil:%Y-%m-%d %H:%M:%S} {zone}", "%Y-%m-%d %H:%M:%S %z")
    return civil.replace(tzinfo=OFFICE_ZONE)
