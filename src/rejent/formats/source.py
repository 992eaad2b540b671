"""Content of a recording as readers take it."""

from typing import Protocol


class Source(Protocol):
    """Content with random access: an opened sealed object, or bytes."""

    @property
    def size(self) -> int:
        """Bytes of content."""

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        """Return the content from ``offset``; shorter than ``length`` only at the end."""

    def read_into(self, target: bytearray | memoryview, offset: int = 0) -> None:
        """Fill ``target`` with the content from ``offset``, which must hold as much."""


class BytesSource:
    """Content in memory."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.size = len(content)

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        """Return the content from ``offset``."""
        return self._content[offset:] if length is None else self._content[offset : offset + length]

    def read_into(self, target: bytearray | memoryview, offset: int = 0) -> None:
        """Fill ``target`` with the content from ``offset``."""
        memoryview(target)[:] = self._content[offset : offset + len(target)]
