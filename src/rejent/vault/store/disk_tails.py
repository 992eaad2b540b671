"""The companion of an unfinished object on a disk: two files that are written over in turn.

A program may be killed within a write. So what is newer never goes over what is newest: that lies whole in the other file, and
of the two the reader takes the newer one that opens (`rejent.vault.tail.newest_first`). Files that are written over cost far
less than ones that are made, renamed and removed twice a second, and leave nothing behind in blocks that nobody counts.
"""

from contextlib import suppress
from pathlib import Path
from typing import Final

from rejent.vault.source import Buffer
from rejent.vault.store.posix import PosixCalls, write_fully_at

TAILS: Final = (".tail", ".tail.new")
"""What the names of the two add to the object's."""


class DiskTails:
    """The two files of one object while it is written; made when they are first wanted, open only while they are written.

    Args:
        calls: the system calls.
        path: where the object will lie.
    """

    def __init__(self, calls: PosixCalls, path: Path) -> None:
        self._calls = calls
        self._paths = tails_of(path)
        self._sizes: list[int] = []
        """Bytes in each of those that were made."""
        self._turn = 0

    def write(self, content: Buffer) -> None:
        """Put the companion in place of the last but one.

        Raises:
            OSError: as the operating system reports it; the last one is as it was.
        """
        turn, size = self._turn, len(content)
        made = turn < len(self._sizes)
        path = self._paths[turn]
        number = self._calls.open_to_write(path) if made else self._calls.create(path)
        try:
            if not made:
                self._sizes.append(size)
            write_fully_at(self._calls, number, content)
            if size < self._sizes[turn]:
                self._calls.cut(number, size)
        finally:
            self._calls.close(number)
        self._sizes[turn] = size
        self._turn = 1 - turn

    def remove(self, *, blanked: bool = False) -> None:
        """Remove them, written over before where nothing of them may be read any more; what cannot be removed stays a leftover."""
        for path, size in zip(self._paths, self._sizes, strict=False):
            with suppress(OSError):
                if blanked:
                    self._blank(path, size)
            with suppress(OSError):
                self._calls.unlink(path)

    def _blank(self, path: Path, size: int) -> None:
        number = self._calls.open_to_write(path)
        try:
            self._calls.blank(number, size)
        finally:
            self._calls.close(number)


def tails_of(path: Path) -> tuple[Path, ...]:
    """Where the two lie."""
    return tuple(path.with_name(path.name + suffix) for suffix in TAILS)
