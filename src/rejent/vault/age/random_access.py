"""Bytes that can be read at any offset: a file, an object on a server, or memory."""

from typing import Protocol

Buffer = bytes | bytearray | memoryview
"""What may be written: anything that lends its bytes without a copy."""


class RandomAccess(Protocol):
    """Something of a known size that is read at offsets."""

    @property
    def size(self) -> int:
        """Length in bytes."""

    def read_at(self, offset: int, length: int) -> bytes:
        """The bytes from ``offset``; fewer than ``length`` only where the end is reached."""


class MemorySource:
    """Bytes in memory, read at offsets."""

    def __init__(self, content: Buffer) -> None:
        self._content = bytes(content)

    @property
    def size(self) -> int:
        """Length in bytes."""
        return len(self._content)

    def read_at(self, offset: int, length: int) -> bytes:
        """The bytes from ``offset``, at most ``length``."""
        return self._content[offset : offset + length]
