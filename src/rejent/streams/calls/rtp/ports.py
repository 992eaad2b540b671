"""Pairs of ports for legs (RFC 3550 §11): taken at random, and left alone for a while after a call.

What is late for one call must not be heard in the next one, so that a port rests before another call gets it; and no
stranger is to know beforehand at which one speech will come in.
"""

import errno
import resource
import secrets
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rejent.formats.rtp.account import SECOND
from rejent.kernel.clock import Clock
from rejent.streams.calls.rtp.datagrams import SO_RXQ_OVFL, SO_TIMESTAMPNS, Datagrams
from rejent.streams.calls.rtp.errors import NoPortError
from rejent.streams.calls.rtp.packet_filter import NOTHING, attach, detach
from rejent.streams.calls.rtp.source_lock import Address

REST_S = 60.0
"""Seconds that a pair rests."""
RECEIVE_BUFFER = 256 * 1024
"""Bytes the kernel is asked to hold for a leg: five seconds of G.711, with what each datagram costs it besides."""
MOST_TRIED = 64
"""Pairs of others that are met at most while one is looked for: somebody waits for it."""
SO_MEMINFO = 55
"""Linux's number (asm-generic/socket.h), which Python does not name."""
_MEMORY = struct.Struct("@9I")
"""What SO_MEMINFO tells; the last is how many datagrams were dropped so far, for whatever reason."""
_OLDEST = 10 * SECOND


@dataclass(slots=True)
class MediaPort:
    """The two sockets of one leg: speech on an even port, reports on the odd one above it.

    Attributes:
        number: the even port.
        dropped: datagrams that the kernel had no room for.
        oversize: datagrams longer than any of speech.
        newest: the last arrival.
    """

    number: int
    media: socket.socket
    control: socket.socket
    dropped: int = 0
    oversize: int = 0
    newest: int = 0
    _shut_out: int = 0
    """Datagrams that came before anybody was called to this port."""

    def open_up(self) -> None:
        """Take what comes from now on."""
        detach(self.media)
        detach(self.control)
        told = self.media.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, _MEMORY.size)
        self._shut_out = _MEMORY.unpack(told)[-1]

    def succeed(self, former: "MediaPort") -> None:
        """Go on where another pair of the same leg was left: its counts, and the newest of its arrivals."""
        self.newest = former.newest
        self._shut_out -= former.dropped
        self.dropped += former.dropped
        self.oversize += former.oversize

    def arrived(
        self, room: Datagrams, steady: int, newest: int, most: int
    ) -> Iterator[tuple[bytes, int, Address]]:
        """Datagrams of speech that have arrived: each with its arrival and its sender. Arrivals never run backwards.

        Args:
            room: where they come to lie.
            steady: ns that lead from the kernel's stamps to steady time.
            newest: the instant now, in steady time; what was stamped in another time came now.
            most: how many are taken.
        """
        last = self.newest
        for datagram, taken, sender, dropped, cut in room.arrived(self.media.fileno(), most):
            if dropped >= 0:
                self.dropped = dropped - self._shut_out
            if cut:
                self.oversize += 1
                continue
            arrival = taken + steady
            if not -SECOND <= newest - arrival <= _OLDEST:
                arrival = newest
            last = max(last, arrival)
            yield datagram, last, sender
        self.newest = last

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
        ahead: pairs that `open_ahead` keeps open for those who cannot wait; nothing is heard at them until they are taken.
        chosen: a number by chance that is less than the one given.
    """

    def __init__(
        self,
        address: str,
        first: int,
        last: int,
        clock: Clock,
        rest_s: float = REST_S,
        *,
        ahead: int = 0,
        chosen: Callable[[int], int] = secrets.randbelow,
    ) -> None:
        self._address, self._clock, self._rest_s, self._ahead = address, clock, rest_s, ahead
        self._first, self._last, self._chosen = first, last, chosen
        self._free = list(range(first + first % 2, last, 2))
        """In no order."""
        self._resting: dict[int, float] = {}
        """Until when; whichever has rested longest stands first."""
        self._ready: deque[MediaPort] = deque()
        self._lock = threading.Lock()
        self._family = socket.AF_INET6 if ":" in address else socket.AF_INET

    @property
    def free(self) -> int:
        """Pairs that could be taken now, unless somebody else on the machine has them and we have not met that yet."""
        with self._lock:
            self._wake()
            return len(self._free) + len(self._ready)

    def take(self) -> MediaPort:
        """A pair that nobody can foretell.

        Raises:
            NoPortError: none is to be had.
        """
        with self._lock:
            ready = self._ready.popleft() if self._ready else None
        if ready is None:
            return self._opened()
        ready.open_up()
        return ready

    def open_ahead(self, most: int) -> None:
        """Open at most so many of the pairs that are kept open; for a thread that nobody waits for."""
        for _ in range(min(most, self._ahead - len(self._ready))):
            try:
                port = self._opened(shut=True)
            except NoPortError:
                return
            with self._lock:
                self._ready.append(port)

    def close(self) -> None:
        """Close what was kept open."""
        while self._ready:
            self.give_back(self._ready.popleft())

    def give_back(self, port: MediaPort) -> None:
        """Close a pair and let it rest."""
        port.close()
        with self._lock:
            self._resting[port.number] = self._clock.monotonic() + self._rest_s

    def _wake(self) -> None:
        now = self._clock.monotonic()
        while self._resting and self._resting[number := next(iter(self._resting))] <= now:
            del self._resting[number]
            self._free.append(number)

    def _opened(self, *, shut: bool = False) -> MediaPort:
        """A pair that nobody on this machine has; ``shut`` ones take nothing until `MediaPort.open_up`.

        One that somebody else has rests like any other, so that nobody waits for it to be tried again and again.
        """
        for _ in range(MOST_TRIED):
            number = self._reserved()
            if number is None:
                break
            try:
                return self._bound(number, shut=shut)
            except OSError as error:
                taken = error.errno in {errno.EADDRINUSE, errno.EACCES}
                with self._lock:
                    if taken:
                        self._resting[number] = self._clock.monotonic() + self._rest_s
                    else:
                        self._free.append(number)
                if not taken:
                    break
        raise NoPortError(self._first, self._last)

    def _reserved(self) -> int | None:
        """Any number that is not taken and does not rest; now it is."""
        with self._lock:
            self._wake()
            free = self._free
            if not free:
                return None
            place = self._chosen(len(free))
            free[place], free[-1] = free[-1], free[place]
            return free.pop()

    def _bound(self, number: int, *, shut: bool) -> MediaPort:
        sockets: list[socket.socket] = []
        try:
            for place in (number, number + 1):
                made = socket.socket(self._family, socket.SOCK_DGRAM)
                sockets.append(made)
                made.setblocking(False)
                if shut:
                    attach(made, NOTHING)
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
