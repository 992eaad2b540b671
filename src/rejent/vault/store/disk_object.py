"""A sealed object on a local disk, open for reading at any place."""

import os
from types import TracebackType
from typing import Self

from rejent.vault.store.posix import reported


class DiskObject:
    """An object open for reading; its file is given back at the latest when nobody holds it any more."""

    def __init__(self, number: int, name: str) -> None:
        self._number = number
        self._name = name
        self.size = os.fstat(number).st_size
        """Length in bytes when it was opened."""

    def read_at(self, offset: int, length: int) -> bytes:
        """The bytes from ``offset``; fewer only at the end."""
        with reported(self._name):
            content = os.pread(self._number, length, offset)
            if len(content) == length or offset + len(content) >= self.size:
                return content
            parts = [content]
            while content and (missing := length - sum(map(len, parts))):
                content = os.pread(self._number, missing, offset + length - missing)
                parts.append(content)
            return b"".join(parts)

    def close(self) -> None:
        """Give the file back; a second time does nothing."""
        if self._number >= 0:
            os.close(self._number)
            self._number = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()
