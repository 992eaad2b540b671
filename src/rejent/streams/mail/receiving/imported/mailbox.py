"""What a mailbox says of its messages before any of them is read whole."""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol
from unicodedata import normalize

from rejent.streams.mail.messages.classes import MessageHead

LONGEST_HEAD = 1 << 18
"""Bytes of a message in which its time is looked for."""
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(hours=26)
"""How far ahead a stated time may seem to lie: a clock elsewhere, or a zone that was left out."""
_STATED = re.compile(r"[^;]*\Z")


@dataclass(frozen=True, slots=True)
class Found:
    """A message in a mailbox.

    Attributes:
        mark: where it lies and since when, never what it holds.
        stated: when it was sent or delivered; nothing where neither mailbox nor message says.
        whole: the size that a server states, of which its content must not be less.
        doubtful: where in its content another message may begin.
    """

    key: str
    mark: str
    stated: datetime | None
    size: int
    sender: str = field(default="", repr=False)
    folder: str = field(default="", repr=False)
    whole: int = 0
    doubtful: tuple[int, ...] = ()

    def lies_in(self, folders: Collection[str]) -> bool:
        """Return whether its folder, or one around it, is one of these, in small letters."""
        return any(normalize("NFC", part).casefold() in folders for part in re.split("[./]", self.folder))


class Mailbox(Protocol):
    """A mailbox to be imported; a change of all of it shows in ``state``, empty where each message is known by itself.

    ``doubtful`` are the lines of a file that nearly part two messages, once all of them were found.
    """

    form: str
    place: str
    state: str
    doubtful: list[int]

    def found(self, now: datetime) -> Iterator[Found]:
        """Yield every message. Raises ImportRefusedError: it cannot be read."""

    def content(self, message: Found) -> bytes | None:
        """Return a message byte for byte; None where it is not there any more. Raises ImportRefusedError: the mailbox cannot be read."""

    def close(self) -> None:
        """Let go of it."""


def stated_time(served: datetime | None, head: bytes, now: datetime) -> datetime | None:
    """Return from when the term of a message counts: the earlier of when its mailbox had it and what the last server wrote above it.

    A mailbox that was moved states the time of the move, so the earlier counts: nothing is kept for longer than from its delivery. What
    the sender wrote (``Date``) counts only where neither is there. What lies before 1990 or more than 26 hours ahead is none; what
    lies less ahead is taken for now.
    """
    fields = MessageHead(head)
    received = next(fields.texts("received"), "")
    by_servers = [served, _parsed(_STATED.search(received)[0]) if received else None]  # type: ignore[index]  # it matches anything
    sent = _parsed(next(fields.texts("date"), ""))
    found = [at for at in by_servers if _is_likely(at, now)] or [at for at in (sent,) if _is_likely(at, now)]
    return min((min(at, now) for at in found if at is not None), default=None)


def _is_likely(at: datetime | None, now: datetime) -> bool:
    return at is not None and _EARLIEST <= at <= now + _AHEAD


def _parsed(text: str) -> datetime | None:
    """Return the instant of a date of RFC 5322; one without a zone (-0000) is taken as UTC."""
    try:
        found = parsedate_to_datetime(text.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def folder_name(name: str) -> str:
    """Return what a folder's name in the UTF-7 of RFC 3501 §5.1.3 says."""

    def text(shifted: re.Match[str]) -> str:
        code = shifted[1].replace(",", "/")
        return b64decode(code + "=" * (-len(code) % 4)).decode("utf-16-be", "replace") if code else "&"

    try:
        return re.sub(r"&([A-Za-z0-9+,]*)-", text, name)
    except Base64Error:
        return name
