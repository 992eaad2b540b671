"""SIP over TCP as somebody beside the connection sees it: segments in any order, some of them twice, some never (RFC 9293 §3.4).

Nothing can be asked for again. Where bytes are missing, reading goes on at the next message.
"""

import re
from dataclasses import dataclass, field

from rejent.formats.rtp.account import SECOND
from rejent.streams.calls.mirror.packets import FIN, RST, SYN, Segment
from rejent.streams.calls.sip.errors import SipError
from rejent.streams.calls.sip.framing import MessageStream
from rejent.streams.calls.sip.message import MAX_MESSAGE

MOST_CONNECTIONS = 4096
"""Directions of connections that are remembered; the one silent longest goes first."""
MOST_WAITING = 2 * MAX_MESSAGE
"""Bytes that wait for what is missing before them."""
MOST_SEGMENTS = 64
"""Segments that wait for what is missing before them; a message has no more of the size that networks take."""
MOST_WAITING_IN_ALL = 64 * MOST_WAITING
"""Bytes that wait in all directions; one that comes then goes on without what is missing."""
FORGOTTEN_AFTER = 60 * SECOND
"""Silence after which a direction in the middle of a message is forgotten."""
PATIENCE = SECOND // 2
"""How long what is missing is waited for: the other direction's copies come within milliseconds, retransmissions later."""
_START = re.compile(rb"(?:^|\n)(?=[A-Z]{3,32} \S{1,2048} SIP/2\.0\r?\n|SIP/2\.0 [1-6]\d\d[ \r\n])")


@dataclass(slots=True)
class _Direction:
    expected: int
    """The sequence number of the next byte."""
    heard: int
    stream: MessageStream = field(default_factory=MessageStream)
    waiting: dict[int, bytes] = field(default_factory=dict)
    since: int = 0
    """From when on something waits; 0 while nothing does."""
    searching: bool = False
    """The next message is to be found first."""

    @property
    def held(self) -> int:
        """Bytes that wait."""
        return sum(map(len, self.waiting.values()))

    @property
    def overfull(self) -> bool:
        """Whether more waits than may."""
        return len(self.waiting) > MOST_SEGMENTS or self.held > MOST_WAITING

    @property
    def first(self) -> int:
        """The number of the first byte that waits."""
        return min(self.waiting, key=lambda each: _apart(each, self.expected))


class Connections:
    """Gives the SIP messages of all TCP connections on a mirror port.

    Attributes:
        holes: how often bytes were missing.
    """

    def __init__(self) -> None:
        self._directions: dict[bytes, _Direction] = {}
        """The one silent longest first."""
        self._held = self._looked_at = 0
        self.holes = 0

    def take(self, segment: Segment, now: int) -> list[bytes]:
        """Take a segment and give the messages that are whole now, in order."""
        self._forget_silent(now)
        name = segment.source + segment.destination
        one = self._taken_out(name)
        if segment.flags & RST:
            return []
        if one is None or segment.flags & SYN:
            if len(self._directions) >= MOST_CONNECTIONS:
                self._taken_out(next(iter(self._directions)))
            begins = bool(segment.flags & SYN)
            one = _Direction(segment.sequence + begins & 0xFFFFFFFF, now, searching=not begins)
        one.heard = now
        messages = self._arrived(one, segment, now)
        while one.waiting and self._held + one.held > MOST_WAITING_IN_ALL:
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
        """Forget directions that fell silent in the middle of a message; looked for once a second."""
        if now - self._looked_at < SECOND:
            return
        self._looked_at = now
        silent = [name for name, one in self._directions.items() if now - one.heard >= FORGOTTEN_AFTER]
        for name in silent:
            if self._directions[name].waiting or self._directions[name].stream.unfinished:
                self._taken_out(name)

    def _arrived(self, one: _Direction, segment: Segment, now: int) -> list[bytes]:
        begin = segment.sequence + bool(segment.flags & SYN) & 0xFFFFFFFF
        content = segment.payload
        messages: list[bytes] = []
        ahead = _apart(begin, one.expected)
        if content and ahead + len(content) > 0:
            if abs(ahead) > MOST_WAITING:
                self._lose(one, begin)
            one.waiting.setdefault(begin, content)
        messages += self._follow(one)
        one.since = (one.since or now) if one.waiting else 0
        if one.waiting and (now - one.since >= PATIENCE or one.overfull):
            messages += self._go_on(one)
        return messages

    def _go_on(self, one: _Direction) -> list[bytes]:
        """Wait no longer for what is missing before the first that waits."""
        self._lose(one, one.first, keep=True)
        return self._follow(one)

    def _lose(self, one: _Direction, begin: int, *, keep: bool = False) -> None:
        """Go on at ``begin``, whatever was missing before it."""
        self.holes += 1
        one.expected, one.stream, one.searching, one.since = begin, MessageStream(), True, 0
        if not keep:
            one.waiting.clear()

    def _follow(self, one: _Direction) -> list[bytes]:
        """What can be read without a hole."""
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
        if one.searching:
            found = _START.search(content)
            if found is None:
                return []
            content, one.searching = content[found.end() :], False
        try:
            return one.stream.receive(content) if content else []
        except SipError:
            one.stream, one.searching = MessageStream(), True
            return []


def _apart(begin: int, expected: int) -> int:
    """How far one sequence number is behind another, around the end of the numbers (RFC 9293 §3.4)."""
    return (begin - expected + 0x80000000 & 0xFFFFFFFF) - 0x80000000
