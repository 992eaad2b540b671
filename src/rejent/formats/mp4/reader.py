"""Reader of our fragmented MP4 files: parameter sets, fragments, samples.

Only what `boxes` writes is accepted; every size is checked against the bytes present. A truncated file yields its content up to the last
whole picture: its last fragment lists samples that are missing, so its head is rewritten with the present ones only, in the same number
of bytes, so that all offsets stay valid.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from rejent.formats.errors import MovieError
from rejent.formats.fragment_index import FragmentIndex, FragmentPlace
from rejent.formats.mp4 import boxes, jpeg
from rejent.formats.mp4.boxes import FRAGMENT_HEAD, KEY_FLAGS, Run, fragment_head
from rejent.formats.mp4.parameters import set_kind
from rejent.formats.mp4.picture import Codec, ParameterSets
from rejent.formats.source import Source

_LONGEST_INITIALISATION = 1 << 18
_LONGEST_HEAD = 1 << 16
_HEADS = frozenset({b"moof", boxes.HIDDEN})
_HEAD_GUESS = 2048
_MOVED_FRAGMENT = 24
"""Bytes of a ``moof`` that are not in its ``traf``."""
_OTHER_SAMPLE = 0x0001_0000
"""``sample_is_non_sync_sample``."""


@dataclass(frozen=True, slots=True)
class FragmentHead:
    """``moof`` and the head of ``mdat`` of one fragment, ``length`` bytes, followed by ``body`` bytes of samples."""

    sequence: int
    time: int
    run: Run
    length: int
    body: int

    def decode_times(self) -> list[int]:
        """Return the decoding time of each sample, and the tick at which the last ends."""
        times = [self.time]
        for duration in self.run.durations:
            times.append(times[-1] + duration)
        return times

    def presentation_times(self) -> list[int]:
        """Return the presentation time of each sample."""
        times = self.decode_times()[:-1]
        if not self.run.compositions:
            return times
        return [time + offset for time, offset in zip(times, self.run.compositions, strict=True)]

    def place(self, offset: int) -> FragmentPlace:
        """Return the fragment's entry for an index."""
        run = self.run
        return FragmentPlace(
            self.time, sum(run.durations), len(run.sizes), bool(run.keys[0]), offset, self.length + self.body
        )


def initialisation_of(source: Source) -> bytes:
    """Return ``ftyp`` and ``moov`` of a file. Raises MovieError: it does not begin with them, or ends within them."""
    content = source.read(0, _HEAD_GUESS)
    end = 0
    for kind in (b"ftyp", b"moov"):
        size, found = _box_head(content, end)
        if found != kind or size < 8 or end + size > _LONGEST_INITIALISATION:
            raise _foreign()
        end += size
        if len(content) < end + 8:
            content = source.read(0, end + 8)
        if len(content) < end:
            raise _foreign()
    return content[:end]


def configuration_of(initialisation: bytes) -> tuple[Codec, bytes]:
    """Return the codec and its configuration record ``avcC`` or ``hvcC``; of JPEG the frame header. Raises MovieError: there is none."""
    content = memoryview(initialisation)
    for kind in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd"):
        content = _child(content, kind)
    for kind, record, codec in ((b"avc1", b"avcC", Codec.H264), (b"hvc1", b"hvcC", Codec.H265)):
        if bytes(content[12:16]) == kind:
            return codec, bytes(_child(_child(content[8:], kind)[78:], record))
    if bytes(content[12:16]) == b"mp4v":
        header = jpeg.header_in(bytes(_child(_child(content[8:], b"mp4v")[78:], b"esds")))
        if header:
            return Codec.JPEG, header
    raise _foreign()


def shown_of(initialisation: bytes) -> tuple[int, int] | None:
    """Return from which tick to which a file is shown by its edit list; None where it has none. Raises MovieError: not in our format."""
    try:
        track = _child(_child(memoryview(initialisation), b"moov"), b"trak")
        count, length, start = struct.unpack_from(">IQq", _child(_child(track, b"edts"), b"elst"), 4)
    except (MovieError, struct.error):
        return None
    return (start, start + length) if count == 1 else None


def parameters_of(initialisation: bytes) -> ParameterSets:
    """Return the parameter sets in the sample entry of a file. Raises MovieError: it is not in our format."""
    return parameters_in(*configuration_of(initialisation))


def parameters_in(codec: Codec, record: bytes) -> ParameterSets:
    """Return the parameter sets of an ``avcC`` or ``hvcC`` record by any writer. Raises MovieError: it is truncated."""
    if codec is Codec.JPEG:
        return ParameterSets(codec, (record,))
    try:
        units = list(_avc_sets(record) if codec is Codec.H264 else _hevc_sets(record))
    except (IndexError, struct.error):
        raise _foreign() from None
    return ParameterSets(codec, tuple(nal for nal in units if set_kind(codec, nal) is not None))


def fragment_at(source: Source, offset: int) -> FragmentHead | None:
    """Parse the head of the fragment at ``offset``; None if the file ends within it. Raises MovieError: not in our format."""
    content = source.read(offset, _HEAD_GUESS)
    if len(content) < 8:
        return None
    size, kind = _box_head(content, 0)
    if kind not in _HEADS or not FRAGMENT_HEAD.size < size <= _LONGEST_HEAD:
        raise _foreign()
    if len(content) < size + 8:
        content = source.read(offset, size + 8)
    return parse_fragment_head(content) if len(content) >= size + 8 else None


def whole_fragment_at(source: Source, offset: int) -> FragmentHead:
    """Parse the head of the fragment at ``offset``. Raises MovieError: not in our format, or the file ends within it."""
    head = fragment_at(source, offset)
    if head is None or offset + head.length + head.body > source.size:
        raise MovieError(
            "A recording ends within a fragment.", advice="Recover it to its last whole picture."
        )
    return head


def parse_fragments(content: bytes) -> Iterator[tuple[FragmentHead, memoryview]]:
    """Yield the heads of whole fragments one behind the other, each with its samples. Raises MovieError."""
    rest = memoryview(content)
    while rest:
        head = parse_fragment_head(rest)
        end = head.length + head.body
        if end > len(rest):
            raise MovieError("A fragment to be converted is not whole.")
        yield head, rest[head.length : end]
        rest = rest[end:]


def parse_fragment_head(content: bytes | memoryview) -> FragmentHead:
    """Parse the head of a fragment at the beginning of ``content``. Raises MovieError: not in our format, or not whole."""
    try:
        fields = FRAGMENT_HEAD.unpack_from(content)
        count, offset = struct.unpack_from(">II", content, FRAGMENT_HEAD.size)
        body, after = struct.unpack_from(">I4s", content, fields[0])
    except struct.error:
        raise _foreign() from None
    kinds = (fields[3], fields[7], fields[9], fields[13], fields[17], after)
    if fields[1] not in _HEADS or kinds != (b"mfhd", b"traf", b"tfhd", b"tfdt", b"trun", b"mdat"):
        raise _foreign()
    size, traf, run_size = fields[0], fields[6], fields[16]
    if traf > size - _MOVED_FRAGMENT or run_size != traf - 44 or offset != size + 8 or count == 0:
        raise _foreign()
    run = _run(content, count, run_size, fields[18] & 0xFFFFFF)
    if sum(run.sizes) != body - 8:
        raise _foreign()
    return FragmentHead(fields[5], fields[15], run, size + 8, body - 8)


def scan(source: Source) -> FragmentIndex:
    """Build the index of a whole file. Raises MovieError: not in our format, or truncated (see `recover`)."""
    offset = len(initialisation_of(source))
    places: list[FragmentPlace] = []
    while offset < source.size:
        head = whole_fragment_at(source, offset)
        places.append(head.place(offset))
        offset += head.length + head.body
    return FragmentIndex(tuple(places))


def _run(content: bytes | memoryview, count: int, run_size: int, flags: int) -> Run:
    optional = boxes.RUN_FIRST_FLAGS | boxes.RUN_FLAGS | boxes.RUN_COMPOSITION
    needed = boxes.RUN_OFFSET | boxes.RUN_DURATION | boxes.RUN_SIZE
    if flags & ~optional != needed:
        raise _foreign()
    width = 2 + bool(flags & boxes.RUN_FLAGS) + bool(flags & boxes.RUN_COMPOSITION)
    first = 4 * bool(flags & boxes.RUN_FIRST_FLAGS)
    if run_size != 20 + first + 4 * width * count or FRAGMENT_HEAD.size + 8 + run_size - 20 > len(content):
        raise _foreign()
    start = FRAGMENT_HEAD.size + 8
    key = bool(first) and content[start : start + 4] == KEY_FLAGS.to_bytes(4, "big")
    table = struct.unpack_from(f">{width * count}I", content, start + first)
    keys: list[bool] = [key] + [False] * (count - 1)
    if flags & boxes.RUN_FLAGS:
        keys = [not fields & _OTHER_SAMPLE for fields in table[2::width]]
    compositions: list[int] = []
    if flags & boxes.RUN_COMPOSITION:
        compositions = [(fields ^ 0x8000_0000) - 0x8000_0000 for fields in table[width - 1 :: width]]
    return Run(table[0::width], table[1::width], keys, compositions)


def _box_head(content: bytes | memoryview, offset: int) -> tuple[int, bytes]:
    if len(content) < offset + 8:
        raise _foreign()
    size, kind = struct.unpack_from(">I4s", content, offset)
    return int(size), bytes(kind)


def _child(content: memoryview, kind: bytes) -> memoryview:
    position = 0
    while position < len(content):
        size, found = _box_head(content, position)
        if size < 8 or position + size > len(content):
            raise _foreign()
        if found == kind:
            return content[position + 8 : position + size]
        position += size
    raise _foreign()


def _avc_sets(record: bytes) -> Iterator[bytes]:
    position = 5
    for mask in (0x1F, 0xFF):
        count = record[position] & mask
        position += 1
        for _ in range(count):
            nal, position = _counted(record, position)
            yield nal


def _hevc_sets(record: bytes) -> Iterator[bytes]:
    position = 23
    for _ in range(record[22]):
        (count,) = struct.unpack_from(">H", record, position + 1)
        position += 3
        for _ in range(count):
            nal, position = _counted(record, position)
            yield nal


def _counted(record: bytes, position: int) -> tuple[bytes, int]:
    (length,) = struct.unpack_from(">H", record, position)
    end = position + 2 + length
    if end > len(record):
        raise _foreign()
    return record[position + 2 : end], end


def _foreign() -> MovieError:
    return MovieError(
        "A recording does not have the form in which recordings are written.",
        advice="Run the check of the whole installation (fsck) and restore the object from a copy.",
    )


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
