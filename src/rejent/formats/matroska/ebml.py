"""EBML elements (RFC 8794): write them, and read them from files that may be truncated."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

UNKNOWN_SIZE = b"\x01" + b"\xff" * 7
"""Size of an element that ends with the file."""
_UNKNOWN = (1 << 56) - 1


class Element(NamedTuple):
    """Identifier, begin and end of an element's content."""

    id: int
    begin: int
    end: int


def element(identifier: int, content: bytes) -> bytes:
    """Return an element with its content."""
    return _id(identifier) + size(len(content)) + content


def number(identifier: int, value: int) -> bytes:
    """Return an unsigned integer element."""
    return element(identifier, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def real(identifier: int, value: float) -> bytes:
    """Return a float element."""
    return element(identifier, struct.pack(">d", value))


def text(identifier: int, value: str) -> bytes:
    """Return a string element."""
    return element(identifier, value.encode())


def size(length: int) -> bytes:
    """Return the shortest encoding of an element's size."""
    for width in range(1, 9):
        if length < (1 << 7 * width) - 1:
            return (length | 1 << 7 * width).to_bytes(width, "big")
    raise ValueError("no element is so long")


def elements(content: bytes, begin: int = 0, end: int | None = None) -> Iterator[Element]:
    """Yield the complete elements between two positions, up to the first truncated or invalid one.

    An element of unknown size ends at ``end``.
    """
    end = len(content) if end is None else min(end, len(content))
    position = begin
    while position < end:
        found = _head(content, position, end)
        if found is None:
            return
        identifier, start, length = found
        stop = end if length == _UNKNOWN else start + length
        if stop > end:
            return
        yield Element(identifier, start, stop)
        position = stop


def _head(content: bytes, position: int, end: int) -> tuple[int, int, int] | None:
    width = 9 - content[position].bit_length()
    at = position + width
    if width > 4 or at >= end or not content[at]:
        return None
    wide = 9 - content[at].bit_length()
    start = at + wide
    if start > end:
        return None
    length = int.from_bytes(content[at:start], "big") & (1 << 7 * wide) - 1
    if length == (1 << 7 * wide) - 1:
        length = _UNKNOWN
    return int.from_bytes(content[position:at], "big"), start, length


def _id(identifier: int) -> bytes:
    return identifier.to_bytes((identifier.bit_length() + 7) // 8, "big")
