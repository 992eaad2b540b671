"""Heads of WAV files that lie about their length: the bytes decide, and the head that readers are given says so.

An exchange writes the length last; one that was killed, or a copy that was cut, has a head that says something else than the
file holds. The sealed object stays as the exchange wrote it.
"""

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


HEAD = 64 << 10
"""Bytes in which the sound has begun: broadcast heads take some kilobytes."""
MAX_CHUNKS = 64
LEAST_UNSAID = 4096
"""Bytes behind the stated end that are taken for sound: half a second of G.711; what makers append is shorter, or a chunk."""
_UNKNOWN = frozenset({0, 0xFFFFFFFF})


def read_wav_head(content: Content) -> WavHead | None:
    """Return the head of a WAV; None where it is none, or its sound does not begin within `HEAD`."""
    head = content.read(0, min(HEAD, content.size))
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return None
    at, form = 12, b""
    while at + 8 <= len(head):
        name, length = head[at : at + 4], int.from_bytes(head[at + 4 : at + 8], "little")
        if name == b"data":
            fault = _fault(content, at + 8, length)
            past = at + 8 + length if fault is None else content.size
            return WavHead(form, at, at + 8, min(past, content.size), fault)
        if name == b"fmt ":
            form = head[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
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
    """Return True if what stands behind the sound is chunks up to the end, or nothing but noughts."""
    if not content.read(at, min(LEAST_UNSAID, content.size - at)).strip(b"\0"):
        return True
    for _ in range(MAX_CHUNKS):
        head = content.read(at, 8)
        if len(head) < 8:
            return True
        length = int.from_bytes(head[4:], "little")
        if not (head[:4].isascii() and head[:4].decode().isprintable()) or length > content.size - at - 8:
            return False
        at += 8 + length + length % 2
    return False


class _InMemory:
    def __init__(self, content: bytes) -> None:
        self._content, self.size = content, len(content)

    def read(self, offset: int, length: int) -> bytes:
        return self._content[offset : offset + length]
