"""Heads of WAV files that lie about their length: the bytes decide, and the head that readers are given says so.

An exchange writes the length last; one that was killed, or a copy that was cut, has a head that says something else than the
file holds. The sealed object stays as the exchange wrote it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Content(Protocol):
    """A file or an opened object with random access."""

    @property
    def size(self) -> int:
        """Bytes of content."""

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes from ``offset``; fewer only at the end."""


class HeadFault(StrEnum):
    """What a head says of the length of its sound."""

    SHORT = "head-short"
    """Less than the file holds."""
    LONG = "head-long"
    """More than the file holds."""
    NONE = "head-none"
    """Nothing: 0, or the largest number."""


@dataclass(frozen=True, slots=True)
class WavHead:
    """The ``fmt`` chunk of a WAV, where its ``data`` chunk stands, and the offsets of its sound, by the bytes that there are."""

    form: bytes
    data: int
    first: int
    past: int
    fault: HeadFault | None


MAX_CHUNKS = 4096
"""Chunks that are walked before the sound, and behind it; a broadcast file has a dozen, one cut by an editor some hundreds."""
MAX_FORM = 18 + 0xFFFF
"""Bytes of a ``fmt`` chunk: its fixed part, and what a length of 16 bits lets follow."""
LEAST_UNSAID = 4096
"""Bytes behind the stated end that are taken for sound: half a second of G.711; what makers append is shorter, or a chunk."""
_UNKNOWN = frozenset({0, 0xFFFFFFFF})
_PIECE = 64 << 10


def read_wav_head(content: Content) -> WavHead | None:
    """Return the head of a WAV; None where it is none, or has no sound within its first `MAX_CHUNKS` chunks."""
    begin = content.read(0, min(12, content.size))
    if begin[:4] != b"RIFF" or begin[8:12] != b"WAVE":
        return None
    form = b""
    for at, name, length in _chunks(content, 12):
        if name == b"data":
            fault = _fault(content, at + 8, length)
            past = at + 8 + length if fault is None else content.size
            return WavHead(form, at, at + 8, min(past, content.size), fault)
        if name == b"fmt ":
            form = content.read(at + 8, min(length, MAX_FORM, content.size - at - 8))
    return None


def mended_wav(content: bytes) -> bytes:
    """Return a WAV whose head says what it holds; any other content, and one whose head is right, as it is."""
    head = read_wav_head(_InMemory(content))
    if head is None or head.fault is None:
        return content
    length = min(head.past - head.first, 0xFFFFFFFE)
    whole = min(head.past - 8, 0xFFFFFFFE)
    return b"".join(
        (
            b"RIFF",
            whole.to_bytes(4, "little"),
            content[8 : head.data + 4],
            length.to_bytes(4, "little"),
            content[head.first : head.past],
        )
    )


def _fault(content: Content, first: int, stated: int) -> HeadFault | None:
    held = content.size - first
    if stated in _UNKNOWN:
        return HeadFault.NONE if held else None
    if stated > held:
        return HeadFault.LONG
    if held - stated < LEAST_UNSAID or _is_chunks(content, first + stated + stated % 2):
        return None
    return HeadFault.SHORT


def _is_chunks(content: Content, at: int) -> bool:
    """Return True if what stands behind the sound is chunks, then nothing but noughts, up to the end."""
    for begin, name, length in _chunks(content, at):
        if not name.strip(b"\0"):
            return _is_nought(content, begin)
        if not (name.isascii() and name.decode().isprintable()) or length > content.size - begin - 8:
            return False
        at = begin + 8 + length + length % 2
    return content.size - at < 8


def _chunks(content: Content, at: int) -> Iterator[tuple[int, bytes, int]]:
    """Yield where each chunk begins from an offset on, its name and the length that it states; `MAX_CHUNKS` at most."""
    for _ in range(MAX_CHUNKS):
        if at + 8 > content.size:
            return
        head = content.read(at, 8)
        length = int.from_bytes(head[4:], "little")
        yield at, head[:4], length
        at += 8 + length + length % 2


def _is_nought(content: Content, at: int) -> bool:
    """Return True if nothing but noughts stands from an offset on; read up to the first other byte."""
    pieces = range(at, content.size, _PIECE)
    return not any(content.read(begin, min(_PIECE, content.size - begin)).strip(b"\0") for begin in pieces)


class _InMemory:
    def __init__(self, content: bytes) -> None:
        self._content, self.size = content, len(content)

    def read(self, offset: int, length: int) -> bytes:
        return self._content[offset : offset + length]
