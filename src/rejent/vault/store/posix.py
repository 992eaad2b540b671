"""The system calls of a disk store, in one place, so that tests can fail each of them in turn."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, EEXIST, EFBIG, EIO, ENOENT, ENOSPC, EROFS
from pathlib import Path

from rejent.vault.age.random_access import Buffer
from rejent.vault.errors import (
    ObjectExistsError,
    ObjectMissingError,
    StorageError,
    StorageFailedError,
    StorageFullError,
    StorageReadOnlyError,
)

SPOOL = ".spool"
"""Folder of the objects that are being written, and of their companions, within a store's."""
FOLDER_MODE = 0o700
FILE_MODE = 0o600


class PosixCalls:
    """The calls themselves. Each raises `OSError` as the operating system reports it."""

    def create(self, path: Path) -> int:
        """Make a new file for writing and reading; return its descriptor."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, FILE_MODE)

    def open(self, path: Path) -> int:
        """Open a file for reading, without blocking on a pipe; return its descriptor."""
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)

    def write(self, number: int, content: Buffer) -> int:
        """Append; return the number of bytes taken, perhaps fewer than given."""
        return os.write(number, content)

    def write_at(self, number: int, content: Buffer, offset: int) -> int:
        """Overwrite at ``offset``; return the number of bytes taken, perhaps fewer than given."""
        return os.pwrite(number, content, offset)

    def truncate(self, number: int, size: int) -> None:
        """Truncate a file to so many bytes."""
        os.ftruncate(number, size)

    def copy(self, source: int, target: int, offset: int) -> None:
        """Append everything from ``offset`` of one file to another, within the kernel."""
        size = os.fstat(source).st_size
        while offset < size:
            moved = os.sendfile(target, source, offset, size - offset)
            if not moved:
                raise OSError(EIO, os.strerror(EIO))
            offset += moved

    def blank(self, number: int, size: int) -> None:
        """Overwrite the beginning of a file with zeros and sync it."""
        os.pwrite(number, bytes(min(size, os.fstat(number).st_size)), 0)
        os.fsync(number)

    def open_to_write(self, path: Path) -> int:
        """Open an existing file for writing; return its descriptor."""
        return os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)

    def fsync(self, number: int) -> None:
        """Make a file or folder survive a power cut."""
        os.fsync(number)

    def close(self, number: int) -> None:
        """Close a file."""
        os.close(number)

    def link(self, source: Path, target: Path) -> None:
        """Give a file a second name, unless that name is taken."""
        target.hardlink_to(source)

    def rename(self, source: Path, target: Path) -> None:
        """Rename over whatever has the name."""
        source.rename(target)

    def unlink(self, path: Path) -> None:
        """Remove a name."""
        path.unlink()

    def mkdir(self, path: Path) -> None:
        """Make a folder nobody else may enter."""
        path.mkdir(FOLDER_MODE)

    def rmdir(self, path: Path) -> None:
        """Remove an empty folder."""
        path.rmdir()

    def free_space(self, folder: Path) -> tuple[int, int]:
        """Return free and total bytes of the disk of a folder; free is what this user may still take."""
        found = os.statvfs(folder)
        return found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize


def sync_folder(calls: PosixCalls, folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    number = calls.open(folder)
    try:
        calls.fsync(number)
    finally:
        calls.close(number)


def write_fully(calls: PosixCalls, number: int, content: Buffer) -> None:
    """Append all of ``content``, however little each call takes."""
    written = calls.write(number, content)
    if written < len(content):
        view = memoryview(content)
        while written < len(view):
            written += calls.write(number, view[written:])


def write_fully_at(calls: PosixCalls, number: int, content: Buffer, offset: int = 0) -> None:
    """Write all of ``content`` over a file from ``offset``, however little each call takes."""
    written = calls.write_at(number, content, offset)
    if written < len(content):
        view = memoryview(content)
        while written < len(view):
            written += calls.write_at(number, view[written:], offset + written)


def write_replacing(calls: PosixCalls, path: Path, content: Buffer) -> None:
    """Replace a small file durably: readers see the old or the new, never half of one."""
    new = path.with_name(path.name + ".new")
    if new.exists():
        calls.unlink(new)
    write_new(calls, new, content)
    calls.rename(new, path)
    sync_folder(calls, path.parent)


def write_new(calls: PosixCalls, path: Path, content: Buffer) -> None:
    """Write a file that is not there yet, and sync its bytes; its name is durable only after `sync_folder`."""
    number = calls.create(path)
    try:
        write_fully(calls, number, content)
        calls.fsync(number)
    finally:
        calls.close(number)


def used_bytes(folder: Path) -> int:
    """Return the used bytes of the file system of a folder."""
    return shutil.disk_usage(folder).used


@contextmanager
def storage_errors(name: str) -> Iterator[None]:
    """Turn an operating system's error about ``name`` into one the reader can act on."""
    try:
        yield
    except OSError as error:
        raise storage_error(error, name) from error


def storage_error(error: OSError, name: str) -> StorageError | ObjectMissingError | ObjectExistsError:
    """Return the vault's error for one of the operating system."""
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    if error.errno == ENOENT:
        return ObjectMissingError("There is no stored object {name}.", advice="Run rejent fsck.", name=name)
    if error.errno == EEXIST:
        return ObjectExistsError(
            "The stored object {name} is there already.", advice="Run rejent fsck.", name=name
        )
    if error.errno in {ENOSPC, EDQUOT, EFBIG}:
        return StorageFullError(
            "No room is left for {name} ({reason}).",
            advice="Add storage or free some on the same file system; recording resumes by itself.",
            name=name,
            reason=reason,
        )
    if error.errno == EROFS:
        return StorageReadOnlyError(
            "The storage folder cannot be written, so {name} was not stored ({reason}).",
            advice="Mount it for writing; a disk that turned read-only by itself is usually failing.",
            name=name,
            reason=reason,
        )
    return StorageFailedError(
        "The storage failed with {name} ({reason}).",
        advice="Check the disk, its cable and the permissions of the folder; then run rejent fsck.",
        name=name,
        reason=reason,
    )
