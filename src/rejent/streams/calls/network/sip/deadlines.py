"""Instants by both clocks of a machine, and a priority queue of deadlines, most of which are moved or dropped before they are due."""

import heapq
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar


@dataclass(slots=True, frozen=True)
class Moment:
    """One instant by both clocks: UTC, and seconds of the monotonic clock."""

    wall: datetime
    monotonic: float


Key = TypeVar("Key", bound=Hashable)


class Deadlines(Generic[Key]):
    """One deadline per key, in seconds of the monotonic clock."""

    def __init__(self) -> None:
        self._at: dict[Key, float] = {}
        self._heap: list[tuple[float, int, Key]] = []
        self._count = 0

    def set(self, key: Key, at: float) -> None:
        """Set or replace the deadline of a key."""
        self._at[key] = at
        self._count += 1
        heapq.heappush(self._heap, (at, self._count, key))
        if len(self._heap) > 64 + 4 * len(self._at):
            self._heap = [(known, number, one) for number, (one, known) in enumerate(self._at.items())]
            heapq.heapify(self._heap)
            self._count = len(self._heap)

    def drop(self, key: Key) -> None:
        """Remove a key."""
        self._at.pop(key, None)

    def due(self, now: float) -> Iterator[Key]:
        """Yield the keys that are due; each is removed before it is yielded, so that an exception loses no other."""
        while self._heap and self._heap[0][0] <= now:
            at, _, key = heapq.heappop(self._heap)
            if self._at.get(key) == at:
                del self._at[key]
                yield key

    @property
    def next(self) -> float | None:
        """The earliest deadline, or None."""
        while self._heap and self._at.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def __len__(self) -> int:
        return len(self._at)
