"""Objects a power cut left cut short, torn or with a companion, read as far as they are sound."""

from collections.abc import Callable

import pytest

from rejent.vault.age import CHUNK, Identity, MemorySource, SealedReader, SealWriter, seal
from rejent.vault.age.header import parse
from rejent.vault.age.payload import SEALED_CHUNK
from rejent.vault.errors import HeaderError, PayloadError, TruncatedError

KEY = Identity.generate()
CONTENT = b"".join(number.to_bytes(4, "big") for number in range(CHUNK))[: 3 * CHUNK + 500]


def running() -> tuple[bytearray, SealWriter]:
    """An object in the middle of being written: three whole chunks and 500 bytes that are not sealed yet."""
    sealed = bytearray()
    writer = SealWriter(sealed.extend, [KEY.recipient])
    writer.write(CONTENT)
    return sealed, writer


def sound(sealed: bytes, tail: bytes | None = None) -> bytes:
    """What opens from the beginning, chunk by chunk."""
    tails = [MemorySource(tail)] if tail else []
    reader = SealedReader(MemorySource(sealed), [KEY], truncated=True, tails=tails)
    content = bytearray()
    try:
        while piece := reader.read(len(content), CHUNK):
            content += piece
    except PayloadError:
        pass
    return bytes(content)


def test_an_object_cut_short_is_refused_unless_asked_for() -> None:
    """An object without its end is refused, and with ``truncated`` reads to its last whole chunk."""
    sealed, _ = running()
    with pytest.raises(TruncatedError):
        SealedReader(MemorySource(sealed), [KEY])
    reader = SealedReader(MemorySource(sealed), [KEY], truncated=True)
    assert not reader.complete
    assert reader.read() == CONTENT[: 3 * CHUNK]


def test_a_companion_continues_the_object() -> None:
    """Read with its companion, the object has every byte that was written, across the seam too."""
    sealed, writer = running()
    reader = SealedReader(
        MemorySource(sealed), [KEY], truncated=True, tails=[MemorySource(writer.companion())]
    )
    assert reader.size == len(CONTENT)
    assert reader.read(3 * CHUNK - 10, 100) == CONTENT[3 * CHUNK - 10 : 3 * CHUNK + 90]
    assert reader.read() == CONTENT
    assert sound(bytes(sealed), writer.companion()) == CONTENT


@pytest.mark.parametrize("kept", [0.01, 0.5, 0.99])
def test_a_torn_companion_is_as_good_as_none(kept: float) -> None:
    """Companions are not forced to the disk: one that a power cut tore costs its own content, not the object's."""
    sealed, writer = running()
    companion = writer.companion()
    head = parse(companion)
    assert head is not None
    torn = companion[: head.length + int((len(companion) - head.length) * kept)]
    assert sound(bytes(sealed), torn) == CONTENT[: 3 * CHUNK]
    zeros = torn + bytes(len(companion) - len(torn))
    assert sound(bytes(sealed), zeros) == CONTENT[: 3 * CHUNK]


def test_a_companion_may_be_all_there_is() -> None:
    """A call of a second, cut off before its first chunk was full, is in the companion alone."""
    sealed = bytearray()
    writer = SealWriter(sealed.extend, [KEY.recipient])
    writer.write(b"hello")
    assert sound(bytes(sealed), writer.companion()) == b"hello"


def test_an_object_that_was_whole_after_all_is_read_whole() -> None:
    """If the power went after the end was written, nothing is cut and an old companion is ignored."""
    sealed, writer = running()
    tail = writer.companion()
    writer.finish()
    reader = SealedReader(MemorySource(sealed), [KEY], truncated=True, tails=[MemorySource(tail)])
    assert reader.complete
    assert reader.read() == CONTENT


@pytest.mark.parametrize(
    ("damage", "chunks"),
    [
        (lambda sealed: sealed + bytes(5000), 3),
        (lambda sealed: sealed[: -SEALED_CHUNK - 16] + bytes(SEALED_CHUNK + 16), 1),
        (lambda sealed: sealed[:-1], 2),
        (lambda sealed: sealed[: -2 * SEALED_CHUNK] + bytes(SEALED_CHUNK) + sealed[-SEALED_CHUNK:], 1),
    ],
    ids=["zeros appended", "zeros instead of the end", "one byte short", "a torn page in the middle"],
)
def test_what_a_torn_disk_left_opens_to_its_last_sound_chunk(
    damage: Callable[[bytes], bytes], chunks: int
) -> None:
    """Chunks that do not authenticate end the object; what stands before them opens, and is all that opens in a row."""
    sealed, _ = running()
    assert sound(damage(bytes(sealed))) == CONTENT[: chunks * CHUNK]


def test_a_hole_is_reported_when_it_is_read() -> None:
    """A torn chunk in the middle of an object raises for ranges that touch it, and for no others."""
    sealed, _ = running()
    torn = bytes(sealed[: -2 * SEALED_CHUNK]) + bytes(SEALED_CHUNK) + bytes(sealed[-SEALED_CHUNK:])
    reader = SealedReader(MemorySource(torn), [KEY], truncated=True)
    assert reader.read(2 * CHUNK, 10) == CONTENT[2 * CHUNK : 2 * CHUNK + 10]
    with pytest.raises(PayloadError):
        reader.read(CHUNK + 10, 10)


def test_another_objects_companion_is_refused() -> None:
    """A companion of another object, even of the same recipient and the same place, is not appended."""
    sealed, _ = running()
    _, other = running()
    with pytest.raises(HeaderError):
        SealedReader(MemorySource(sealed), [KEY], truncated=True, tails=[MemorySource(other.companion())])


def test_a_companion_cannot_be_moved_to_another_chunk() -> None:
    """The number of the chunk in a companion's head is under its MAC."""
    sealed, writer = running()
    moved = writer.companion().replace(b"-> rejent-tail 3\n", b"-> rejent-tail 2\n")
    cut = bytes(sealed[:-SEALED_CHUNK])
    with pytest.raises(PayloadError):
        SealedReader(MemorySource(cut), [KEY])
    with pytest.raises(Exception, match="changed after it was sealed"):
        SealedReader(MemorySource(cut), [KEY], truncated=True, tails=[MemorySource(moved)])


def test_a_writer_that_failed_takes_nothing_more() -> None:
    """After the sink failed once the writer refuses everything, so that no chunk number seals two contents."""
    failures = iter([None, OSError("disk")])

    def sink(_sealed: object) -> None:
        failure = next(failures)
        if failure:
            raise failure

    writer = SealWriter(sink, [KEY.recipient])
    with pytest.raises(OSError, match="disk"):
        writer.write(bytes(CHUNK + 1))
    for act in (writer.finish, writer.companion, lambda: writer.write(b"x")):
        with pytest.raises(Exception, match="takes nothing more"):
            act()


def test_an_object_that_was_never_sealed_to_anybody_is_no_object() -> None:
    """Sealing to nobody is a mistake of the caller."""
    with pytest.raises(ValueError, match="at least one recipient"):
        seal(b"x", [])
