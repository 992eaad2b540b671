"""What readings hold in memory: each goes with its reading, without anybody asking, and with the process."""

import threading
from abc import ABC, abstractmethod
from typing import Generic, TypeVar
from uuid import UUID

T = TypeVar("T")
SWEEP_S = 20.0
"""At the latest so many seconds after its end something is given up, whether anybody asks or not."""


class HeldInMemory(ABC, Generic[T]):
    """One thing a viewing; nothing of it is ever written."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[UUID, T] = {}
        self._sweeper: threading.Timer | None = None

    @abstractmethod
    def _is_over(self, viewing: UUID, held: T) -> bool:
        """Return whether something may be held no longer."""

    @abstractmethod
    def _close(self, held: T) -> None:
        """Empty what is held no more."""

    def keep(self, viewing: UUID, held: T) -> None:
        """Hold something of a viewing, in place of what was held of it."""
        self.forget(viewing)
        with self._lock:
            self._held[viewing] = held
            self._wait()

    def of(self, viewing: UUID) -> T | None:
        """Return what is held of a viewing, where it still may be."""
        held = self._held.get(viewing)
        if held is not None and self._is_over(viewing, held):
            self.forget(viewing)
        return self._held.get(viewing)

    def forget(self, viewing: UUID) -> None:
        """Give up what is held of a viewing."""
        with self._lock:
            held = self._held.pop(viewing, None)
        if held is not None:
            self._close(held)

    def sweep(self) -> None:
        """Give up what may be held no longer."""
        for viewing in list(self._held):
            self.of(viewing)

    def __len__(self) -> int:
        return len(self._held)

    def _wait(self) -> None:
        if self._sweeper is None and self._held:
            self._sweeper = threading.Timer(SWEEP_S, self._sweep)
            self._sweeper.daemon = True
            self._sweeper.start()

    def _sweep(self) -> None:
        from django.db import connections

        try:
            self.sweep()
        finally:
            connections.close_all()
            with self._lock:
                self._sweeper = None
                self._wait()
