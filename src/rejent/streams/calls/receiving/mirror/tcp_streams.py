"""Passive reassembly of SIP over TCP: segments out of order, duplicate or missing (RFC 9293 §3.4).

Nothing can be requested again; after a gap, reading continues at the next message.
"""

import re
from dataclasses import dataclass, field

from rejent.formats.rtp.account import SECOND
from rejent.streams.calls.network.sip.framing import MessageStream
from rejent.streams.calls.network.sip.message import MAX_MESSAGE, SipError
from rejent.streams.calls.receiving.mirror.frames import FIN, RST, SYN, Segment

MAX_DIRECTIONS = 4096
"""Connection directions tracked; the one idle longest is dropped first."""
MAX_BUFFERED = 2 * MAX_MESSAGE
MAX_SEGMENTS = 64
MAX_BUFFERED_TOTAL = 64 * MAX_BUFFERED
"""Bytes buffered in all directions; beyond, a direction skips its gap."""
IDLE_TIMEOUT = 60 * SECOND
"""Silence in the middle of a message after which a direction is dropped."""
GAP_TIMEOUT = SECOND // 2
"""Wait for missing bytes: copies come within milliseconds, retransmissions later."""
_START = re.compile(rb"\n(?=[A-Z]{3,32} \S{1,2048} SIP/2\.0\r?\n|SIP/2\.0 [1-6]\d\d[ \r\n])")
MAX_START = 1 + 32 + 1 + 2048 + len(" SIP/2.0\r\n")
"""Bytes of the longest first line of a message, as `_START` finds it, with the line end before it."""
_LINE_END = b"\n"
"""Stands before what follows a gap: a message may begin there."""


@dataclass(slots=True)
class _Direction:
    expected: int
    heard: int
    stream: MessageStream = field(default_factory=MessageStream)
    waiting: dict[int, bytes] = field(default_factory=dict)
    since: int = 0
    sought: bytes | None = None
    """Behind a gap the beginning of what may be the first line of a message; None while messages are read."""

    @property
    def held(self) -> int:
        """Bytes buffered."""
        return sum(map(len, self.waiting.values()))

    @property
    def overfull(self) -> bool:
        """True beyond the limits."""
        return len(self.waiting) > MAX_SEGMENTS or self.held > MAX_BUFFERED

    @property
    def first(self) -> int:
        """Sequence number of the first buffered byte."""
        return min(self.waiting, key=lambda each: _apart(each, self.expected))


class TcpStreams:
    """Extracts the SIP messages of all TCP connections; ``holes`` counts gaps."""

    def __init__(self) -> None:
        self._directions: dict[bytes, _Direction] = {}
        self._held = self._looked_at = 0
        self.holes = 0

    def take(self, segment: Segment, now: int) -> list[bytes]:
        """Take a segment and return the complete messages, in order."""
        self._forget_silent(now)
        name = segment.source + segment.destination
        one = self._taken_out(name)
        if segment.flags & RST:
            return []
        if one is None or segment.flags & SYN:
            if len(self._directions) >= MAX_DIRECTIONS:
                self._taken_out(next(iter(self._directions)))
            begins = bool(segment.flags & SYN)
            one = _Direction(
                segment.sequence + begins & 0xFFFFFFFF, now, sought=None if begins else _LINE_END
            )
        one.heard = now
        messages = self._arrived(one, segment, now)
        while one.waiting and self._held + one.held > MAX_BUFFERED_TOTAL:
            messages += self._go_on(one)
        if not segment.flags & FIN or one.waiting:
            self._directions[name] = one
            self._held += one.held
        return messages

    def _taken_out(self, name: bytes) -> _Direction | None:
        one = self._directions.pop(name, None)
        if one is not None:
            self._held -= one.held
        return one

    def _forget_silent(self, now: int) -> None:
        """Drop directions idle in the middle of a message; checked once a second."""
        if now - self._looked_at < SECOND:
            return
        self._looked_at = now
        silent = [name for name, one in self._directions.items() if now - one.heard >= IDLE_TIMEOUT]
        for name in silent:
            if self._directions[name].waiting or self._directions[name].stream.unfinished:
                self._taken_out(name)

    def _arrived(self, one: _Direction, segment: Segment, now: int) -> list[bytes]:
        begin = segment.sequence + bool(segment.flags & SYN) & 0xFFFFFFFF
        content = segment.payload
        messages: list[bytes] = []
        ahead = _apart(begin, one.expected)
        if content and ahead + len(content) > 0:
            if abs(ahead) > MAX_BUFFERED:
                self._lose(one, begin)
            one.waiting[begin] = max(one.waiting.get(begin, b""), content, key=len)
        messages += self._follow(one)
        one.since = (one.since or now) if one.waiting else 0
        if one.waiting and (now - one.since >= GAP_TIMEOUT or one.overfull):
            messages += self._go_on(one)
        return messages

    def _go_on(self, one: _Direction) -> list[bytes]:
        self._lose(one, one.first, keep=True)
        return self._follow(one)

    def _lose(self, one: _Direction, begin: int, *, keep: bool = False) -> None:
        self.holes += 1
        one.expected, one.stream, one.sought, one.since = begin, MessageStream(), _LINE_END, 0
        if not keep:
            one.waiting.clear()

    def _follow(self, one: _Direction) -> list[bytes]:
        messages: list[bytes] = []
        while one.waiting:
            begin = one.first
            ahead = _apart(begin, one.expected)
            if ahead > 0:
                break
            content = one.waiting.pop(begin)[-ahead:]
            one.expected = one.expected + len(content) & 0xFFFFFFFF
            messages += self._read(one, content)
        return messages

    def _read(self, one: _Direction, content: bytes) -> list[bytes]:
        messages: list[bytes] = []
        while content := self._from_first_line(one, content):
            try:
                messages.extend(one.stream.cut(content))
                break
            except SipError:
                content, one.stream, one.sought = one.stream.take_rest(), MessageStream(), _LINE_END
        return messages

    @staticmethod
    def _from_first_line(one: _Direction, content: bytes) -> bytes:
        """Return the content, behind a gap from the next first line of a message on; empty while there is none."""
        if one.sought is None:
            return content
        content = one.sought + content
        if found := _START.search(content):
            one.sought = None
            return content[found.end() :]
        line = content[max(content.rfind(b"\n"), 0) :]
        one.sought = line if line[:1] == b"\n" and len(line) <= MAX_START else b""
        return b""


def _apart(begin: int, expected: int) -> int:
    """Return the distance of two sequence numbers, modulo 2³² (RFC 9293 §3.4)."""
    return (begin - expected + 0x80000000 & 0xFFFFFFFF) - 0x80000000
