"""The one form in which a package is put into a ZIP file: stored, zip64, without times, so that each of its bytes is foreseen."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO, Sequence


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or, where it is a mere ``remark``, that a bag should not have.

    ``code``: which, as `words.SENTENCES` lists them; ``what``: the file, act or value that it is about.
    """

    code: str
    what: str = ""
    remark: bool = False


class UnreadableError(Exception):
    """A package cannot be read at all; the finding says why."""

    def __init__(self, code: str, what: str = "") -> None:
        super().__init__(code, what)
        self.finding = Finding(code, what)


MOST_ENTRIES = 100_000
_LOCAL, _CENTRAL, _DESCRIPTOR = 0x04034B50, 0x02014B50, 0x08074B50
_END, _END_64, _LOCATOR = 0x06054B50, 0x06064B50, 0x07064B50
_VERSION, _UTF8, _STREAMED, _DAY = 45, 0x0800, 0x0008, 0x0021
_FULL, _FULL_SHORT = 0xFFFFFFFF, 0xFFFF
_REGULAR_FILE = 0o100644 << 16
_LARGEST_DIRECTORY = 64 << 20
_CENTRAL_FIELDS = "<IHHHHHHIIIHHHHHII"
_CENTRAL_BYTES, _TAIL_BYTES = 46, 56 + 20 + 22


@dataclass(frozen=True)
class ArchivedFile:
    """A file in an archive; its bytes begin behind its head at ``offset``."""

    name: str
    size: int
    crc: int
    offset: int

    @property
    def begin(self) -> int:
        """Offset of the first byte of content."""
        return self.offset + len(local_head(self.name, 0, 0))

    def end(self, *, streamed: bool) -> int:
        """Offset behind the content and what follows it."""
        return self.begin + self.size + (24 if streamed else 0)


def local_head(name: str, size: int, crc: int, *, streamed: bool = False) -> bytes:
    """Return what stands before a file's bytes; in a streamed archive its size is not known yet."""
    encoded, flags = name.encode(), _UTF8 | (_STREAMED if streamed else 0)
    size, crc = (0, 0) if streamed else (size, crc)
    head = struct.pack(
        "<IHHHHHIIIHH", _LOCAL, _VERSION, flags, 0, 0, _DAY, crc, _FULL, _FULL, len(encoded), 20
    )
    return head + encoded + struct.pack("<HHQQ", 1, 16, size, size)


def descriptor(size: int, crc: int) -> bytes:
    """Return what stands behind a file's bytes in a streamed archive."""
    return struct.pack("<IIQQ", _DESCRIPTOR, crc, size, size)


def directory(files: Sequence[ArchivedFile], *, streamed: bool = False) -> bytes:
    """Return the list of files with which an archive ends."""
    begin = files[-1].end(streamed=streamed) if files else 0
    listed = b"".join(_central(each, streamed=streamed) for each in files)
    count, length = len(files), len(listed)
    end_64 = struct.pack(
        "<IQHHIIQQQQ", _END_64, 44, _VERSION | 3 << 8, _VERSION, 0, 0, count, count, length, begin
    )
    locator = struct.pack("<IIQI", _LOCATOR, 0, begin + length, 1)
    end = struct.pack("<IHHHHIIH", _END, 0, 0, _FULL_SHORT, _FULL_SHORT, _FULL, _FULL, 0)
    return listed + end_64 + locator + end


def listed_files(file: BinaryIO) -> list[ArchivedFile]:
    """Read the list of an archive and see that every byte around its files is the foreseen one. Raises UnreadableError: it is not."""
    size = file.seek(0, 2)
    tail = _bytes_at(file, max(size - _TAIL_BYTES, 0), _TAIL_BYTES)
    if len(tail) != _TAIL_BYTES or tail[:4] != struct.pack("<I", _END_64):
        raise UnreadableError("archive-form")
    count, length, begin = struct.unpack_from("<QQQ", tail, 32)
    if count > MOST_ENTRIES or length > _LARGEST_DIRECTORY or begin + length != size - _TAIL_BYTES:
        raise UnreadableError("archive-form")
    listed = _bytes_at(file, begin, length)
    streamed = bool(len(listed) > 9 and listed[8] & _STREAMED)
    files = _parsed(listed)
    if directory(files, streamed=streamed) != listed + tail:
        raise UnreadableError("archive-form")
    expected = 0
    for each in files:
        head = local_head(each.name, each.size, each.crc, streamed=streamed)
        behind = descriptor(each.size, each.crc) if streamed else b""
        if each.offset != expected or _bytes_at(file, each.offset, len(head)) != head:
            raise UnreadableError("archive-form", each.name)
        if _bytes_at(file, each.begin + each.size, len(behind)) != behind:
            raise UnreadableError("archive-form", each.name)
        expected = each.end(streamed=streamed)
    return files


def _central(file: ArchivedFile, *, streamed: bool) -> bytes:
    name, flags = file.name.encode(), _UTF8 | (_STREAMED if streamed else 0)
    fields = (_CENTRAL, _VERSION | 3 << 8, _VERSION, flags, 0, 0, _DAY, file.crc, _FULL, _FULL, len(name), 28)
    head = struct.pack(_CENTRAL_FIELDS, *fields, 0, 0, 0, _REGULAR_FILE, _FULL)
    return head + name + struct.pack("<HHQQQ", 1, 24, file.size, file.size, file.offset)


def _parsed(listed: bytes) -> list[ArchivedFile]:
    files, at = [], 0
    while at < len(listed):
        try:
            fields = struct.unpack_from(_CENTRAL_FIELDS, listed, at)
            name = listed[at + _CENTRAL_BYTES : at + _CENTRAL_BYTES + fields[10]].decode()
            at += _CENTRAL_BYTES + fields[10]
            size, _, offset = struct.unpack_from("<QQQ", listed, at + 4)
        except (struct.error, UnicodeDecodeError):
            raise UnreadableError("archive-form") from None
        files.append(ArchivedFile(name, size, fields[7], offset))
        at += 28
    return files


def _bytes_at(file: BinaryIO, offset: int, length: int) -> bytes:
    try:
        file.seek(offset)
        return file.read(length)
    except (OSError, OverflowError):
        raise UnreadableError("archive-form") from None
