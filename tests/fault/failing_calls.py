"""System calls of the disk store of which one fails, or all from one on."""

import os
from pathlib import Path

from rejent.vault.age.random_access import Buffer
from rejent.vault.store.posix import PosixCalls


class FailingCalls(PosixCalls):
    """Calls of which one, counted from 0, fails with an error number; all are counted by name.

    Args:
        fails: which call fails.
        error: with which error number.
        lasting: whether every later call fails too.
    """

    def __init__(self, fails: int, error: int, *, lasting: bool = False) -> None:
        self.made: list[str] = []
        self._fails = fails
        self._error = error
        self._lasting = lasting

    @property
    def failed(self) -> str:
        """The name of the first call that failed; empty while none did."""
        return self.made[self._fails] if 0 <= self._fails < len(self.made) else ""

    def _made(self, name: str) -> None:
        self.made.append(name)
        number = len(self.made) - 1
        if number == self._fails or (self._lasting and number > self._fails):
            raise OSError(self._error, os.strerror(self._error))

    def create(self, path: Path) -> int:
        """Make a file."""
        self._made("create")
        return super().create(path)

    def open(self, path: Path) -> int:
        """Open a file."""
        self._made("open")
        return super().open(path)

    def open_to_write(self, path: Path) -> int:
        """Open a file for writing into."""
        self._made("open_to_write")
        return super().open_to_write(path)

    def write(self, number: int, content: Buffer) -> int:
        """Append; half of it reaches the disk before the call fails."""
        try:
            self._made("write")
        except OSError:
            super().write(number, memoryview(content)[: len(content) // 2])
            raise
        return super().write(number, content)

    def write_at(self, number: int, content: Buffer, offset: int) -> int:
        """Write over; half of it reaches the disk before the call fails."""
        try:
            self._made("write_at")
        except OSError:
            super().write_at(number, memoryview(content)[: len(content) // 2], offset)
            raise
        return super().write_at(number, content, offset)

    def truncate(self, number: int, size: int) -> None:
        """Cut short."""
        self._made("truncate")
        super().truncate(number, size)

    def copy(self, source: int, target: int, offset: int) -> None:
        """Append from another file."""
        self._made("copy")
        super().copy(source, target, offset)

    def fsync(self, number: int) -> None:
        """Make durable."""
        self._made("fsync")
        super().fsync(number)

    def close(self, number: int) -> None:
        """Close, and then say that it failed."""
        super().close(number)
        self._made("close")

    def link(self, source: Path, target: Path) -> None:
        """Give a second name."""
        self._made("link")
        super().link(source, target)

    def rename(self, source: Path, target: Path) -> None:
        """Rename."""
        self._made("rename")
        super().rename(source, target)

    def unlink(self, path: Path) -> None:
        """Remove a name."""
        self._made("unlink")
        super().unlink(path)

    def mkdir(self, path: Path) -> None:
        """Make a folder."""
        self._made("mkdir")
        super().mkdir(path)

    def rmdir(self, path: Path) -> None:
        """Remove a folder."""
        self._made("rmdir")
        super().rmdir(path)

    def free_space(self, folder: Path) -> tuple[int, int]:
        """Measure the room."""
        self._made("free_space")
        return super().free_space(folder)
