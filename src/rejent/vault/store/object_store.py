"""What every store of sealed objects does, whatever it is made of. One suite of contract tests runs on each."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

from rejent.vault.age.random_access import Buffer, RandomAccess


class Leftover(StrEnum):
    """What a program that was killed left behind."""

    PART = "part"
    """An object that was being written."""
    TAIL = "tail"
    """The companion of an unfinished or recovered object."""
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
    """Room in bytes; ``free`` and ``total`` are nothing where a server does not tell."""

    used: int
    free: int | None
    total: int | None


class OpenObject(RandomAccess, Protocol):
    """An object open for reading at any offset."""

    def close(self) -> None:
        """Give the object back."""

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
        """Append bytes.

        Raises:
            StorageFullError: no room; what was written before can still be left for recovery.
            StorageError: anything else that went wrong; nothing more can be written.
        """

    def write_companion(self, content: Buffer) -> None:
        """Keep the companion (`rejent.vault.age.tail`) in place of the one before; commit and abort remove it.

        Raises:
            StorageError: it is not kept; the one before still is.
        """

    def sync(self) -> None:
        """Make what was written so far survive a power cut.

        Raises:
            StorageError: it may be lost, and the object is given up.
        """

    def commit(self) -> None:
        """Make the object durable and then visible.

        Raises:
            ObjectExistsError: the name is taken; the object there is untouched.
            StorageError: it is not durable, and the object is given up; never try again.
        """

    def abort(self) -> None:
        """Remove what was written, its head overwrite_heads where the place allows it. Does nothing after commit, abort or leave."""

    def leave(self) -> None:
        """Stop writing and keep what was written as a leftover, to be recovered."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


class ObjectStore(Protocol):
    """A place for sealed objects under names like ``source/2026-03-29/segment.age``.

    Every method raises `ObjectNameError` for a name that cannot be, and a `StorageError` for what the place does wrong.
    """

    def create(self, name: str, *, into_reserve: bool = False) -> ObjectWriter:
        """Begin a new object.

        Args:
            name: the name it will have.
            into_reserve: take also the last room of a disk, which recordings leave free: for what must be kept before a
                destruction makes room.

        Raises:
            ObjectExistsError: an object or an unfinished one of that name is there.
            StorageFullError: only the reserve is left.
        """

    def replace(self, name: str) -> ObjectWriter:
        """Begin new content for an object that is there; until commit it stays as it is.

        Raises:
            ObjectMissingError: no such object.
        """

    def replace_head(self, name: str, length: int, head: bytes) -> None:
        """Put ``head`` in place of the first ``length`` bytes, atomically; the rest stays.

        Raises:
            ObjectMissingError: no such object.
        """

    def open(self, name: str) -> OpenObject:
        """Open an object for reading.

        Raises:
            ObjectMissingError: no such object.
        """

    def remove(self, names: Iterable[str], *, overwrite_heads: bool = False) -> int:
        """Remove objects with their companions, durably; how many there were. Those already gone are no error.

        Args:
            names: the objects.
            overwrite_heads: their heads are written over first, for objects whose key lives on; where the place allows it.
        """

    def objects(self, prefix: str = "") -> Iterator[StoredObject]:
        """The objects in a folder, in order of their names."""

    def space(self) -> Space:
        """How much room is used and free; may take as long as there are objects."""

    def disk(self) -> Space | None:
        """The same of the disk that the objects lie on, at once; nothing where a server keeps them."""

    def open_companions(self, name: str) -> Sequence[OpenObject]:
        """What may be the companion of an object, in any order: none, one, or the last two written, of which the newer may be torn."""

    def remove_companions(self, name: str) -> None:
        """Remove the companion of an object; none is no error."""

    def unfinished(self) -> list[UnfinishedObject]:
        """What a killed program left behind; only meaningful while nobody writes."""

    def open_unfinished(self, name: str) -> OpenObject:
        """Open an object that was being written when the program was killed.

        Raises:
            ObjectMissingError: no such leftover.
        """

    def recover(self, name: str) -> bool:
        """Make an unfinished object durable and visible as it is; whether there was anything left to do.

        Raises:
            ObjectExistsError: another object has that name.
        """

    def discard(self, name: str, kind: Leftover) -> None:
        """Remove one leftover of one object."""

    def unknown_files(self) -> Iterator[str]:
        """What lies in the store and is neither an object nor anything of ours. Reported, never removed."""

    def read_mark(self) -> bytes | None:
        """The mark that ties the place to its database, or nothing."""

    def write_mark(self, mark: bytes) -> None:
        """Replace the mark, durably."""
