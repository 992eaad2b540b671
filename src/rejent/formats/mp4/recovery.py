"""Recovery of truncated files up to their last whole picture.

The last fragment of such a file lists samples that are missing. Its head is rewritten with the present ones only, in
the same number of bytes, so that all offsets stay valid.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rejent.formats.errors import MovieError
from rejent.formats.fragment_index import FragmentIndex, FragmentPlace
from rejent.formats.mp4.boxes import Run, fragment_head
from rejent.formats.mp4.reader import FragmentHead, fragment_at, initialisation_of
from rejent.formats.source import Source

_COPIED_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Recovery:
    """Usable content of a truncated file: its fragments, the bytes usable and lost, and the last head rewritten at an offset."""

    index: FragmentIndex
    length: int
    lost: int
    patch: tuple[int, bytes] | None

    @property
    def pictures(self) -> int:
        """Count the whole pictures."""
        return self.index.units


def recover(source: Source) -> Recovery:
    """Find the usable content of a file that may end anywhere. Raises MovieError: it ends before its first fragment, or is no MP4."""
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
    """A truncated file presented as one that was ended properly."""

    def __init__(self, source: Source, recovery: Recovery) -> None:
        self._source = source
        self._patch = recovery.patch or (0, b"")
        self.size = recovery.length

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        """Return the content from ``offset``."""
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
        """Fill ``target`` with the content from ``offset``."""
        memoryview(target)[:] = self.read(offset, len(target))

    def parts(self) -> Iterator[bytes]:
        """Yield the whole content, a mebibyte at a time."""
        for offset in range(0, self.size, _COPIED_AT_ONCE):
            yield self.read(offset, _COPIED_AT_ONCE)


def _whole_head(source: Source, offset: int) -> FragmentHead | None:
    """Parse the head at ``offset``; `None` for what a power cut leaves of one, zeros included."""
    try:
        return fragment_at(source, offset)
    except MovieError:
        return None


def _shortened(head: FragmentHead, available: int) -> tuple[FragmentHead, bytes] | None:
    """Return the head with only the samples within ``available`` bytes, as long as before; `None` if none fits."""
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
