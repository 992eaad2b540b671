"""The folder that a PBX writes its recordings to: which files are whole, opened without ever following a link.

Names come from callers' telephones; they are compared and shown, never used as names of ours and never given to a shell.
"""

import os
import stat
import unicodedata
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import PurePosixPath

from rejent.kernel.clock import Clock
from rejent.streams.calls.imported.errors import FileChangedError, FolderError
from rejent.streams.calls.imported.records import ENDINGS
from rejent.streams.calls.imported.tables import file_name

QUIET_S = 3.0
"""Seconds for which length and time of change of a file must stay as they are before it counts as written."""
_DEEPEST = 8
_OF_THE_SYSTEM = frozenset({"lost+found", "System Volume Information", "$RECYCLE.BIN"})
"""Folders that a file system makes for itself, often for nobody to read."""
MOST_FILES = 200_000
"""That wait in a folder; what is more waits until they are settled."""
_LONGEST_SHOWN = 300
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_UNFINISHED = frozenset({".part", ".tmp", ".filepart", ".crdownload", ".partial"})
"""Endings that programs give a file while they copy it."""
_SOUNDS = frozenset({".wav", ".gsm", ".mp3", ".ogg", ".opus", ".flac"})
"""Endings of hidden files that are recordings all the same: where a name begins with a caller's, a caller may begin with a dot."""
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A file as it was seen.

    Attributes:
        path: below the folder, as the system has it, of whatever bytes.
        size: bytes.
        changed: ns since 1970, by the clock of whoever keeps the folder.
        is_file: whether it is an ordinary file, rather than a link, a pipe or a device.
    """

    path: str = field(repr=False)
    size: int
    changed: int
    is_file: bool = True

    @property
    def mark(self) -> str:
        """A digest of what it was seen by, hexadecimal."""
        told = f"{self.size} {self.changed} ".encode() + os.fsencode(self.path)
        return sha256(told).hexdigest()

    @property
    def shown(self) -> str:
        """Its path as people may be shown it: without signs that cannot be seen, or that are none."""
        text = os.fsencode(self.path).decode("utf-8", "replace")
        kept = "".join(sign if unicodedata.category(sign)[0] != "C" else "\ufffd" for sign in text)
        return kept[-_LONGEST_SHOWN:]

    @property
    def name(self) -> str:
        """Its last part as a record may name it, as `shown` and `rejent.streams.calls.imported.tables.file_name`."""
        return file_name(self.shown)


class OpenFile:
    """The content of a file, never more of it in memory than is asked for; `FileChangedError` once it is another.

    Args:
        number: its descriptor, which whoever opened it closes.
        file: as it was seen.
    """

    def __init__(self, number: int, file: SeenFile) -> None:
        self.size = file.size
        self._number, self._file = number, file

    def read(self, offset: int, length: int) -> bytes:
        """So many bytes from ``offset``; fewer only at the end."""
        content, wanted = bytearray(), min(length, self.size - offset)
        try:
            while len(content) < wanted:
                piece = os.pread(self._number, min(_PIECE, wanted - len(content)), offset + len(content))
                if not piece:
                    raise _changed()
                content += piece
            if not _is(self._file, os.fstat(self._number)):
                raise _changed()
        except OSError:
            raise _changed() from None
        return bytes(content)

    def pieces(self, digest: str = "") -> Iterator[bytes]:
        """All of it; where a digest is given and is not its own, `FileChangedError` at the end."""
        told = sha256()
        for offset in range(0, self.size, _PIECE):
            piece = self.read(offset, _PIECE)
            told.update(piece)
            yield piece
        if digest not in {"", told.hexdigest()}:
            raise _changed()

    def digest(self) -> str:
        """SHA-256 of all of it, hexadecimal."""
        told = sha256()
        for piece in self.pieces():
            told.update(piece)
        return told.hexdigest()


class Folder:
    """Looks at a folder again and again.

    Args:
        root: the folder.
        clock: counts how long a file stays as it is.
        quiet_s: seconds; as `QUIET_S`.
    """

    def __init__(self, root: str, clock: Clock, quiet_s: float = QUIET_S) -> None:
        self.root = root
        self._clock, self._quiet_s = clock, quiet_s
        self._since: dict[str, tuple[str, float]] = {}
        self.still_there: AbstractSet[str] = frozenset()
        """Of the known marks those that were there the last time, or may have been."""
        self.too_many = False
        """Whether more than `MOST_FILES` were there the last time."""
        self.in_part = False
        """Whether a folder within could not be read the last time, or lies too deep to be looked into."""

    def whole(self, known: AbstractSet[str]) -> list[SeenFile]:
        """The files that nobody writes any more, but those of a known mark, in the order of their change.

        Raises:
            FolderError: the folder is not there, or may not be read.
        """
        still = set[str]()

        def is_new(mark: str) -> bool:
            if mark in known:
                still.add(mark)
            return mark not in known

        now, files = self._clock.monotonic(), self.all(is_new)
        self.still_there = known if self.in_part else still
        since = self._since
        self._since = {
            file.path: before
            if (before := since.get(file.path)) and before[0] == file.mark
            else (file.mark, now)
            for file in files
        }
        return [file for file in files if now - self._since[file.path][1] >= self._quiet_s]

    def seen_for(self, file: SeenFile) -> float:
        """For how many seconds a file has been seen as it is; of a file that changes they begin anew."""
        mark, since = self._since.get(file.path, ("", 0.0))
        return self._clock.monotonic() - since if mark == file.mark else 0.0

    def all(self, wanted: Callable[[str], bool]) -> list[SeenFile]:
        """Every file that may be a recording, in the order of their change; unfinished copies and call records are none.

        Args:
            wanted: whether a file of this mark is; of too many that are, the first are told.

        Raises:
            FolderError: the folder is not there, or may not be read.
        """
        self.in_part = False
        try:
            with os.scandir(self.root) as entries:
                found = [file for file in self._files(entries, "", 0) if wanted(file.mark)]
        except OSError as error:
            raise FolderError(
                "The folder of the exchange cannot be read.", advice="See that it is mounted and may be read."
            ) from error
        self.too_many = len(found) > MOST_FILES
        return sorted(found, key=lambda file: (file.changed, file.path))[:MOST_FILES]

    @contextmanager
    def opened(self, file: SeenFile) -> Iterator["OpenFile"]:
        """A file, to be read while it is the one that was seen.

        Raises:
            FileChangedError: it is not, or cannot be opened.
        """
        try:
            with _folder_of(self.root, file.path) as (folder, name):
                number = os.open(name, _FILE_FLAGS, dir_fd=folder)
        except OSError:
            raise _changed() from None
        try:
            yield OpenFile(number, file)
        finally:
            os.close(number)

    def digest(self, file: SeenFile) -> str:
        """That of a file; empty where it is no longer the one that was seen."""
        try:
            with self.opened(file) as content:
                return content.digest()
        except FileChangedError:
            return ""

    def _files(self, entries: "Iterator[os.DirEntry[str]]", below: str, depth: int) -> Iterator[SeenFile]:
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    yield from self._within(entry, below, depth)
                    continue
                if _is_passed_over(entry.name):
                    continue
                told = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            yield SeenFile(f"{below}{entry.name}", told.st_size, told.st_mtime_ns, stat.S_ISREG(told.st_mode))

    def _within(self, entry: "os.DirEntry[str]", below: str, depth: int) -> Iterator[SeenFile]:
        """The files of a folder within, and of those in it."""
        if entry.name.startswith(".") or entry.name in _OF_THE_SYSTEM:
            return
        try:
            with os.scandir(entry.path) as entries:
                if depth < _DEEPEST:
                    yield from self._files(entries, f"{below}{entry.name}/", depth + 1)
                else:
                    self.in_part = True
        except FileNotFoundError:
            return
        except OSError:
            self.in_part = True

    def remove(self, file: SeenFile) -> bool:
        """Remove a file that is still the one that was seen; whether it was."""
        try:
            with _folder_of(self.root, file.path) as (folder, name):
                if not _is(file, os.stat(name, dir_fd=folder, follow_symlinks=False)):
                    return False
                os.unlink(name, dir_fd=folder)
        except OSError:
            return False
        return True


def _changed() -> FileChangedError:
    return FileChangedError("The file is no longer the one that was seen, or cannot be read now.")


@contextmanager
def _folder_of(root: str, path: str) -> Iterator[tuple[int, str]]:
    """The folder that a file lies in, opened step by step so that no link on the way is followed; and the file's name."""
    *steps, name = path.split("/")
    number = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for step in steps:
            below = os.open(step, _FOLDER_FLAGS, dir_fd=number)
            os.close(number)
            number = below
        yield number, name
    finally:
        os.close(number)


def _is_passed_over(name: str) -> bool:
    """Whether a file is a record, an unfinished copy, or hidden and no sound."""
    ending = PurePosixPath(name).suffix.lower()
    return ending in {*ENDINGS, *_UNFINISHED} or (name.startswith(".") and ending not in _SOUNDS)


def _is(file: SeenFile, told: os.stat_result) -> bool:
    return stat.S_ISREG(told.st_mode) and (told.st_size, told.st_mtime_ns) == (file.size, file.changed)
