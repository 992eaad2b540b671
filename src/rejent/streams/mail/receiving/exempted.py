"""Messages that a milter knew to be exempt, so that no journal keeps them: a journal is told nothing of blind recipients.

A mail server queues a message only once its milters have answered, so a journal gets it later. What is remembered is in memory alone: stored, it
would let whoever reads it test whether a known letter was sent to somebody exempt.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from secrets import token_bytes

from rejent.streams.mail.messages.classes import MessageHead
from rejent.streams.mail.messages.syntax import split_head

_LONGEST = timedelta(days=6)
"""Postfix gives a message up after five days in its queue (``maximal_queue_lifetime``)."""
_LONGEST_HEAD = 1 << 22
_PIECE = 1 << 18
_MOST = 100_000
"""Messages remembered, of some 150 bytes each."""


@dataclass(slots=True)
class ExemptedMessages:
    """What milters found exempt, by Message-ID and digest of the body; fields are added on the way, bodies stay."""

    _key: bytes = field(default_factory=lambda: token_bytes(32), repr=False)
    _until: "OrderedDict[bytes, datetime]" = field(default_factory=OrderedDict, repr=False)

    def add(self, content: bytes, head: MessageHead, now: datetime) -> None:
        """Remember a message."""
        mark = self._mark(content, head)
        self._until[mark] = now + _LONGEST
        self._until.move_to_end(mark)
        while len(self._until) > _MOST or next(iter(self._until.values())) <= now:
            self._until.popitem(last=False)

    def has(self, content: bytes, head: MessageHead, now: datetime) -> bool:
        """Return whether a message is remembered."""
        return bool(self._until) and self._until.get(self._mark(content, head), now) > now

    def _mark(self, content: bytes, head: MessageHead) -> bytes:
        named = "".join(next(head.texts("message-id"), "").split())
        above = content[:_LONGEST_HEAD]
        begins = len(above) - len(split_head(above)[1])
        pieces = (content[start : start + _PIECE] for start in range(begins, len(content), _PIECE))
        mark = blake2b(key=blake2b(named.encode("utf-8", "replace"), key=self._key).digest())
        for piece in _with_plain_ends(pieces):
            mark.update(piece)
        return mark.digest()


def _with_plain_ends(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a body, which may be long, with LF for CR LF and without the line ends at its end."""
    ends, carried = 0, b""
    for each in pieces:
        text = carried + each
        carried = b"\r" if text.endswith(b"\r") else b""
        text = text.removesuffix(b"\r").replace(b"\r\n", b"\n")
        kept = text.rstrip(b"\n")
        if kept:
            yield b"\n" * ends
            yield kept
            ends = 0
        ends += len(text) - len(kept)
    if carried:
        yield b"\n" * ends + carried
