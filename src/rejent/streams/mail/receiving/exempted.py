"""Messages that a milter knew to be exempt, so that no journal keeps them: a journal is told nothing of blind recipients.

A mail server queues a message only once its milters have answered, so a journal gets it later. What is remembered is in memory alone: stored, it
would let whoever reads it test whether a known letter was sent to somebody exempt.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from secrets import token_bytes

from rejent.streams.mail.messages.classes import MessageHead
from rejent.streams.mail.messages.content import Content
from rejent.streams.mail.messages.syntax import split_head

_LONGEST = timedelta(days=6)
"""Postfix gives a message up after five days in its queue (``maximal_queue_lifetime``)."""
_LONGEST_HEAD = 1 << 22
_PIECE = 1 << 18
_LOOSE = b"\r\n \t"
_MOST = 100_000
"""Messages remembered, of some 150 bytes each."""


_NAMING = ("message-id", "date", "from", "to", "subject")
"""Fields that tell a message without a Message-ID from others."""


@dataclass(slots=True)
class ExemptedMessages:
    """What milters found exempt, by Message-ID and digest of the body; fields are added on the way, bodies stay."""

    _key: bytes = field(default_factory=lambda: token_bytes(32), repr=False)
    _until: "OrderedDict[bytes, datetime]" = field(default_factory=OrderedDict, repr=False)

    def add(self, content: Content, head: MessageHead, now: datetime, *, whole: bool = True) -> None:
        """Remember a message; one of which a milter did not see the ``whole`` by its head alone."""
        mark = self._mark(content, head) if whole else self._head_mark(head)
        self._until[mark] = now + _LONGEST
        self._until.move_to_end(mark)
        while len(self._until) > _MOST or next(iter(self._until.values())) <= now:
            self._until.popitem(last=False)

    def has(self, content: Content, head: MessageHead, now: datetime) -> bool:
        """Return whether a message is remembered."""
        return bool(self._until) and any(
            self._until.get(mark, now) > now for mark in (self._head_mark(head), self._mark(content, head))
        )

    def _head_mark(self, head: MessageHead) -> bytes:
        named = next(head.texts("message-id"), "") or "\n".join(
            text for name in _NAMING for text in head.texts(name)
        )
        return blake2b(
            "".join(named.split()).encode("utf-8", "replace"), key=self._key, person=b"head"
        ).digest()

    def _mark(self, content: Content, head: MessageHead) -> bytes:
        """Return the mark of a message by all of its body but line ends and blanks: mail servers break lines beyond 998 bytes (RFC 5321 §4.5.3.1.6)."""
        named = "".join(next(head.texts("message-id"), "").split())
        above = content[:_LONGEST_HEAD]
        begins = len(above) - len(split_head(above)[1])
        mark = blake2b(key=blake2b(named.encode("utf-8", "replace"), key=self._key).digest())
        for start in range(begins, len(content), _PIECE):
            mark.update(content[start : start + _PIECE].translate(None, _LOOSE))
        return mark.digest()
