"""Frame SIP messages in a byte stream (RFC 3261 §18.3, RFC 5626 §3.5.1)."""

import re
from collections.abc import Iterator

from rejent.streams.calls.network.sip.message import MAX_HEAD, MAX_MESSAGE, SipError

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"\n(?:content-length|l)[ \t]*:[ \t]*([0-9]{1,10})[ \t]*(?=\r?\n|\Z)", re.IGNORECASE)
_PING = b"\r\n\r\n"
_LINE_ENDS = re.compile(rb"(?:\r\n\r\n|\r\n(?=[^\r]|\r[^\n])|\n)+")
"""Line ends before a message; the last CR or CRLF of what has come waits for what follows, which may make a ping of it."""
MAX_TO_END = MAX_HEAD + len(_PING)
"""Bytes within which a head has ended, however many come at once."""


class MessageStream:
    """One direction of a connection; where TCP was cut decides nothing.

    ``answers``: of a message that is too long its head is yielded, else framing is lost.
    """

    def __init__(self, *, answers: bool = False) -> None:
        self._answers = answers
        self._waiting = bytearray()
        self._searched = 0
        self._head = self._total = 0
        self._skipped = 0
        self.pings = 0

    @property
    def unfinished(self) -> bool:
        """True while a message is incomplete."""
        return bool(self._skipped or self._waiting.strip(b"\r\n"))

    def cut(self, received: bytes) -> Iterator[bytes]:
        """Take bytes and yield the complete messages; SipError behind the last of them once framing is lost."""
        skipped = min(self._skipped, len(received))
        self._skipped -= skipped
        self._waiting += received[skipped:]
        while True:
            if not self._total:
                self._drop_line_ends()
            message = self._take()
            if message is None:
                return
            yield message

    def take_rest(self) -> bytes:
        """Return what came behind the head at which framing was lost, once."""
        rest, self._waiting = bytes(self._waiting), bytearray()
        return rest

    def _drop_line_ends(self) -> None:
        if found := _LINE_ENDS.match(self._waiting):
            self.pings += found[0].count(_PING)
            del self._waiting[: found.end()]
            self._searched = 0

    def _take(self) -> bytes | None:
        if not self._total and not self._measure():
            return None
        if self._total - self._head > MAX_MESSAGE:
            return self._take_head()
        if len(self._waiting) < self._total:
            return None
        message = bytes(self._waiting[: self._total])
        del self._waiting[: self._total]
        self._searched = self._total = 0
        return message

    def _take_head(self) -> bytes:
        head = bytes(self._waiting[: self._head])
        self._skipped = max(self._total - len(self._waiting), 0)
        del self._waiting[: self._total]
        self._searched = self._total = 0
        return head

    def _measure(self) -> bool:
        end = _HEAD_END.search(self._waiting, max(0, self._searched - 3), MAX_TO_END)
        if end is None:
            self._searched = len(self._waiting)
            if self._searched >= MAX_TO_END:
                del self._waiting[:MAX_TO_END]
                raise SipError(
                    "The head of a message is longer than {bound} bytes.", where="head", bound=MAX_HEAD
                )
            return False
        lengths = {int(found[1]) for found in _LENGTH.finditer(self._waiting, 0, end.end())}
        length = max(lengths, default=0)
        self._head, self._total = end.end(), end.end() + length
        if len(lengths) > 1 or (length > MAX_MESSAGE and not self._answers):
            del self._waiting[: self._head]
            raise SipError("The end of a message cannot be told.", where="Content-Length")
        return True
