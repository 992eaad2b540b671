"""An advisory lock on a folder that ends with the program that holds it."""

import fcntl
import os
from pathlib import Path
from typing import Self

from rejent.vault.errors import FolderInUseError
from rejent.vault.store.posix import FILE_MODE, storage_errors


class FolderLock:
    """Holds a folder until closed, even after ``kill -9``; the lock file names the holder. Raises FolderInUseError."""

    def __init__(self, path: Path) -> None:
        with storage_errors(path.name):
            self._number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
        try:
            fcntl.flock(self._number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(self._number, 20, 0).decode("ascii", "replace").strip() or "?"
            os.close(self._number)
            raise FolderInUseError(
                "Another program, process {holder}, works in this folder.",
                advice="Stop it first; two programs must never share one folder.",
                holder=holder,
            ) from None
        os.ftruncate(self._number, 0)
        os.pwrite(self._number, f"{os.getpid()}\n".encode(), 0)

    def close(self) -> None:
        """Release the folder; a second time does nothing."""
        if self._number >= 0:
            os.close(self._number)
            self._number = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
