"""A file that was cut anywhere: what it still holds, up to its last whole picture.

The last fragment of a cut file has a table of samples that are not all there. Its head is told anew with fewer of them, in
the same number of bytes, so that nothing after it moves.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rejent.formats.fragment import FragmentPlace
from rejent.formats.mp4.boxes import Run, fragment_head
from rejent.formats.mp4.errors import MovieError
from rejent.formats.mp4.index import FragmentIndex
from rejent.formats.mp4.reader import FragmentHead, Source, fragment_at, initialisation_of

_COPIED_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a cut file holds.

    Attributes:
        index: its fragments, the last perhaps shortened.
        length: bytes that are usable.
        lost: bytes after them that are not.
        patch: offset and new bytes of the last fragment's head, if it was shortened.
    """

    index: FragmentIndex
    length: int
    lost: int
    patch: tuple[int, bytes] | None

    @property
    def pictures(self) -> int:
        """Whole pictures."""
        return self.index.pictures


def recover(source: Source) -> Recovery:
    """What a file holds that ends anywhere; a whole file loses nothing.

    Raises:
        MovieError: it ends before its first fragment, or is none of ours.
    """
    offset = len(initialisation_of(source))
    places: list[FragmentPlace] = []
    patch: tuple[int, bytes] | None = None
    while offset < source.size and patch is None:
        head = _whole_head(source, offset)
        if head is None:
            break
        if offset + head.length + head.body > source.size:
            shortened = _shortened(head, source.size - offset - head.length)
            if shortened is None:
                break
            head, content = shortened
            patch = (offset, content)
        places.append(head.place(offset))
        offset += head.length + head.body
    return Recovery(FragmentIndex(tuple(places)), offset, source.size - offset, patch)


class RecoveredSource:
    """A cut file as if it had been ended properly."""

    def __init__(self, source: Source, recovery: Recovery) -> None:
        self._source = source
        self._patch = recovery.patch or (0, b"")
        self.size = recovery.length

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        """The content from ``offset``."""
        end = self.size if length is None else min(offset + length, self.size)
        if end <= offset:
            return b""
        content = self._source.read(offset, end - offset)
        start, patch = self._patch
        first, last = max(start, offset), min(start + len(patch), end)
        if first >= last:
            return content
        middle = patch[first - start : last - start]
        return content[: first - offset] + middle + content[last - offset :]

    def read_into(self, target: bytearray | memoryview, offset: int = 0) -> None:
        """Fills ``target`` with the content from ``offset``."""
        memoryview(target)[:] = self.read(offset, len(target))

    def parts(self) -> Iterator[bytes]:
        """The whole content, a mebibyte at a time."""
        for offset in range(0, self.size, _COPIED_AT_ONCE):
            yield self.read(offset, _COPIED_AT_ONCE)


def _whole_head(source: Source, offset: int) -> FragmentHead | None:
    """The head at ``offset``; what a power cut leaves of a head, zeros included, is no head."""
    try:
        return fragment_at(source, offset)
    except MovieError:
        return None


def _shortened(head: FragmentHead, available: int) -> tuple[FragmentHead, bytes] | None:
    """The head with the samples only that fit into ``available`` bytes, as long as before."""
    count, body = 0, 0
    while count < len(head.run.sizes) and body + head.run.sizes[count] <= available:
        body += head.run.sizes[count]
        count += 1
    if count == 0:
        return None
    run = head.run
    kept = Run(run.durations[:count], run.sizes[:count], run.keys[:count], run.compositions[:count])
    content = fragment_head(head.sequence, head.time, kept, head.length)
    return FragmentHead(head.sequence, head.time, kept, head.length, body), content
