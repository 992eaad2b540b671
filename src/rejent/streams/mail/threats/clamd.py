"""ClamAV's own daemon, asked over its socket on this machine (clamd(8), INSTREAM); it takes mail and archives apart itself."""

import re
import socket
import struct

from rejent.kernel.clock import Clock
from rejent.streams.mail.messages.content import Content
from rejent.streams.mail.threats.verdicts import NotCheckedError, Unchecked, Verdict

_PIECE = 1 << 20
_LONGEST_REPLY = 4096
_FOUND = re.compile(rb"stream: ([\x21-\x7e]{1,80}) FOUND")
_LIMITS = b"Heuristics.Limits.Exceeded"
"""What a daemon finds that is set to name what it did not look at (``AlertExceedsMax``)."""


class Clamd:
    """A daemon that listens at a socket."""

    name = "clamav"
    names = ("clamav",)

    def __init__(self, path: str, clock: Clock, seconds: float) -> None:
        self._path, self._clock, self._seconds = path, clock, seconds

    def check(self, content: Content) -> Verdict:
        """Return what the daemon finds in a message. Raises NotCheckedError: it is away, too slow, or refuses."""
        reply = self._ask(content)
        if (found := _FOUND.search(reply)) is not None:
            if found[1].startswith(_LIMITS):
                return Verdict(unchecked=(f"{self.name}={Unchecked.PARTLY.value}",))
            return Verdict((f"{self.name}={found[1].decode('ascii')}",))
        if reply.startswith(b"stream: OK"):
            return Verdict()
        raise NotCheckedError(Unchecked.LARGE if b"size limit" in reply else Unchecked.AWAY)

    def answers(self) -> bool:
        """Return whether the daemon answers now."""
        try:
            with self._connected(self._clock.monotonic() + self._seconds) as connection:
                connection.sendall(b"zPING\0")
                return connection.recv(_LONGEST_REPLY).startswith(b"PONG")
        except OSError:
            return False

    def close(self) -> None:
        """Do nothing: each message has a connection of its own."""

    def _ask(self, content: Content) -> bytes:
        until = self._clock.monotonic() + self._seconds
        try:
            with self._connected(until) as connection:
                try:
                    connection.sendall(b"zINSTREAM\0")
                    for start in range(0, len(content), _PIECE):
                        piece = content[start : start + _PIECE]
                        connection.settimeout(self._left(until))
                        connection.sendall(struct.pack(">I", len(piece)) + piece)
                    connection.sendall(bytes(4))
                except (BrokenPipeError, ConnectionResetError):
                    pass  # it says why
                connection.settimeout(self._left(until))
                return connection.recv(_LONGEST_REPLY)
        except TimeoutError:
            raise NotCheckedError(Unchecked.LATE) from None
        except OSError:
            raise NotCheckedError(Unchecked.AWAY) from None

    def _connected(self, until: float) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(self._left(until))
            connection.connect(self._path)
        except OSError:
            connection.close()
            raise
        return connection

    def _left(self, until: float) -> float:
        """Return the seconds that are left. Raises TimeoutError: none."""
        left = until - self._clock.monotonic()
        if left <= 0:
            raise TimeoutError
        return left
