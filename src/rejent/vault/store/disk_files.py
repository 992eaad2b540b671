"""Files of a local disk store: an object open for reading, and the companion of one being written.

The companion is two files that are overwritten in turn. A program may be killed within a write, so the newest content is
never overwritten: it lies whole in the other file, and the reader takes the newer of the two that opens
(`rejent.vault.age.sealed_reader.companions`). Overwriting costs far less than creating, renaming and removing twice a
second, and leaves no stale blocks.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from rejent.vault.age.random_access import Buffer
from rejent.vault.store.posix import PosixCalls, storage_errors, write_fully_at

COMPANION_SUFFIXES: Final = (".tail", ".tail.new")
"""Suffixes of the two files' names."""


class DiskObject:
    """An object open for reading, closed at the latest when nobody refers to it."""

    def __init__(self, number: int, name: str) -> None:
        self._number = number
        self._name = name
        self.size = os.fstat(number).st_size

    def read_at(self, offset: int, length: int) -> bytes:
        """Return the bytes from ``offset``; fewer only at the end."""
        with storage_errors(self._name):
            content = os.pread(self._number, length, offset)
            if len(content) == length or offset + len(content) >= self.size:
                return content
            parts = [content]
            while content and (missing := length - sum(map(len, parts))):
                content = os.pread(self._number, missing, offset + length - missing)
                parts.append(content)
            return b"".join(parts)

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        if self._number >= 0:
            os.close(self._number)
            self._number = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()


class DiskCompanion:
    """The two files of one object's companion; made when first needed, open only while they are written."""

    def __init__(self, calls: PosixCalls, path: Path) -> None:
        self._calls = calls
        self._paths = companion_paths(path)
        self._sizes: list[int] = []
        """Bytes in each of those that were made."""
        self._turn = 0

    def write(self, content: Buffer) -> None:
        """Replace the older of the two contents; on an OSError the newest is intact."""
        turn, size = self._turn, len(content)
        made = turn < len(self._sizes)
        path = self._paths[turn]
        number = self._calls.open_to_write(path) if made else self._calls.create(path)
        try:
            if not made:
                self._sizes.append(size)
            write_fully_at(self._calls, number, content)
            if size < self._sizes[turn]:
                self._calls.truncate(number, size)
        finally:
            self._calls.close(number)
        self._sizes[turn] = size
        self._turn = 1 - turn

    def remove(self, *, overwrite_heads: bool = False) -> None:
        """Remove both files, overwritten first where nothing may be read any more; what cannot be removed stays a leftover."""
        for path, size in zip(self._paths, self._sizes, strict=False):
            with suppress(OSError):
                if overwrite_heads:
                    self._blank(path, size)
            with suppress(OSError):
                self._calls.unlink(path)

    def _blank(self, path: Path, size: int) -> None:
        number = self._calls.open_to_write(path)
        try:
            self._calls.blank(number, size)
        finally:
            self._calls.close(number)


def companion_paths(path: Path) -> tuple[Path, ...]:
    """Return the paths of the two files."""
    return tuple(path.with_name(path.name + suffix) for suffix in COMPANION_SUFFIXES)
