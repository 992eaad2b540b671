"""Bytes that can be read at any offset: a file, an object on a server, or memory."""

from typing import Protocol

Buffer = bytes | bytearray | memoryview
"""Bytes to write, lent without a copy."""


class RandomAccess(Protocol):
    """Bytes of a known size, read at offsets."""

    @property
    def size(self) -> int:
        """Length in bytes."""

    def read_at(self, offset: int, length: int) -> bytes:
        """Return the bytes from ``offset``; fewer than ``length`` only at the end."""


class MemorySource:
    """Bytes in memory, read at offsets."""

    def __init__(self, content: Buffer) -> None:
        self._content = bytes(content)

    @property
    def size(self) -> int:
        """Length in bytes."""
        return len(self._content)

    def read_at(self, offset: int, length: int) -> bytes:
        """Return the bytes from ``offset``, at most ``length``."""
        return self._content[offset : offset + length]
