"""The protocol of every store of sealed objects. One suite of contract tests runs on each."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

from rejent.vault.age.random_access import Buffer, RandomAccess
from rejent.vault.errors import ObjectNameError

SUFFIX = ".age"
_WORD = "[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
_NAME = re.compile(rf"(?:{_WORD}/){{1,4}}{_WORD}\.age")
_PREFIX = re.compile(rf"(?:{_WORD}/){{0,4}}")


def check_name(name: str) -> str:
    """Return the name. Raises ObjectNameError: it is not ``folder/…/word.age``."""
    if not _NAME.fullmatch(name):
        raise ObjectNameError("The store keeps no object of such a name.", advice="Use folder/…/name.age.")
    return name


def check_prefix(prefix: str) -> str:
    """Return the prefix, which names whole folders: empty, or ``folder/…/``. Raises ObjectNameError: it is anything else."""
    if not _PREFIX.fullmatch(prefix):
        raise ObjectNameError("The store keeps no folder of such a name.", advice="Use folder/…/.")
    return prefix


def is_object_name(name: str) -> bool:
    """Return True if an object may have this name."""
    return _NAME.fullmatch(name) is not None


class Leftover(StrEnum):
    """Kinds of files a killed program left behind."""

    PART = "part"
    """An object that was being written."""
    TAIL = "tail"
    """The companion of an unfinished or recovered object, or the leaves of its content."""
    NEW = "new"
    """A replacement that was never put in place; the object itself is untouched."""
    SPOOLED = "spooled"
    """A whole object that waits to be sent to its server."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object in the store: its name and its sealed bytes."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class UnfinishedObject:
    """A leftover beside the object ``name``."""

    name: str
    kind: Leftover
    size: int


@dataclass(frozen=True, slots=True)
class Space:
    """Space in bytes; ``free`` and ``total`` are None where a server does not report them."""

    used: int
    free: int | None
    total: int | None


class OpenObject(RandomAccess, Protocol):
    """An object open for reading at any offset."""

    def close(self) -> None:
        """Close the object."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


class ObjectWriter(Protocol):
    """An object being written; invisible under its name until committed. Leaving the block without commit aborts."""

    @property
    def name(self) -> str:
        """The name it will have."""

    def write(self, content: Buffer) -> None:
        """Append bytes. Raises StorageFullError: what was written can still be left for recovery; StorageError: the object is lost."""

    def write_companion(self, content: Buffer) -> None:
        """Replace the companion (`rejent.vault.age.payload`), until commit or abort. Raises StorageError: the one before is kept."""

    def write_leaves(self, leaves: bytes) -> None:
        """Append leaves of the content's tree, of fragments that were written (docs/design/0031), until commit or abort. Raises StorageError."""

    def sync(self) -> None:
        """Make what was written so far survive a power cut. Raises StorageError: it may be lost, and the object is given up."""

    def commit(self) -> None:
        """Make the object durable and then visible; never try again. Raises ObjectExistsError; StorageError: not durable, given up."""

    def abort(self) -> None:
        """Remove what was written, its head overwritten where possible. Does nothing after commit, abort or leave."""

    def leave(self) -> None:
        """Stop writing and keep what was written as a leftover, to be recovered."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


class ObjectStore(Protocol):
    """A store of sealed objects under names like ``source/2026-03-29/segment.age``.

    Every method raises `ObjectNameError` for an impossible name, and a `StorageError` for a failure of the store.
    """

    def create(self, name: str, *, into_reserve: bool = False) -> ObjectWriter:
        """Begin a new object; ``into_reserve`` takes also the disk space that recordings leave free.

        Raises ObjectExistsError: an object of that name is there, finished or not; StorageFullError: only the reserve is left.
        """

    def replace(self, name: str) -> ObjectWriter:
        """Begin new content for an object, which stays as it is until commit. Raises ObjectMissingError: no such object."""

    def replace_head(self, name: str, length: int, head: bytes) -> None:
        """Replace the first ``length`` bytes by ``head``, atomically; the rest stays. Raises ObjectMissingError: no such object."""

    def open(self, name: str) -> OpenObject:
        """Open an object for reading. Raises ObjectMissingError: no such object."""

    def remove(self, names: Iterable[str], *, overwrite_heads: bool = False) -> int:
        """Remove objects with their companions, durably; return how many there were. Those already gone are no error.

        ``overwrite_heads`` overwrites their heads first where possible, for objects whose key lives on.
        """

    def objects(self, prefix: str = "") -> Iterator[StoredObject]:
        """Yield the objects in a folder, in order of their names."""

    def space(self) -> Space:
        """Return used and free space; may take as long as there are objects."""

    def disk(self) -> Space | None:
        """Return the space of the disk that holds the objects, at once; None where a server keeps them."""

    def open_companions(self, name: str) -> Sequence[OpenObject]:
        """Open the candidates for an object's companion, in any order: none, one, or the last two, of which the newer may be torn."""

    def read_leaves(self, name: str) -> bytes:
        """Return the leaves that were written beside an unfinished object; empty where there are none."""

    def remove_companions(self, name: str) -> None:
        """Remove the companion and the leaves of an object; none is no error."""

    def unfinished(self) -> list[UnfinishedObject]:
        """Return the leftovers of a killed program; only meaningful while nobody writes."""

    def open_unfinished(self, name: str) -> OpenObject:
        """Open an object that was being written when the program was killed. Raises ObjectMissingError: no such leftover."""

    def recover(self, name: str) -> bool:
        """Make an unfinished object durable and visible as it is; False if it was. Raises ObjectExistsError: the name is taken."""

    def discard(self, name: str, kind: Leftover) -> None:
        """Remove one leftover of one object."""

    def unknown_files(self) -> Iterator[str]:
        """Yield the files that are neither objects nor ours. They are reported, never removed."""

    def read_mark(self) -> bytes | None:
        """Return the mark that ties the store to its database, or None."""

    def write_mark(self, mark: bytes) -> None:
        """Replace the mark, durably."""
