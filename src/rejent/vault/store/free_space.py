"""The space of a disk that recordings leave free.

The catalogue, the ledger and the keys often lie on the disk that recordings fill. On a completely full one the program
could enter neither that it stopped nor a destruction, which alone frees space again.
"""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from rejent.vault.errors import StorageFullError
from rejent.vault.store.posix import PosixCalls

RESERVE = 256 << 20
"""Bytes kept free on a large disk: what holds keep of a minute of a camera of 8 Mbit/s is sealed anew in 60 MB, and the
catalogue's log grows by some ten megabytes while a month of a camera is destroyed.
"""
SMALL = 50
"""On a small disk a fiftieth of it is kept free instead."""
_OFTEN = 16
"""The space is measured again when a sixteenth of the reserve was written, the most by which a process falls short."""
_TO_BEGIN = 4
"""A new object needs a fourth more, so that a stopped recorder does not begin again for every block that is freed."""


def reserve_bytes(total: int) -> int:
    """Return the bytes that recordings leave free on a disk of ``total`` bytes."""
    return min(RESERVE, total // SMALL)


def bytes_to_begin(total: int) -> int:
    """Return the bytes that must be free on a disk of ``total`` bytes before a new object is begun."""
    reserve = reserve_bytes(total)
    return reserve + reserve // _TO_BEGIN


class SpaceLimit:
    """The space that recordings may still take of a folder's disk."""

    def __init__(self, calls: PosixCalls, folder: Path) -> None:
        self._calls = calls
        self._folder = folder
        self._granted = 0

    def begin(self, name: str) -> None:
        """Check that there is space for a new object. Raises StorageFullError: only the reserve is left."""
        self._measure(name, beginning=True)

    def take(self, name: str, size: int) -> None:
        """Check that there is space for so many bytes more. Raises StorageFullError: only the reserve is left."""
        self._granted -= size
        if self._granted < 0:
            self._measure(name, beginning=False)

    def _measure(self, name: str, *, beginning: bool) -> None:
        free, total = self._calls.free_space(self._folder)
        reserve = reserve_bytes(total)
        if free < (bytes_to_begin(total) if beginning else reserve):
            raise StorageFullError(
                "No room is left for {name}: the last {reserve} MB of the disk are kept for the catalogue and for destruction.",
                advice="Add storage or free some on the same file system; recording resumes by itself.",
                name=name,
                reserve=-(-reserve // 10**6),
            )
        self._granted = reserve // _OFTEN


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
