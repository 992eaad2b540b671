"""The recordings folder of a PBX: find completed files and open them without following links.

Names come from callers' phones; they are compared and shown, never reused or passed to a shell.
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
from rejent.kernel.errors import InputRefusedError
from rejent.streams.calls.receiving.imported.records import ENDINGS, file_name


class FileChangedError(InputRefusedError, code="calls.file-changed"):
    """A file was changed or cannot be read."""


class FolderError(InputRefusedError, code="calls.no-folder"):
    """The folder of a PBX is missing."""


QUIET_S = 3.0
"""Seconds of unchanged size and modification time after which a file counts as complete."""
_DEEPEST = 8
_OF_THE_SYSTEM = frozenset({"lost+found", "System Volume Information", "$RECYCLE.BIN"})
MAX_FILES = 200_000
_LONGEST_SHOWN = 300
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_UNFINISHED = frozenset({".part", ".tmp", ".filepart", ".crdownload", ".partial"})
_SOUNDS = frozenset({".wav", ".gsm", ".mp3", ".ogg", ".opus", ".flac"})
"""Suffixes of recordings, also of hidden files: a name may begin with a caller's, and that with a dot."""
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A file as seen: its path below the folder, size, modification time (ns) by the folder's clock, and if it is regular."""

    path: str = field(repr=False)
    size: int
    changed: int
    is_file: bool = True

    @property
    def mark(self) -> str:
        """Hexadecimal digest of path, size and modification time."""
        identity = f"{self.size} {self.changed} ".encode() + os.fsencode(self.path)
        return sha256(identity).hexdigest()

    @property
    def shown(self) -> str:
        """Its path for display, without control characters."""
        text = os.fsencode(self.path).decode("utf-8", "replace")
        kept = "".join(sign if unicodedata.category(sign)[0] != "C" else "\ufffd" for sign in text)
        return kept[-_LONGEST_SHOWN:]

    @property
    def name(self) -> str:
        """Its name as records state it (`shown`, `rejent.streams.calls.receiving.imported.records.file_name`)."""
        return file_name(self.shown)


class OpenFile:
    """Reads a file in pieces; raises `FileChangedError` once it was changed. Its descriptor is closed by its owner."""

    def __init__(self, number: int, file: SeenFile) -> None:
        self.size = file.size
        self._number, self._file = number, file

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes from ``offset``; fewer only at the end."""
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
        """Yield the whole content; at the end `FileChangedError` if a given digest differs."""
        digested = sha256()
        for offset in range(0, self.size, _PIECE):
            piece = self.read(offset, _PIECE)
            digested.update(piece)
            yield piece
        if digest not in {"", digested.hexdigest()}:
            raise _changed()

    def digest(self) -> str:
        """Return the SHA-256 of the content in hexadecimal."""
        digested = sha256()
        for piece in self.pieces():
            digested.update(piece)
        return digested.hexdigest()


class Folder:
    """Observes a folder; files unchanged for ``quiet_s`` seconds are complete."""

    def __init__(self, root: str, clock: Clock, quiet_s: float = QUIET_S) -> None:
        self.root = root
        self._clock, self._quiet_s = clock, quiet_s
        self._since: dict[str, tuple[str, float]] = {}
        self.still_there: AbstractSet[str] = frozenset()
        """Known marks present in the last scan, or possibly present."""
        self.too_many = False
        self.in_part = False

    def whole(self, known: AbstractSet[str]) -> list[SeenFile]:
        """Return the completed files without a known mark, by modification time; FolderError where the folder is unreadable."""
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
        """Return the seconds for which a file was seen unchanged."""
        mark, since = self._since.get(file.path, ("", 0.0))
        return self._clock.monotonic() - since if mark == file.mark else 0.0

    def all(self, wanted: Callable[[str], bool]) -> list[SeenFile]:
        """Return every possible recording with a ``wanted`` mark by modification time, without unfinished copies and records."""
        self.in_part = False
        try:
            with os.scandir(self.root) as entries:
                found = [file for file in self._files(entries, "", 0) if wanted(file.mark)]
        except OSError as error:
            raise FolderError(
                "The folder of the exchange cannot be read.", advice="See that it is mounted and may be read."
            ) from error
        self.too_many = len(found) > MAX_FILES
        return sorted(found, key=lambda file: (file.changed, file.path))[:MAX_FILES]

    @contextmanager
    def opened(self, file: SeenFile) -> Iterator["OpenFile"]:
        """Open a file as seen; FileChangedError where it was changed, or cannot be opened."""
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
        """Return a file's digest; empty if it was changed."""
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
                status = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            yield SeenFile(
                f"{below}{entry.name}", status.st_size, status.st_mtime_ns, stat.S_ISREG(status.st_mode)
            )

    def _within(self, entry: "os.DirEntry[str]", below: str, depth: int) -> Iterator[SeenFile]:
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
        """Remove a file unless it was changed; True if removed."""
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
    """Open a file's folder step by step without following links; yield its descriptor and the file's name."""
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
    ending = PurePosixPath(name).suffix.lower()
    return ending in {*ENDINGS, *_UNFINISHED} or (name.startswith(".") and ending not in _SOUNDS)


def _is(file: SeenFile, status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode) and (status.st_size, status.st_mtime_ns) == (file.size, file.changed)
