"""Port pairs for legs (RFC 3550 §11): random, and quarantined after each call.

Quarantine keeps late packets of one call out of the next; randomness keeps ports unpredictable for outsiders.
"""

import errno
import resource
import secrets
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from rejent.formats.rtp.account import SECOND
from rejent.kernel.clock import Clock
from rejent.kernel.errors import RejentError
from rejent.streams.calls.network.rtp.datagrams import (
    DROP_ALL,
    SO_RXQ_OVFL,
    SO_TIMESTAMPNS,
    DatagramReader,
    attach,
    detach,
)
from rejent.streams.calls.network.rtp.source_lock import Address


class NoPortError(RejentError, code="capture.calls.no-port"):
    """All ports are in use or quarantined."""

    def __init__(self, first: int, last: int) -> None:
        super().__init__(
            "No pair of ports from {first} to {last} is free for a call.",
            advice="Give the recorder a wider range of ports.",
            first=first,
            last=last,
        )


REST_S = 60.0
RECEIVE_BUFFER = 256 * 1024
"""Kernel receive buffer of a leg in bytes: five seconds of G.711 with its overhead."""
MAX_ATTEMPTS = 64
"""Pairs in use by others that are tried at most, because a caller waits."""
SO_MEMINFO = 55
"""Linux's number (asm-generic/socket.h), missing in Python."""
_MEMORY = struct.Struct("@9I")
"""Value of SO_MEMINFO; the last field counts dropped datagrams."""
_OLDEST = 10 * SECOND


@dataclass(slots=True)
class MediaPort:
    """The two sockets of one leg, RTP on an even port and RTCP on the next, with counts of dropped and oversize datagrams."""

    number: int
    media: socket.socket
    control: socket.socket
    pairs: "PortPairs"
    dropped: int = 0
    oversize: int = 0
    newest: int = 0
    _dropped_before: int = 0
    _unread: tuple[int, int, int] | None = None

    def unblock(self) -> None:
        """Remove the filter and receive from now on."""
        detach(self.media)
        detach(self.control)
        self._dropped_before = self._drops()

    def _drops(self) -> int:
        meminfo = self.media.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, _MEMORY.size)
        return int(_MEMORY.unpack(meminfo)[-1])

    def settle(self, now: int) -> None:
        """Count what was dropped after the last datagram that was read, which no later one reports."""
        self._count(self._drops(), self.newest, now)

    def take_unread(self) -> tuple[int, int, int] | None:
        """Return from when until when datagrams were dropped and how many, once."""
        unread, self._unread = self._unread, None
        return unread

    def _count(self, drops: int, start: int, end: int) -> None:
        more = drops - self._dropped_before - self.dropped
        if more > 0:
            self.dropped += more
            first, _, packets = self._unread or (start or end, end, 0)
            self._unread = first, end, packets + more

    def succeed(self, former: "MediaPort") -> None:
        """Continue the counts of a former pair of the same leg."""
        self.newest = former.newest
        self._dropped_before -= former.dropped
        self.dropped += former.dropped
        self.oversize += former.oversize

    def arrived(
        self, room: DatagramReader, steady: int, newest: int, most: int
    ) -> Iterator[tuple[bytes, int, Address]]:
        """Yield waiting RTP datagrams with arrival (monotonic) and sender; ``steady`` converts kernel timestamps."""
        last = self.newest
        for datagram, taken, sender, dropped, truncated in room.arrived(self.media.fileno(), most):
            arrival = taken + steady
            if not -SECOND <= newest - arrival <= _OLDEST:
                arrival = newest
            if dropped >= 0:
                self._count(dropped, last, max(last, arrival))
            if truncated:
                self.oversize += 1
                continue
            last = max(last, arrival)
            yield datagram, last, sender
        self.newest = last

    def close(self) -> None:
        """Close both sockets."""
        self.media.close()
        self.control.close()

    def give_back(self) -> None:
        """Close the pair and quarantine it."""
        self.pairs.give_back(self)


class PortPairs:
    """The ports that calls may use; thread-safe. ``ahead`` pairs are kept open and blocked; ``rest_s`` is their quarantine."""

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
        self._address, self._clock, self._rest_s = address, clock, rest_s
        self.ahead = ahead
        self._first, self._last, self._chosen = first, last, chosen
        self._free = list(range(first + first % 2, last, 2))
        self._resting: dict[int, float] = {}
        self._ready: deque[MediaPort] = deque()
        self._lock = threading.Lock()
        self._family = socket.AF_INET6 if ":" in address else socket.AF_INET

    @property
    def free(self) -> int:
        """Pairs available now, as far as known."""
        with self._lock:
            self._wake()
            return len(self._free) + len(self._ready)

    def take(self) -> MediaPort:
        """Return an unpredictable pair; NoPortError where none is available."""
        with self._lock:
            ready = self._ready.popleft() if self._ready else None
        if ready is None:
            return self._opened()
        ready.unblock()
        return ready

    def open_ahead(self, most: int) -> None:
        """Open at most so many of the pairs to be kept open, or close those beyond; for a thread that nobody waits for."""
        while len(self._ready) > self.ahead:
            self._close_one()
        for _ in range(min(most, self.ahead - len(self._ready))):
            try:
                port = self._opened(shut=True)
            except NoPortError:
                return
            with self._lock:
                self._ready.append(port)

    def close(self) -> None:
        """Close the pairs kept open."""
        while self._ready:
            self._close_one()

    def _close_one(self) -> None:
        with self._lock:
            port = self._ready.popleft() if self._ready else None
        if port is not None:
            self.give_back(port)

    def give_back(self, port: MediaPort) -> None:
        """Close a pair and quarantine it."""
        port.close()
        with self._lock:
            self._resting[port.number] = self._clock.monotonic() + self._rest_s

    def _wake(self) -> None:
        now = self._clock.monotonic()
        while self._resting and self._resting[number := next(iter(self._resting))] <= now:
            del self._resting[number]
            self._free.append(number)

    def _opened(self, *, shut: bool = False) -> MediaPort:
        """Return a pair free on this machine; ``shut`` ones drop everything until `MediaPort.unblock`.

        One in use by others is quarantined too, so that it is not tried again and again.
        """
        for _ in range(MAX_ATTEMPTS):
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
                    attach(made, DROP_ALL)
                made.bind((self._address, place))
        except OSError:
            for made in sockets:
                made.close()
            raise
        media, control = sockets
        for option in (SO_TIMESTAMPNS, SO_RXQ_OVFL):
            media.setsockopt(socket.SOL_SOCKET, option, 1)
        media.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        return MediaPort(number, media, control, self)


class PortRanges:
    """The ports of all lines at one address, by range; ``ahead`` pairs are kept open in all, half of a range at most."""

    def __init__(self, address: str, clock: Clock, *, ahead: int) -> None:
        self._address, self._clock, self._ahead = address, clock, ahead
        self._ranges: dict[tuple[int, int], PortPairs] = {}

    def __getitem__(self, ports: tuple[int, int]) -> PortPairs:
        if ports not in self._ranges:
            self._ranges = {**self._ranges, ports: PortPairs(self._address, *ports, self._clock)}
        return self._ranges[ports]

    def keep_open(self, wanted: Collection[tuple[int, int]]) -> None:
        """Keep pairs open in these ranges and in no other."""
        for ports in wanted:
            self[ports].ahead = min(self._ahead // len(wanted), (ports[1] - ports[0] + 1) // 4)
        for ports in self._ranges.keys() - set(wanted):
            self._ranges[ports].ahead = 0

    def open_ahead(self, most: int) -> None:
        """Open at most so many pairs of each range; as `PortPairs.open_ahead`."""
        for pairs in self._ranges.values():
            pairs.open_ahead(most)

    def close(self) -> None:
        """Close the pairs kept open."""
        for pairs in self._ranges.values():
            pairs.close()


def allow_open_files() -> int:
    """Raise the limit of open files to its maximum and return it; a call needs up to six."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most
