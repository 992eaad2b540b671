"""Reading long stretches of a sealed object into memory that is there already."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rejent.vault.age.payload import CHUNK
from rejent.vault.age.random_access import MemorySource
from rejent.vault.age.recipients import Identity
from rejent.vault.age.seal_writer import seal
from rejent.vault.age.sealed_reader import SealedReader
from rejent.vault.errors import PayloadError
from tests.examples import examples

IDENTITY = Identity.generate()
CONTENT = bytes(number * 7919 % 251 for number in range(CHUNK // 8)) * 29
SEALED = seal(CONTENT, [IDENTITY.recipient])


@given(st.integers(0, len(CONTENT)), st.integers(0, len(CONTENT)))
@settings(max_examples=examples(150))
def test_any_stretch_is_what_was_sealed(one: int, other: int) -> None:
    """Whatever chunks a stretch touches, the target holds the content."""
    start, end = sorted((one, other))
    target = bytearray(end - start)
    SealedReader(MemorySource(SEALED), [IDENTITY]).read_into(target, start)
    assert target == CONTENT[start:end]


def test_a_target_beyond_the_end_is_refused() -> None:
    """Nothing is filled with zeros silently."""
    reader = SealedReader(MemorySource(SEALED), [IDENTITY])
    with pytest.raises(ValueError, match="ends before"):
        reader.read_into(bytearray(2), len(CONTENT) - 1)


def test_a_damaged_chunk_is_told() -> None:
    """A changed bit in a chunk that is read is an error."""
    damaged = bytearray(SEALED)
    damaged[len(SEALED) // 2] ^= 1
    with pytest.raises(PayloadError):
        SealedReader(MemorySource(damaged), [IDENTITY]).read_into(bytearray(len(CONTENT)))
