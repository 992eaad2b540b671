"""The folder in which objects of a local disk grow: one for each process of the program, so that Landlock confines each to its own.

Whoever may write a file that is being written may keep a second link to it, and change what has its name afterwards; so nobody may
write, link or remove what another process writes.
"""

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from pathlib import Path

from rejent.vault.store.disk_files import COMPANION_SUFFIXES, LEAVES_SUFFIX
from rejent.vault.store.object_store import SUFFIX, Leftover, is_object_name
from rejent.vault.store.posix import FOLDER_MODE, SPOOL, PosixCalls, storage_errors

OWNER = "program"
"""Who writes where no process is named: the command line, and tests."""
_JOINED = "+"
"""Stands in the spool for the slash of an object's name."""
_SUFFIXES = {".part": Leftover.PART, ".new": Leftover.NEW} | dict.fromkeys(
    (*COMPANION_SUFFIXES, LEAVES_SUFFIX), Leftover.TAIL
)


class Spool:
    """Files of unfinished objects; new ones are made in the folder of ``owner``, others are found in everybody's."""

    def __init__(self, calls: PosixCalls, root: Path, owner: str = OWNER) -> None:
        self._calls = calls
        self._all = root / SPOOL
        self.folder = spool_folder(root, owner)

    def path(self, name: str, suffix: str = "") -> Path:
        """Return where a file of a new object lies."""
        return self.folder / _file(name, suffix)

    def find(self, name: str, suffix: str = "") -> Path:
        """Return where a file of an object lies, whoever began it; where a new one would, if it is nowhere."""
        own = self.path(name, suffix)
        others = (folder / own.name for folder in self._folders()) if not own.exists() else ()
        return next((path for path in others if path.exists()), own)

    def remove(self, names: Collection[str]) -> None:
        """Remove all files of some objects."""
        wanted = {_file(name) for name in names}
        with storage_errors(SPOOL):
            for path in self._files():
                if path.name.partition(SUFFIX)[0] + SUFFIX in wanted:
                    with suppress(FileNotFoundError):
                        self._calls.unlink(path)

    def take_over(self, sources: Collection[str], is_running: Callable[[str], bool]) -> None:
        """Bring into the own folder what processes that do not run any more left of some sources."""
        with storage_errors(SPOOL):
            for folder in self._folders():
                if folder != self.folder and not is_running(folder.name):
                    for entry in list(os.scandir(folder)):
                        if entry.name.partition(_JOINED)[0] in sources:
                            self.folder.mkdir(FOLDER_MODE, exist_ok=True)
                            self._calls.rename(Path(entry.path), self.folder / entry.name)

    def _folders(self) -> list[Path]:
        with suppress(FileNotFoundError):
            return sorted(Path(entry.path) for entry in os.scandir(self._all) if entry.is_dir())
        return []

    def _files(self) -> Iterator[Path]:
        for folder in self._folders():
            yield from [Path(entry.path) for entry in os.scandir(folder)]


def spool_folder(root: Path, owner: str = OWNER) -> Path:
    """Return the folder in which a process lets objects grow, below the store's."""
    return root / SPOOL / owner


def spool_path(root: Path, name: str, suffix: str = "", *, owner: str = OWNER) -> Path:
    """Return where a file of a new object of a process lies, below the store's folder."""
    return spool_folder(root, owner) / _file(name, suffix)


def leftover(path: str) -> tuple[str, Leftover] | None:
    """Return the object, and the kind, of which a path below the store's folder is a leftover; None if of none."""
    for suffix, kind in _SUFFIXES.items():
        name = path.removesuffix(suffix)
        if kind is not Leftover.NEW:
            folder, _, rest = name.partition("/")
            joined = rest.partition("/")[2]
            name = joined.replace(_JOINED, "/") if folder == SPOOL and "/" not in joined else ""
        if path.endswith(suffix) and is_object_name(name):
            return name, kind
    return None


def suffixes_of(kind: Leftover) -> list[str]:
    """Return what the names of such leftovers end with."""
    return [suffix for suffix, its_kind in _SUFFIXES.items() if its_kind is kind]


def _file(name: str, suffix: str = "") -> str:
    return name.replace("/", _JOINED) + suffix
