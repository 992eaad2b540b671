"""One session of a mail server with a milter, without I/O: packets in, replies out, messages at their end (Sendmail's protocol, version 6).

A milter sees each message while its server takes it, with every recipient of the envelope, and could hold it up. This one never does: it
answers *continue* and, at the end, *accept*, whatever became of the message here.

The server hands over fields and body apart. The message is put together again with CR LF: fields as they were folded where the server
keeps the blanks behind their colons (version 6 of Sendmail and Postfix), an empty line, the body byte for byte.
"""

import struct
from dataclasses import replace
from enum import IntFlag
from pathlib import Path

from rejent.streams.mail.receiving.received import Outcome, ReceivedMessage
from rejent.streams.mail.receiving.spool import Incoming

LONGEST_PACKET = 4 << 20
"""Bytes of a packet; a field may be long, a piece of a body has 64 KiB."""
MOST_RECIPIENTS = 10_000
LONGEST_HEAD = 4 << 20
"""Bytes of a head that is kept beside the message, as many as are looked at."""
_LENGTH = struct.Struct(">I")
_OPTIONS = struct.Struct(">III")
_VERSION = 6
_OLDEST = 2


class _Step(IntFlag):
    """What a server may leave out, or do, if both want it."""

    NO_CONNECT = 0x1
    NO_HELO = 0x2
    NO_END_OF_HEADERS = 0x40
    NO_UNKNOWN = 0x100
    NO_DATA = 0x200
    SILENT_HEADER = 0x80
    SILENT_MAIL = 0x4000
    SILENT_RCPT = 0x8000
    SILENT_BODY = 0x80000
    LEADING_SPACE = 0x100000


_WANTED = _Step(sum(_Step))
_SILENT = {
    b"L": _Step.SILENT_HEADER,
    b"M": _Step.SILENT_MAIL,
    b"R": _Step.SILENT_RCPT,
    b"B": _Step.SILENT_BODY,
}
"""Commands, and what spares them a reply."""
_WITHOUT_REPLY = frozenset({b"D", b"A", b"Q", b"K"})
_KNOWN = frozenset({b"O", b"C", b"H", b"M", b"R", b"T", b"L", b"N", b"B", b"E", b"U", *_WITHOUT_REPLY})
_CONTINUE, _ACCEPT = _LENGTH.pack(1) + b"c", _LENGTH.pack(1) + b"a"


class MilterSession:
    """A session; `feed` takes bytes, `replies` are to be sent, ``message`` waits for `settle`."""

    def __init__(self, most_bytes: int, spool: Path | None = None) -> None:
        self._most_bytes, self._spool = most_bytes, spool
        self._buffer = bytearray()
        self._steps = _Step(0)
        self._agreed = False
        self._replies = bytearray()
        self.ended = False
        """Whether the connection is to be closed once the replies are sent."""
        self.message: ReceivedMessage | None = None
        """The message that waits to be stored, or where it passes and is not kept to be decided of."""
        self.lost = 0
        """Messages that were accepted and not kept: too large, or of too many recipients."""
        self._dropped = False
        self._begin(None)

    @property
    def under_way(self) -> bool:
        """Return whether the server is handing a message over."""
        return self._sender is not None

    @property
    def gives_way(self) -> bool:
        """Return whether it may be ended for another: no mail server has begun it."""
        return not self._agreed

    @property
    def held(self) -> int:
        """Count the bytes that are held in memory."""
        waiting = len(self.message.content) if self.message else 0
        return len(self._buffer) + len(self._head) + len(self._content) + waiting

    def replies(self) -> bytes:
        """Return what is to be sent, once."""
        replies = bytes(self._replies)
        self._replies.clear()
        return replies

    def feed(self, data: bytes) -> None:
        """Take what the server sent; stops at a complete message until `settle`."""
        self._buffer += data
        self._go_on()

    def end(self, _reply: str) -> None:
        """End the session; a milter says nothing of it."""
        self.ended = True

    def settle(self, _outcome: Outcome = Outcome.TAKEN) -> None:
        """Accept the message that waits, whatever became of it, and go on with what came behind it."""
        self.message = None
        self._replies += _ACCEPT
        self._go_on()

    def drop_content(self) -> bool:
        """Keep nothing of the message under way. Return whether there is one that was kept so far."""
        if not self.under_way or self._dropped:
            return False
        self._dropped, self._content = True, Incoming(None)
        return True

    def passing(self) -> ReceivedMessage | None:
        """Return what came of a message that passes without being kept: its envelope and head decide whether others may keep it."""
        if self._sender is None:
            return None
        return ReceivedMessage(self._sender, tuple(self._recipients), bytes(self._head), whole=False)

    def _begin(self, sender: str | None) -> None:
        self._sender = sender
        self._recipients: list[str] = []
        self._head = bytearray()
        self._content = Incoming(self._spool)
        self._in_body = self._dropped = False

    def _go_on(self) -> None:
        while self.message is None and not self.ended and len(self._buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer)
            if not 1 <= length <= LONGEST_PACKET:
                self.ended = True
                return
            end = _LENGTH.size + length
            if len(self._buffer) < end:
                return
            packet = bytes(self._buffer[_LENGTH.size : end])
            del self._buffer[:end]
            self._take(packet[:1], packet[1:])

    def _take(self, command: bytes, data: bytes) -> None:
        if command not in _KNOWN:
            self.ended = True
            return
        match command:
            case b"O":
                self._agree(data)
            case b"M":
                self._begin(_address(data))
                self._answer(command)
            case b"A":
                self._begin(None)
            case b"Q":
                self.ended = True
            case b"E":
                self._end_message(data)
            case _:
                if self.under_way:
                    self._take_part(command, data)
                self._answer(command)

    def _answer(self, command: bytes) -> None:
        spared = _SILENT.get(command, _Step(0))
        if command not in _WITHOUT_REPLY and not spared & self._steps:
            self._replies += _CONTINUE

    def _agree(self, data: bytes) -> None:
        """Agree on what the server leaves out; nothing of a message is ever changed."""
        try:
            version, _, offered = _OPTIONS.unpack_from(data)
        except struct.error:
            version, offered = 0, 0
        if version < _OLDEST:
            self.ended = True
            return
        self._steps, self._agreed = _WANTED & offered, True
        reply = b"O" + _OPTIONS.pack(min(version, _VERSION), 0, self._steps)
        self._replies += _LENGTH.pack(len(reply)) + reply

    def _take_part(self, command: bytes, data: bytes) -> None:
        if command == b"R":
            self._recipients.append(_address(data))
        elif command == b"L" and not self._in_body:
            name, _, rest = data.partition(b"\0")
            value = rest.removesuffix(b"\0").replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            blank = b"" if self._steps & _Step.LEADING_SPACE else b" "
            line = name + b":" + blank + value + b"\r\n"
            self._head += line[: LONGEST_HEAD - len(self._head)]
            self._append(line)
        elif command == b"B":
            self._append(data if self._in_body else b"\r\n" + data)
            self._in_body = True
        if len(self._content) > self._most_bytes or len(self._recipients) > MOST_RECIPIENTS:
            self.lost += self.drop_content()

    def _append(self, piece: bytes) -> None:
        if self._dropped:
            return
        try:
            self._content.append(piece)
        except OSError:  # the disk takes no more
            self.lost += self.drop_content()

    def _end_message(self, data: bytes) -> None:
        if self.under_way:
            self._take_part(b"B", data)
        self.message = self.passing()
        if self.message is None:
            self._replies += _ACCEPT
        elif not self._dropped:
            self.message = replace(self.message, content=self._content.taken(), whole=True)
        self._begin(None)


def _address(data: bytes) -> str:
    return data.partition(b"\0")[0].decode("utf-8", "replace").strip().removeprefix("<").removesuffix(">")
