"""Files of a local disk store: an object open for reading, one being written, and the companion of that.

The companion is two files that are overwritten in turn. A program may be killed within a write, so the newest content is
never overwritten: it lies whole in the other file, and the reader takes the newer of the two that opens
(`rejent.vault.age.sealed_reader.companions`). Overwriting costs far less than creating, renaming and removing twice a
second, and leaves no stale blocks.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

from rejent.vault.age.random_access import Buffer
from rejent.vault.errors import SealingStoppedError
from rejent.vault.store.free_space import SpaceLimit
from rejent.vault.store.posix import PosixCalls, storage_errors, sync_folder, write_fully, write_fully_at

COMPANION_SUFFIXES: Final = (".tail", ".tail.new")
"""Suffixes of the two files' names."""
LEAVES_SUFFIX: Final = ".leaves"
HEAD: Final = 4096
"""Bytes at the beginning of an object that hold the wrapped key (`rejent.vault.age`), and more."""


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


class DiskWriter:
    """An object being written; see `rejent.vault.store.object_store.ObjectWriter`."""

    def __init__(
        self,
        calls: PosixCalls,
        path: Path,
        name: str,
        *,
        spooled: Path,
        replacing: bool,
        room: SpaceLimit | None = None,
    ) -> None:
        self._calls = calls
        self._room = room
        self._path = path
        self.name = name
        self._replacing = replacing
        self._tails = DiskCompanion(calls, spooled)
        self._leaves = spooled.with_name(spooled.name + LEAVES_SUFFIX)
        self._has_leaves, self._leaves_size = False, 0
        self.part = (
            path.with_name(path.name + ".new") if replacing else spooled.with_name(spooled.name + ".part")
        )
        """Its path until it is committed."""
        with storage_errors(name):
            self._number = calls.create(self.part)
        self._sound = True
        self._offered = False
        """True once it may be visible under its name: then nothing of it is overwritten."""

    def write(self, content: Buffer) -> None:
        """Append bytes."""
        self._check()
        with self._giving_up():
            if self._room is not None:
                self._room.take(self.name, len(content))
            write_fully(self._calls, self._number, content)

    def copy_from(self, source: int, offset: int) -> None:
        """Append the rest of another open file."""
        self._check()
        with self._giving_up():
            self._calls.copy(source, self._number, offset)

    def write_companion(self, content: Buffer) -> None:
        """Keep the companion; it survives the program, though not always a power cut."""
        with storage_errors(self.name):
            self._tails.write(content)

    def write_leaves(self, leaves: bytes) -> None:
        """Append leaves; they survive the program, though not always a power cut."""
        with storage_errors(self.name):
            number = (self._calls.open_to_write if self._has_leaves else self._calls.create)(self._leaves)
            self._has_leaves = True
            try:
                write_fully_at(self._calls, number, leaves, self._leaves_size)
            finally:
                self._calls.close(number)
            self._leaves_size += len(leaves)

    def sync(self) -> None:
        """Make what was written so far survive a power cut."""
        self._check()
        with self._giving_up():
            self._calls.fsync(self._number)

    def commit(self) -> None:
        """Make the object durable, then visible, then its name durable."""
        self.sync()
        self._offered = True
        with self._giving_up():
            if self._replacing:
                self._calls.rename(self.part, self._path)
                sync_folder(self._calls, self._path.parent)
            else:
                publish(self._calls, self.part, self._path)
        self._close()
        self._tails.remove()
        self._remove_leaves()

    def abort(self) -> None:
        """Remove what was written; what cannot be removed stays a leftover."""
        if self._number >= 0:
            if not self._offered:
                with suppress(OSError):
                    self._calls.blank(self._number, HEAD)
            self._close()
            with suppress(OSError):
                self._calls.unlink(self.part)
            self._tails.remove(overwrite_heads=not self._offered)
            self._remove_leaves()

    def leave(self) -> None:
        """Keep what was written as a leftover, to be recovered."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.abort()

    def _check(self) -> None:
        if self._number < 0 or not self._sound:
            raise SealingStoppedError(
                "The stored object {name} was given up and takes nothing more.",
                advice="Begin a new object.",
                name=self.name,
            )

    @contextmanager
    def _giving_up(self) -> Iterator[None]:
        """Refuse everything but abort and leave after any error within."""
        self._sound = False
        with storage_errors(self.name):
            yield
        self._sound = True

    def _remove_leaves(self) -> None:
        if self._has_leaves:
            with suppress(OSError):
                self._calls.unlink(self._leaves)

    def _close(self) -> None:
        if self._number >= 0:
            number, self._number = self._number, -1
            with suppress(OSError):
                self._calls.close(number)


def publish(calls: PosixCalls, part: Path, path: Path) -> None:
    """Link a durable ``.part`` to its name, which must be free, and make the name durable.

    Where Landlock lets nothing be linked from another folder (before Linux 5.19), a copy beside the name is linked instead.
    """
    try:
        calls.link(part, path)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _link_copy(calls, part, path)
    try:
        sync_folder(calls, path.parent)
    except OSError:
        with suppress(OSError):
            calls.unlink(path)
        raise
    with suppress(OSError):
        calls.unlink(part)


def _link_copy(calls: PosixCalls, part: Path, path: Path) -> None:
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    source, number = calls.open(part), calls.create(beside)
    try:
        calls.copy(source, number, 0)
        calls.fsync(number)
        calls.link(beside, path)
    finally:
        calls.close(source)
        calls.close(number)
        calls.unlink(beside)
