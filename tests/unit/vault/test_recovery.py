"""Objects a power cut left cut short, torn or with a companion, read and sealed anew."""

from collections.abc import Callable

import pytest

from rejent.vault.age import CHUNK, Identity, MemorySource, SealedReader, SealWriter, seal, unseal
from rejent.vault.errors import HeaderError, NoMatchError, PayloadError, TruncatedError
from rejent.vault.header import parse
from rejent.vault.payload import SEALED_CHUNK
from rejent.vault.recovery import recover, reseal_recovered

KEY = Identity.generate()
CONTENT = b"".join(number.to_bytes(4, "big") for number in range(CHUNK))[: 3 * CHUNK + 500]


def running() -> tuple[bytearray, SealWriter]:
    """An object in the middle of being written: three whole chunks and 500 bytes that are not sealed yet."""
    sealed = bytearray()
    writer = SealWriter(sealed.extend, [KEY.recipient])
    writer.write(CONTENT)
    return sealed, writer


def anew(sealed: bytes, tail: bytes | None = None) -> bytes:
    """What sealing anew gives back."""
    result = bytearray()
    made = reseal_recovered(
        MemorySource(sealed), MemorySource(tail) if tail else None, [KEY], [KEY.recipient], result.extend
    )
    content = unseal(result, [KEY])
    assert (made.size, made.content_size) == (len(result), len(content))
    return content


def test_an_object_cut_short_is_refused_unless_asked_for() -> None:
    """An object without its end is refused, and with ``truncated`` reads to its last whole chunk."""
    sealed, _ = running()
    with pytest.raises(TruncatedError):
        SealedReader(MemorySource(sealed), [KEY])
    reader = SealedReader(MemorySource(sealed), [KEY], truncated=True)
    assert not reader.complete
    assert reader.read() == CONTENT[: 3 * CHUNK]
    assert recover(MemorySource(sealed)).chunks == recover(MemorySource(sealed), [KEY]).chunks == 3


def test_a_companion_continues_the_object() -> None:
    """Read with its companion, the object has every byte that was written, across the seam too."""
    sealed, writer = running()
    reader = SealedReader(MemorySource(sealed), [KEY], truncated=True, tail=MemorySource(writer.companion()))
    assert reader.size == len(CONTENT)
    assert reader.read(3 * CHUNK - 10, 100) == CONTENT[3 * CHUNK - 10 : 3 * CHUNK + 90]
    assert reader.read() == CONTENT
    assert anew(bytes(sealed), writer.companion()) == CONTENT


def test_a_companion_may_be_all_there_is() -> None:
    """A call of a second, cut off before its first chunk was full, is in the companion alone."""
    sealed = bytearray()
    writer = SealWriter(sealed.extend, [KEY.recipient])
    writer.write(b"hello")
    assert anew(bytes(sealed), writer.companion()) == b"hello"


def test_an_object_that_was_whole_after_all_is_read_whole() -> None:
    """If the power went after the end was written, nothing is cut and an old companion is ignored."""
    sealed, writer = running()
    tail = writer.companion()
    writer.finish()
    reader = SealedReader(MemorySource(sealed), [KEY], truncated=True, tail=MemorySource(tail))
    assert reader.complete
    assert reader.read() == CONTENT
    assert recover(MemorySource(sealed), [KEY]).complete


@pytest.mark.parametrize(
    ("damage", "sound"),
    [
        (lambda sealed: sealed + bytes(5000), 3),
        (lambda sealed: sealed[: -SEALED_CHUNK - 16] + bytes(SEALED_CHUNK + 16), 1),
        (lambda sealed: sealed[:-1], 2),
        (lambda sealed: sealed[: -2 * SEALED_CHUNK] + bytes(SEALED_CHUNK) + sealed[-SEALED_CHUNK:], 1),
    ],
    ids=["zeros appended", "zeros instead of the end", "one byte short", "a torn page in the middle"],
)
def test_what_a_torn_disk_left_is_sealed_anew_to_its_last_sound_chunk(
    damage: Callable[[bytes], bytes], sound: int
) -> None:
    """Chunks that do not authenticate end the object; what stands before them is kept, and is all that is kept."""
    sealed, _ = running()
    torn = damage(bytes(sealed))
    assert recover(MemorySource(torn), [KEY]).chunks == sound
    assert anew(torn) == CONTENT[: sound * CHUNK]


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
        SealedReader(MemorySource(sealed), [KEY], truncated=True, tail=MemorySource(other.companion()))


def test_a_companion_cannot_be_moved_to_another_chunk() -> None:
    """The number of the chunk in a companion's head is under its MAC."""
    sealed, writer = running()
    moved = writer.companion().replace(b"-> rejent-tail 3\n", b"-> rejent-tail 2\n")
    cut = bytes(sealed[:-SEALED_CHUNK])
    with pytest.raises(PayloadError):
        SealedReader(MemorySource(cut), [KEY])
    with pytest.raises(Exception, match="changed after it was sealed"):
        SealedReader(MemorySource(cut), [KEY], truncated=True, tail=MemorySource(moved))


def test_sealing_anew_uses_a_new_file_key() -> None:
    """Sealing twice anew never repeats bytes, so that no chunk number is used twice under one key."""
    sealed, _ = running()
    first, second = bytearray(), bytearray()
    for result in (first, second):
        reseal_recovered(MemorySource(sealed), None, [KEY], [KEY.recipient], result.extend)
    header = parse(bytes(first))
    assert header is not None
    assert first[header.length :] != second[header.length :]
    assert len(first) == len(second)
    with pytest.raises(NoMatchError):
        reseal_recovered(MemorySource(sealed), None, [Identity.generate()], [KEY.recipient], first.extend)


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
