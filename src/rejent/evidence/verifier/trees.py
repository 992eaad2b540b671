"""The files of a package, in a folder or in a ZIP file: their names, sizes and bytes, and what may not be among them."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
import zlib
from abc import ABC, abstractmethod
from pathlib import Path
from typing import BinaryIO, Iterator

from rejent.evidence.verifier.archive import (
    MOST_ENTRIES,
    ArchivedFile,
    Finding,
    UnreadableError,
    listed_files,
)

BLOCK = 4 << 20
LARGEST_TEXT = 64 << 20
"""Bytes of a file that is read as a whole."""
_DEEPEST = 16
"""Folders within each other; packages have two, the bags of others a few."""
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


class Tree(ABC):
    """Files by their names, with ``/`` between folders.

    ``sizes``: bytes of each file; ``findings``: names and kinds of files that a package may not hold.
    """

    def __init__(self) -> None:
        self.sizes: dict[str, int] = {}
        self.findings: list[Finding] = []

    @abstractmethod
    def blocks(self, name: str) -> Iterator[bytes]:
        """Yield a file's bytes. Raises OSError."""

    def text(self, name: str) -> bytes:
        """Return a whole file that is meant to be read. Raises UnreadableError: it is missing, or absurdly large."""
        if name not in self.sizes:
            raise UnreadableError("missing", name)
        if self.sizes[name] > LARGEST_TEXT:
            raise UnreadableError("too-large", name)
        try:
            return b"".join(self.blocks(name))
        except OSError:
            raise UnreadableError("unreadable-file", name) from None

    def _add(self, name: str, size: int) -> None:
        if len(self.sizes) >= MOST_ENTRIES:
            raise UnreadableError("too-many")
        if name in self.sizes:
            self.findings.append(Finding("twice", name))
        if not is_inside(name):
            self.findings.append(Finding("path", name))
        self.sizes[name] = size

    def _find_doubles(self) -> None:
        seen: dict[str, str] = {}
        for name in self.sizes:
            other = seen.setdefault(folded(name), name)
            if other != name:
                self.findings.append(Finding("twice", name, remark=True))


class Folder(Tree):
    """A package in a folder; links and devices are not followed."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._walk(path)
        self._find_doubles()

    def _walk(self, path: Path) -> None:
        waiting = [""]
        while waiting:
            above = waiting.pop()
            try:
                with os.scandir(path / above) as found:
                    entries = sorted(found, key=lambda each: each.name)
            except OSError:
                self.findings.append(Finding("unreadable-file", above))
                continue
            if above and not entries:
                self.findings.append(Finding("empty-folder", above))
            waiting += [above + entry.name + "/" for entry in entries if self._is_folder(above, entry)]

    def _is_folder(self, above: str, entry: os.DirEntry[str]) -> bool:
        """Note a file, or what may not be there; return whether it is a folder to look into."""
        name, state = above + entry.name, entry.stat(follow_symlinks=False)
        if any("\ud800" <= sign <= "\udfff" for sign in entry.name) or name.count("/") > _DEEPEST:
            self.findings.append(Finding("path", name))
        elif stat.S_ISDIR(state.st_mode):
            return True
        elif stat.S_ISREG(state.st_mode):
            self._add(name, state.st_size)
        else:
            self.findings.append(Finding("special", name))
        return False

    def blocks(self, name: str) -> Iterator[bytes]:
        """Yield a file's bytes. Raises OSError."""
        handle = os.open(
            self._path / name, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        )
        with open(handle, "rb") as opened:  # noqa: PTH123 - of a handle
            while True:
                block = opened.read(BLOCK)
                if not block:
                    return
                yield block


class Archive(Tree):
    """A package in a ZIP file; the checksum of each file that is read to its end is compared."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self._files: dict[str, ArchivedFile] = {}
        for each in listed_files(file):
            self._add(each.name, each.size)
            self._files[each.name] = each
        self._find_doubles()

    def blocks(self, name: str) -> Iterator[bytes]:
        """Yield a file's bytes. Raises OSError."""
        at, left, checksum = self._files[name].begin, self._files[name].size, 0
        while left:
            self._file.seek(at)
            block = self._file.read(min(BLOCK, left))
            if not block:
                raise OSError("the archive ends within a file")
            checksum = zlib.crc32(block, checksum)
            yield block
            at, left = at + len(block), left - len(block)
        if checksum != self._files[name].crc:
            self.findings.append(Finding("checksum", name))


def is_inside(name: str) -> bool:
    """Return whether a name stays inside the folder it is unpacked to, on any system."""
    parts = re.split(r"[/\\]", name)
    if re.match(r"[A-Za-z]:|~|%", name) or any(part in {"", ".", ".."} for part in parts):
        return False
    return not any(_DEVICES.fullmatch(part) or re.search(r"[\x00-\x1f]", part) for part in parts)


def folded(name: str) -> str:
    """Return what names have in common that are one on some systems."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
