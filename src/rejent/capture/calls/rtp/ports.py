"""Pairs of ports for legs (RFC 3550 §11): taken in turn, and left alone for a while after a call.

What is late for one call must not be heard in the next one, so that a port rests before another call gets it.
"""

import resource
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from rejent.capture.calls.rtp.account import SECOND
from rejent.capture.calls.rtp.errors import NoPortError
from rejent.capture.calls.rtp.source_lock import Address
from rejent.kernel.clock import Clock

REST_S = 60.0
"""Seconds that a pair rests."""
RECEIVE_BUFFER = 256 * 1024
"""Bytes the kernel is asked to hold for a leg: five seconds of G.711, with what each datagram costs it besides."""
SO_TIMESTAMPNS, SO_RXQ_OVFL = 35, 40
"""Linux's numbers (asm-generic/socket.h), which Python does not name."""
LARGEST = 8192
"""Bytes that no datagram of speech exceeds."""
_ANCILLARY = socket.CMSG_SPACE(16) + socket.CMSG_SPACE(4)
_STAMP = struct.Struct("@qq")
_COUNT = struct.Struct("@I")
_OLDEST = 10 * SECOND


@dataclass(slots=True)
class MediaPort:
    """The two sockets of one leg: speech on an even port, reports on the odd one above it.

    Attributes:
        number: the even port.
        dropped: datagrams that the kernel had no room for.
        oversize: datagrams longer than any of speech.
    """

    number: int
    media: socket.socket
    control: socket.socket
    dropped: int = 0
    oversize: int = 0
    _last: int = 0

    def arrived(self, steady: int, newest: int, most: int) -> Iterator[tuple[bytes, int, Address]]:
        """Datagrams of speech that have arrived: each with its arrival and its sender. Arrivals never run backwards.

        Args:
            steady: ns that lead from the kernel's stamps to steady time.
            newest: the instant now, in steady time; what was stamped in another time came now.
            most: how many are taken.
        """
        receive, unpack, last = self.media.recvmsg, _STAMP.unpack, self._last
        for _ in range(most):
            try:
                datagram, ancillary, flags, sender = receive(LARGEST, _ANCILLARY)
            except BlockingIOError:
                break
            except OSError:
                continue
            arrival = newest
            for _, kind, content in ancillary:
                if kind == SO_TIMESTAMPNS:
                    seconds, rest = unpack(content)
                    arrival = seconds * SECOND + rest + steady
                elif kind == SO_RXQ_OVFL:
                    (self.dropped,) = _COUNT.unpack(content)
            if not -SECOND <= newest - arrival <= _OLDEST:
                arrival = newest
            if flags & socket.MSG_TRUNC:
                self.oversize += 1
                continue
            last = max(last, arrival)
            yield datagram, last, sender if len(sender) == 2 else sender[:2]
        self._last = last

    def close(self) -> None:
        """Close both."""
        self.media.close()
        self.control.close()


class PortPairs:
    """The ports that calls may use; callable from any thread.

    Args:
        address: to listen on; its family decides between IPv4 and IPv6.
        first: the lowest port; an odd one is raised to the next even one.
        last: the highest port of a pair's control socket.
        clock: by which pairs rest.
        rest_s: seconds that a pair rests.
    """

    def __init__(self, address: str, first: int, last: int, clock: Clock, rest_s: float = REST_S) -> None:
        self._address, self._clock, self._rest_s = address, clock, rest_s
        self._first, self._last = first + first % 2, last
        self._next = self._first
        self._used: set[int] = set()
        self._resting: dict[int, float] = {}
        self._lock = threading.Lock()
        self._family = socket.AF_INET6 if ":" in address else socket.AF_INET

    @property
    def free(self) -> int:
        """Pairs that could be taken now, unless somebody else on the machine has them."""
        with self._lock:
            self._wake()
            return max(0, (self._last - self._first + 1) // 2) - len(self._used) - len(self._resting)

    def take(self) -> MediaPort:
        """The pair that has rested longest.

        Raises:
            NoPortError: none is to be had.
        """
        with self._lock:
            self._wake()
            for _ in range((self._last - self._first + 1) // 2):
                number = self._next
                self._next = number + 2 if number + 3 <= self._last else self._first
                if number in self._used or number in self._resting:
                    continue
                with suppress(OSError):
                    taken = self._bound(number)
                    self._used.add(number)
                    return taken
        raise NoPortError(self._first, self._last)

    def give_back(self, port: MediaPort) -> None:
        """Close a pair and let it rest."""
        port.close()
        with self._lock:
            self._used.discard(port.number)
            self._resting[port.number] = self._clock.monotonic() + self._rest_s

    def _wake(self) -> None:
        now = self._clock.monotonic()
        for number in [number for number, until in self._resting.items() if until <= now]:
            del self._resting[number]

    def _bound(self, number: int) -> MediaPort:
        sockets: list[socket.socket] = []
        try:
            for place in (number, number + 1):
                made = socket.socket(self._family, socket.SOCK_DGRAM)
                sockets.append(made)
                made.setblocking(False)
                made.bind((self._address, place))
        except OSError:
            for made in sockets:
                made.close()
            raise
        media, control = sockets
        for option in (SO_TIMESTAMPNS, SO_RXQ_OVFL):
            media.setsockopt(socket.SOL_SOCKET, option, 1)
        media.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        return MediaPort(number, media, control)


def allow_open_files() -> int:
    """Let this process open as many files as the system lets it; how many that is. A call takes five and a moment's sixth."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most
