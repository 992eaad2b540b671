"""What lies in an attached file, and in what lies in that. Pure.

It is bounded in bytes, depth and number, so that a bomb costs what is allowed.
"""

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

MOST_UNPACKED = 64 << 20
"""Bytes of all that is unpacked of one message."""
MOST_DEEP = 4
MOST_FILES = 500
_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"
_UNOPENED = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\xfd7zXZ\0", b"BZh", b"MSCF")
"""Archives that are not opened: 7z, RAR, xz, bzip2, cabinets."""
_ENCRYPTED = 1
_GZIP_HEAD = 31
"""Of `zlib`: the largest window, behind a head of gzip."""


@dataclass(slots=True)
class Unpacking:
    """What is left of the bounds of one message; ``partly`` once something was left out for them, or could not be opened."""

    left: int = MOST_UNPACKED
    files: int = MOST_FILES
    partly: bool = False

    def of(self, content: bytes) -> Iterator[bytes]:
        """Yield a file, and whatever lies in it."""
        waiting = [(content, 0)]
        while waiting:
            piece, depth = waiting.pop()
            yield piece
            inside = self._gzip if piece.startswith(_GZIP) else self._zip if self._is_zip(piece) else None
            if piece.startswith(_UNOPENED) or (inside is not None and depth == MOST_DEEP):
                self.partly = True
            elif inside is not None:
                waiting += [(each, depth + 1) for each in inside(piece)]

    def _zip(self, content: bytes) -> Iterator[bytes]:
        try:
            with zipfile.ZipFile(BytesIO(content)) as archive:
                for each in archive.infolist():
                    if each.flag_bits & _ENCRYPTED or not self._has_room():
                        self.partly = True
                        continue
                    with archive.open(each) as file:
                        yield self._cut(file.read(self.left + 1))
        except Exception:  # noqa: BLE001 - whatever an archive does, also to memory, it is one that was not opened
            self.partly = True

    def _gzip(self, content: bytes) -> Iterator[bytes]:
        try:
            if self._has_room():
                unpacking = zlib.decompressobj(_GZIP_HEAD)
                unpacked = unpacking.decompress(content, self.left + 1)
                self.partly |= not unpacking.eof or bool(unpacking.unused_data)
                yield self._cut(unpacked)
            else:
                self.partly = True
        except Exception:  # noqa: BLE001 - whatever an archive does, also to memory, it is one that was not opened
            self.partly = True

    def _has_room(self) -> bool:
        self.files -= 1
        return self.files >= 0 and self.left > 0

    def _cut(self, content: bytes) -> bytes:
        self.partly = self.partly or len(content) > self.left
        content = content[: self.left]
        self.left -= len(content)
        return content

    def _is_zip(self, content: bytes) -> bool:
        """Return whether a file is a ZIP archive, also one behind a program that unpacks it."""
        try:
            return content.startswith(_ZIP) or zipfile.is_zipfile(BytesIO(content))
        except Exception:  # noqa: BLE001 - its end may state anything
            self.partly = True
            return False
