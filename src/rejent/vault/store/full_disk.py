"""A disk that is full for one process, as long as a drill says so.

What a recorder does about a full disk hangs on one system call, the one that tells how much is free. A process that may be
drilled asks it through `FullDiskCalls`: nothing else in it knows of drills. The order is a lock on a file: it ends with
whoever gave it, however they end.
"""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from rejent.vault.store.posix import PosixCalls

LOOKS = 50
"""How often a lock is tried that somebody who only looks may hold for a moment."""
BETWEEN_S = 0.005


@contextmanager
def simulate_full_disk(order: Path) -> Iterator[None]:
    """Let the disk be full for whoever heeds this file, until the end of the block.

    Raises:
        BlockingIOError: another drill gives the order already.
        OSError: the file cannot be made.
    """
    with order.open("w") as file:
        _give(file)
        try:
            yield
        finally:
            order.unlink(missing_ok=True)


def _give(file: TextIO) -> None:
    """Lock the file, also past those who look whether it is locked (`is_simulated_full`)."""
    wait = threading.Event()
    for _ in range(LOOKS):
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        wait.wait(BETWEEN_S)
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_simulated_full(order: Path) -> bool:
    """Whether the order is given now."""
    try:
        with order.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


class FullDiskCalls(PosixCalls):
    """The system calls of a process that may be drilled.

    Args:
        order: the file of the order.
    """

    def __init__(self, order: Path) -> None:
        self._order = order

    def free_space(self, folder: Path) -> tuple[int, int]:
        """Free and total bytes; none is free while the order is given."""
        free, total = super().free_space(folder)
        return (0, total) if is_simulated_full(self._order) else (free, total)
