"""Simulation of a full disk for one process, through the system call for free space, by a file lock that ends with a drill."""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from rejent.vault.store.posix import PosixCalls

LOOKS = 50
"""Attempts at a lock that a reader of the order may hold for a moment."""
BETWEEN_S = 0.005


@contextmanager
def simulate_full_disk(order: Path) -> Iterator[None]:
    """Simulate a full disk for whoever follows this file. Raises BlockingIOError: another drill does; OSError: no file."""
    with order.open("w") as file:
        _give(file)
        try:
            yield
        finally:
            order.unlink(missing_ok=True)


def _give(file: TextIO) -> None:
    """Lock the file, waiting for those who test the lock (`is_simulated_full`)."""
    wait = threading.Event()
    for _ in range(LOOKS):
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        wait.wait(BETWEEN_S)
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_simulated_full(order: Path) -> bool:
    """Return True if the order is given now."""
    try:
        with order.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


class FullDiskCalls(PosixCalls):
    """The system calls of a process that may be drilled."""

    def __init__(self, order: Path) -> None:
        self._order = order

    def free_space(self, folder: Path) -> tuple[int, int]:
        """Return free and total bytes; none is free while the order is given."""
        free, total = super().free_space(folder)
        return (0, total) if is_simulated_full(self._order) else (free, total)
