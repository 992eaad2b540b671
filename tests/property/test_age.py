"""Laws of sealed objects that hold for any content, any way of writing it and any damage."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rejent.vault.age import (
    CHUNK,
    Identity,
    MemorySource,
    Passphrase,
    SealedReader,
    SealWriter,
    rewrap,
    seal,
    unseal,
)
from rejent.vault.age.header import parse
from rejent.vault.errors import NoMatchError, SealedObjectError
from tests.examples import examples

KEY = Identity.generate()
OTHER = Identity.generate()

boundary_sizes = st.one_of(
    st.integers(0, 300),
    st.builds(lambda chunks, step: max(chunks * CHUNK + step, 0), st.integers(0, 10), st.integers(-2, 2)),
    st.integers(0, 11 * CHUNK),
)


def content_of(size: int) -> bytes:
    """Bytes in which every four are different."""
    return (b"".join(number.to_bytes(4, "big") for number in range(size // 4 + 1)))[:size]


@given(pieces=st.lists(boundary_sizes, max_size=6), kind=st.sampled_from([bytes, bytearray, memoryview]))
@settings(max_examples=examples(60))
def test_content_comes_back_however_it_was_cut(pieces: list[int], kind: type) -> None:
    """Whatever the pieces and their type, the object opens to their sum, and size and hash are those of its bytes."""
    content = content_of(sum(pieces))
    sealed = bytearray()
    writer = SealWriter(sealed.extend, [KEY.recipient])
    position = 0
    for piece in pieces:
        writer.write(kind(content[position : position + piece]))
        position += piece
        assert writer.content_size == position
        assert unseal(writer.companion(), [KEY]) == content[writer.chunks * CHUNK : position]
    writer.finish()
    assert unseal(sealed, [KEY]) == content
    together = bytearray()
    at_once = SealWriter(together.extend, [KEY.recipient])
    ends = [sum(pieces[: number + 1]) for number in range(len(pieces))]
    at_once.write_all(kind(content[end - piece : end]) for piece, end in zip(pieces, ends, strict=True))
    at_once.finish()
    assert unseal(together, [KEY]) == content
    assert writer.size == len(sealed)
    assert writer.sha256 == hashlib.sha256(sealed).digest()


LONG = content_of(7 * CHUNK + 123)
LONG_SEALED = seal(LONG, [OTHER.recipient, KEY.recipient])


class CountingSource(MemorySource):
    """Memory that adds up what was read from it."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.read_bytes = 0

    def read_at(self, offset: int, length: int) -> bytes:
        """The bytes from ``offset``."""
        self.read_bytes += length
        return super().read_at(offset, length)


@given(
    reads=st.lists(
        st.tuples(st.integers(0, len(LONG) + 10), st.integers(0, 4 * CHUNK)), min_size=1, max_size=8
    )
)
@settings(max_examples=examples(60))
def test_any_range_reads_as_the_content_does(reads: list[tuple[int, int]]) -> None:
    """Ranges read in any order equal the same ranges of the content, and cost no more than the chunks they touch."""
    source = CountingSource(LONG_SEALED)
    reader = SealedReader(source, [KEY])
    assert reader.size == len(LONG)
    for offset, length in reads:
        before = source.read_bytes
        assert reader.read(offset, length) == LONG[offset : offset + length]
        assert source.read_bytes - before <= (length // CHUNK + 2) * (CHUNK + 16)


SMALL = content_of(CHUNK + 50)
SMALL_SEALED = seal(SMALL, [KEY.recipient])


@given(place=st.integers(0, len(SMALL_SEALED) - 1), bit=st.integers(0, 7))
@settings(max_examples=examples(150))
def test_one_changed_bit_is_noticed(place: int, bit: int) -> None:
    """An object with any one bit changed is refused."""
    damaged = bytearray(SMALL_SEALED)
    damaged[place] ^= 1 << bit
    with pytest.raises(SealedObjectError):
        unseal(damaged, [KEY])


@given(length=st.integers(0, len(SMALL_SEALED) - 1))
@settings(max_examples=examples(80))
def test_a_shortened_object_is_noticed(length: int) -> None:
    """An object cut at any place is refused, and read with ``truncated`` never yields anything but its beginning."""
    cut = MemorySource(SMALL_SEALED[:length])
    with pytest.raises(SealedObjectError):
        SealedReader(cut, [KEY])
    try:
        begun = SealedReader(cut, [KEY], truncated=True).read()
    except SealedObjectError:
        begun = b""
    assert begun in (b"", SMALL[:CHUNK])


@given(noise=st.binary(max_size=400), version=st.booleans())
@settings(max_examples=examples(150))
def test_noise_is_refused_cleanly(noise: bytes, version: bool) -> None:
    """Arbitrary bytes are refused with an error of the vault, never with another."""
    with pytest.raises(SealedObjectError):
        unseal(b"age-encryption.org/v1\n" * version + noise, [KEY])


@given(size=st.integers(0, 3 * CHUNK))
@settings(max_examples=examples(20))
def test_rewrapping_moves_an_object_to_another_key(size: int) -> None:
    """After the head is replaced the new key opens the same content and the old key opens nothing."""
    sealed = seal(content_of(size), [KEY.recipient])
    header = parse(sealed)
    assert header is not None
    moved = rewrap(sealed[: header.length], [KEY], [OTHER.recipient]) + sealed[header.length :]
    assert unseal(moved, [OTHER]) == content_of(size)
    with pytest.raises(NoMatchError):
        unseal(moved, [KEY])


@given(text=st.text(min_size=1, max_size=20))
@settings(max_examples=examples(10))
def test_a_passphrase_opens_what_it_sealed(text: str) -> None:
    """Content sealed to a passphrase opens with it and with no other."""
    sealed = seal(b"content", [Passphrase(text)])
    assert unseal(sealed, [Passphrase(text)]) == b"content"
    with pytest.raises(NoMatchError):
        unseal(sealed, [Passphrase(text + "x")])


@given(private=st.binary(min_size=32, max_size=32))
@settings(max_examples=examples(30))
def test_key_texts_read_back(private: bytes) -> None:
    """The text of any key reads back as the same key, and its representation does not show it."""
    identity = Identity(private)
    assert Identity.parse(identity.text) == identity
    assert identity.text not in repr(identity)
    assert private.hex() not in repr(identity)
