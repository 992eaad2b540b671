"""Disk space in reserve, so that keys can be destroyed on a full disk, which is what frees space again."""

import os
from contextlib import suppress
from pathlib import Path

from rejent.vault.store.posix import FILE_MODE

_LEAST = 1 << 20


class RotationReserve:
    """A file of zeros, removed when the disk is full, that leaves room to rewrite the file it protects and its journal."""

    def __init__(self, path: Path, protects: Path) -> None:
        self._path = path
        self._protects = protects

    def allocate(self) -> None:
        """Allocate the file; where there is no room, go on without."""
        size = _LEAST + 2 * self._protects.stat().st_size
        if self._path.exists() and self._path.stat().st_size >= size:
            return
        with suppress(OSError):
            number = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, FILE_MODE)
            try:
                os.posix_fallocate(number, 0, size + _LEAST)
            finally:
                os.close(number)

    def release(self) -> bool:
        """Remove the file; return True if there was one."""
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        return True
