"""Sealed objects on a local disk.

An object is written as ``.part`` in its process's folder of the `Spool` and synced; it gets its name by a hard link, which never
overwrites; its folder is synced; only then is the object acknowledged and the ``.part`` removed. So a recorder needs the right to
change files in its own folder alone: where Landlock confines it, what has its name is out of its reach. After a failed fsync the operating system may have
dropped the data and called it clean, so that the object is given up.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from rejent.vault.errors import FolderMismatchError, ObjectExistsError, ObjectMissingError
from rejent.vault.store.disk_files import (
    COMPANION_SUFFIXES,
    HEAD,
    LEAVES_SUFFIX,
    DiskObject,
    DiskWriter,
    publish,
)
from rejent.vault.store.free_space import SpaceLimit
from rejent.vault.store.object_store import (
    SUFFIX,
    Leftover,
    Space,
    StoredObject,
    UnfinishedObject,
    check_name,
    check_prefix,
    is_object_name,
)
from rejent.vault.store.posix import (
    PosixCalls,
    storage_errors,
    sync_folder,
    used_bytes,
    write_replacing,
)
from rejent.vault.store.spool import OWNER, Spool, leftover, suffixes_of

MARK = "identity.json"
LOCK = "lock"
_OWN_FILES = {MARK, MARK + ".new", LOCK}


class DiskStore:
    """Sealed objects in a folder; ``owner`` is the process that writes.

    Raises FolderMismatchError: no folder; an unmounted disk must not be taken for an empty one.
    """

    def __init__(self, root: Path, calls: PosixCalls | None = None, owner: str = OWNER) -> None:
        self.root = root.resolve()
        self._calls = calls or PosixCalls()
        self.spool = Spool(self._calls, self.root, owner)
        self._room = SpaceLimit(self._calls, self.root)
        if not root.is_dir():
            raise FolderMismatchError(
                "The storage folder is not there.",
                advice="Mount the disk it lies on, or correct its place in rejent.toml.",
            )

    def create(self, name: str, *, into_reserve: bool = False) -> DiskWriter:
        """Begin a new object."""
        path = self._path(name)
        room = None if into_reserve else self._room
        with storage_errors(name):
            if room is not None:
                room.begin(name)
            self._make_folder(path.parent)
            self._make_folder(self.spool.folder)
        if path.exists():
            raise ObjectExistsError(
                "The stored object {name} is there already.", advice="Run rejent fsck.", name=name
            )
        return DiskWriter(self._calls, path, name, spooled=self.spool.path(name), replacing=False, room=room)

    def replace(self, name: str) -> DiskWriter:
        """Begin new content for an object; an unfinished replacement is dropped."""
        self.open(name).close()
        return self.create_replacement(name)

    def create_replacement(self, name: str) -> DiskWriter:
        """Begin content to replace an object that may lie elsewhere."""
        path = self._path(name)
        with storage_errors(name):
            self._make_folder(path.parent)
            self._make_folder(self.spool.folder)
        self.discard(name, Leftover.NEW)
        return DiskWriter(self._calls, path, name, spooled=self.spool.path(name), replacing=True)

    def replace_head(self, name: str, length: int, head: bytes) -> None:
        """Replace the first ``length`` bytes by ``head``; the rest is copied within the kernel."""
        with self.replace(name) as writer, storage_errors(name):
            writer.write(head)
            source = self._calls.open(self._path(name))
            try:
                writer.copy_from(source, length)
            finally:
                self._calls.close(source)
            writer.commit()

    def open(self, name: str) -> DiskObject:
        """Open an object for reading."""
        return self._opened(self._path(name), name)

    def remove(self, names: Iterable[str], *, overwrite_heads: bool = False) -> int:
        """Remove objects with their companions; each folder is synced once, and removed when empty."""
        names = list(names)
        for name in names if overwrite_heads else ():
            self._blank(name)
        folders: defaultdict[Path, set[str]] = defaultdict(set)
        for name in names:
            path = self._path(name)
            folders[path.parent].add(path.name)
        count = sum(self._removed(folder, wanted) for folder, wanted in folders.items())
        self.spool.remove(names)
        return count

    def _blank(self, name: str) -> None:
        """Overwrite the head, which holds the wrapped key, so that nothing opens even if a disk gives the file back."""
        with storage_errors(name), suppress(FileNotFoundError):
            number = self._calls.open_to_write(self._path(name))
            try:
                self._calls.blank(number, HEAD)
            finally:
                self._calls.close(number)

    def objects(self, prefix: str = "") -> Iterator[StoredObject]:
        """Yield the objects in a folder, in order of their names."""
        for name, entry in self._files(check_prefix(prefix)):
            if is_object_name(name) and entry.is_file(follow_symlinks=False):
                yield StoredObject(name, entry.stat(follow_symlinks=False).st_size)

    def space(self) -> Space:
        """Return the space of the folder's file system."""
        return self.disk()

    def disk(self) -> Space:
        """Return the space of the folder's file system."""
        with storage_errors("."):
            free, total = self._calls.free_space(self.root)
            return Space(used_bytes(self.root), free, total)

    def open_companions(self, name: str) -> list[DiskObject]:
        """Open the files of an object's companion."""
        check_name(name)
        found = (self.spool.find(name, suffix) for suffix in COMPANION_SUFFIXES)
        return [self._opened(path, name) for path in found if path.exists()]

    def read_leaves(self, name: str) -> bytes:
        """Return the leaves beside an unfinished object."""
        with (
            suppress(ObjectMissingError),
            self._opened(self.spool.find(check_name(name), LEAVES_SUFFIX), name) as found,
        ):
            return found.read_at(0, found.size)
        return b""

    def remove_companions(self, name: str) -> None:
        """Remove the companion and the leaves of an object."""
        self.discard(name, Leftover.TAIL)

    def unfinished(self) -> list[UnfinishedObject]:
        """Return the leftovers of a killed program."""
        found = []
        for path, entry in self._files(""):
            if (left := leftover(path)) is not None:
                found.append(UnfinishedObject(*left, entry.stat(follow_symlinks=False).st_size))
        return found

    def open_unfinished(self, name: str) -> DiskObject:
        """Open an object that was being written when the program was killed."""
        return self._opened(self._part(name), name)

    def recover(self, name: str) -> bool:
        """Make an unfinished object durable and visible as it is."""
        path, part = self._path(name), self._part(name)
        with storage_errors(name):
            number = self._calls.open(part)
            try:
                if path.exists() and part.samefile(path):
                    sync_folder(self._calls, path.parent)
                    self._calls.unlink(part)
                    return False
                self._calls.fsync(number)
                publish(self._calls, part, path)
            finally:
                self._calls.close(number)
        return True

    def discard(self, name: str, kind: Leftover) -> None:
        """Remove one leftover; none is no error."""
        path = self._path(name)
        for suffix in suffixes_of(kind):
            of_kind = (
                path.with_name(path.name + suffix) if kind is Leftover.NEW else self.spool.find(name, suffix)
            )
            with storage_errors(name), suppress(FileNotFoundError):
                self._calls.unlink(of_kind)

    def unknown_files(self) -> Iterator[str]:
        """Yield the files in the folder that are neither objects nor ours."""
        for path, entry in self._files(""):
            is_known = is_object_name(path) or leftover(path) is not None
            if path not in _OWN_FILES and not (is_known and entry.is_file(follow_symlinks=False)):
                yield path

    def read_mark(self) -> bytes | None:
        """Return the mark that ties the folder to its database, or None."""
        with storage_errors(MARK), suppress(FileNotFoundError):
            return (self.root / MARK).read_bytes()
        return None

    def write_mark(self, mark: bytes) -> None:
        """Replace the mark, durably."""
        with storage_errors(MARK):
            write_replacing(self._calls, self.root / MARK, mark)

    def _path(self, name: str) -> Path:
        return self.root / check_name(name)

    def _part(self, name: str) -> Path:
        return self.spool.find(check_name(name), ".part")

    def _opened(self, path: Path, name: str) -> DiskObject:
        with storage_errors(name):
            return DiskObject(self._calls.open(path), name)

    def _make_folder(self, folder: Path) -> None:
        """Make a folder within the root; each new one is made durable in its parent."""
        if folder.is_dir():
            return
        self._make_folder(folder.parent)
        with suppress(FileExistsError):
            self._calls.mkdir(folder)
        sync_folder(self._calls, folder.parent)

    def _removed(self, folder: Path, wanted: set[str]) -> int:
        count = kept = 0
        with storage_errors(folder.name), suppress(FileNotFoundError):
            for entry in list(os.scandir(folder)):
                base = entry.name.partition(SUFFIX)[0] + SUFFIX
                if base in wanted:
                    self._calls.unlink(folder / entry.name)
                    count += entry.name == base
                else:
                    kept += 1
            sync_folder(self._calls, folder)
            if not kept:
                with suppress(OSError):
                    self._calls.rmdir(folder)
        return count

    def _files(self, prefix: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
        with storage_errors(prefix):
            try:
                with os.scandir(self.root / prefix) as found:
                    entries = sorted(found, key=_place_in_order)
            except FileNotFoundError:
                return
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from self._files(f"{prefix}{entry.name}/")
            else:
                yield prefix + entry.name, entry


def _place_in_order(entry: os.DirEntry[str]) -> str:
    return entry.name + "/" if entry.is_dir(follow_symlinks=False) else entry.name
