"""An IMAP server on loopback that hands out what a test wants, well-formed or not."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

MESSAGE = b"From: jan@firma.example\r\nDate: Tue, 20 Oct 2026 10:00:00 +0200\r\n\r\nx\r\n"
DATED = b'INTERNALDATE "20-Oct-2026 08:00:00 +0000"'


@dataclass(slots=True)
class ImapScript:
    """What a server holds, and what becomes of its replies.

    Attributes:
        uids: numbers of its messages.
        bodies: of some messages what is said in the place of ``{SIZE}`` and content.
        altered: is given each reply, and returns what is sent.
        said: the commands that came, without their tags.
    """

    uids: range = range(1, 4)
    bodies: dict[int, bytes] = field(default_factory=dict)
    altered: Callable[[bytes], bytes] = bytes
    said: list[str] = field(default_factory=list)

    def reply(self, verb: str, rest: str) -> bytes:
        """Return the untagged lines of a reply."""
        match verb:
            case "CAPABILITY":
                return b"* CAPABILITY IMAP4rev1\r\n"
            case "LIST":
                return b'* LIST (\\HasNoChildren) "/" INBOX\r\n'
            case "EXAMINE":
                return b"* %d EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n" % len(self.uids)
            case "UID" if rest.startswith("SEARCH"):
                return (
                    b"* SEARCH "
                    + b" ".join(b"%d" % each for each in self._within(rest.rsplit(maxsplit=1)[-1]))
                    + b"\r\n"
                )
            case "UID" if rest.startswith("FETCH"):
                _, wanted, what = rest.split(" ", 2)
                numbers = [int(each) for each in wanted.split(",")]
                return b"".join(self._fetched(each, whole="BODY.PEEK[]" in what) for each in numbers)
        return b""

    def _within(self, numbers: str) -> range:
        if numbers == "1:1":
            return self.uids[:1]
        first, last = numbers.split(":")
        end = self.uids.stop if last == "*" else min(int(last) + 1, self.uids.stop)
        return range(max(int(first), self.uids.start), end)

    def _fetched(self, uid: int, *, whole: bool) -> bytes:
        told = b"* %d FETCH (UID %d " % (uid, uid)
        if not whole:
            head = MESSAGE.partition(b"\r\n")[2].partition(b"\r\n")[0] + b"\r\n\r\n"
            return told + DATED + b" RFC822.SIZE %d BODY[HEADER.FIELDS (RECEIVED DATE)] {%d}\r\n%s)\r\n" % (
                len(MESSAGE), len(head), head,
            )  # fmt: skip
        return told + self.bodies.get(uid, b"BODY[] {%d}\r\n%s" % (len(MESSAGE), MESSAGE)) + b")\r\n"


@contextmanager
def imap_server(script: ImapScript) -> Iterator[int]:
    """Serve one connection after another at a port that is yielded."""
    listening = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_serve, args=(listening, script), daemon=True).start()
    try:
        yield int(listening.getsockname()[1])
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def _serve(listening: socket.socket, script: ImapScript) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection, connection.makefile("rwb") as lines:
            try:
                _converse(lines, script)
            except OSError:
                continue


def _converse(lines: BinaryIO, script: ImapScript) -> None:
    """Answer commands until the client leaves, or a reply was altered: whoever waits for more of it sees the end."""
    told = b"* OK ready\r\n"
    while True:
        sent = script.altered(told)
        lines.write(sent)
        lines.flush()
        if sent != told or not (line := lines.readline()):
            return
        tag, _, command = line.decode("utf-8", "replace").strip().partition(" ")
        script.said.append(command)
        verb, _, rest = command.partition(" ")
        told = script.reply(verb, rest) + re.sub(rb"\W", b"", tag.encode()) + b" OK done\r\n"
