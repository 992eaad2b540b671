"""Sequence numbers of one sender (RFC 3550 §5.1, appendix A.1): lost, late and duplicate packets."""

from dataclasses import dataclass
from enum import Enum

WINDOW = 1024
"""Packets within which late ones and duplicates are recognised."""
MAX_DROPOUT = 3000
"""Largest forward jump within one sequence (RFC 3550 A.1)."""
MAX_HOLES = 4000
"""Holes listed per leg; losses are counted beyond."""
_MASK = (1 << WINDOW) - 1


class Order(Enum):
    """Position of a packet relative to those before."""

    NEXT = "next"
    AHEAD = "ahead"
    """Some before it are missing or late."""
    LATE = "late"
    TWICE = "twice"
    FAR = "far"
    """Too far away to belong to the same sequence."""


@dataclass(slots=True)
class Hole:
    """Missing packets: extended sequence numbers, inclusive, and the arrivals of their neighbours in ns."""

    first: int
    last: int
    before: int
    after: int

    def __len__(self) -> int:
        return self.last - self.first + 1

    def split(self, number: int) -> list["Hole"]:
        """Return what remains when one of them arrives late; times are interpolated."""
        at = self.before + (self.after - self.before) * (number - self.first + 1) // (len(self) + 1)
        parts = [Hole(self.first, number - 1, self.before, at), Hole(number + 1, self.last, at, self.after)]
        return [part for part in parts if len(part) > 0]


class Sequence:
    """Counts the packets of one sender, without wrapping, from its first packet; lists at most ``most`` holes."""

    def __init__(self, first: int, arrival: int, most: int = MAX_HOLES) -> None:
        self._most = most
        self.first = self.highest = first
        self.received = 1
        self.late = self.twice = 0
        self.holes: list[Hole] = []
        self._latest = arrival
        self._seen = 1
        self._row = 0
        """Packets in order since `_seen` was updated."""

    @property
    def lost(self) -> int:
        """Packets lost so far."""
        return self.highest - self.first + 1 - self.received

    def follow(self, arrival: int) -> None:
        """Count the next packet in order; cheaper than `take`."""
        self.highest += 1
        self.received += 1
        self._row += 1
        self._latest = arrival

    def take(self, sequence: int, arrival: int) -> Order:
        """Count a packet by its 16-bit number."""
        ahead = (sequence - self.highest + 0x8000 & 0xFFFF) - 0x8000
        if ahead == 1:
            self.follow(arrival)
            return Order.NEXT
        if ahead > MAX_DROPOUT or ahead <= -WINDOW:
            return Order.FAR
        self._settle()
        if ahead > 1:
            if len(self.holes) < self._most:
                self.holes.append(Hole(self.highest + 1, self.highest + ahead - 1, self._latest, arrival))
            self._seen = (self._seen << ahead | 1) & _MASK
            self.highest += ahead
            self.received += 1
            self._latest = arrival
            return Order.AHEAD
        if self._seen >> -ahead & 1:
            self.twice += 1
            return Order.TWICE
        self._seen |= 1 << -ahead
        self.received += 1
        self.late += 1
        self._fill(self.highest + ahead, arrival)
        return Order.LATE

    def _fill(self, number: int, arrival: int) -> None:
        if number < self.first:
            if number + 1 < self.first and len(self.holes) < self._most:
                self.holes.insert(0, Hole(number + 1, self.first - 1, arrival, arrival))
            self.first = number
            return
        for place in range(len(self.holes) - 1, -1, -1):
            hole = self.holes[place]
            if hole.last < number:
                return
            if hole.first <= number <= hole.last:
                left = hole.split(number)
                self.holes[place : place + 1] = left if len(self.holes) < self._most else left[-1:]
                return

    def _settle(self) -> None:
        if self._row:
            row = min(self._row, WINDOW)
            self._seen = (self._seen << row | (1 << row) - 1) & _MASK
            self._row = 0
