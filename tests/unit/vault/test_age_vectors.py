"""The age test vectors of C2SP, written by others, give the result they state.

Left out, because the features are not read: ``armored`` (text armor) and ``hybrid`` (post-quantum recipients).
"""

import hashlib
import tarfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from rejent.vault.age import Identity, MemorySource, Opener, Passphrase, SealedReader
from rejent.vault.errors import (
    HeaderError,
    HeaderForgedError,
    KeyTextError,
    NoMatchError,
    PayloadError,
    SealedObjectError,
)

ARCHIVE = Path(__file__).parents[2] / "data/age-vectors.tar.gz"
STATED = {
    "header failure": HeaderError,
    "HMAC failure": HeaderForgedError,
    "no match": NoMatchError,
    "payload failure": PayloadError,
}


@dataclass
class Vector:
    """One file of the archive: what it states and the bytes to judge."""

    name: str
    stated: dict[str, str] = field(default_factory=dict)
    openers: list[Opener] = field(default_factory=list)
    content: bytes = b""


def read_vectors() -> list[Vector]:
    """The vectors of the features we read."""
    with tarfile.open(ARCHIVE) as archive:
        members = [(member.name, archive.extractfile(member)) for member in archive if member.isfile()]
        files = {Path(name).name: file.read() for name, file in members if file}
    vectors = [
        read_vector(name, content)
        for name, content in sorted(files.items())
        if not is_left_out(name, content)
    ]
    return [vector for vector in vectors if vector]


def is_left_out(name: str, content: bytes) -> bool:
    """Whether the vector is about armor or post-quantum recipients."""
    stated = content.partition(b"\n\n")[0]
    return b"\narmored: yes" in stated or b"AGE-SECRET-KEY-PQ-" in stated or name.startswith("hybrid")


def read_vector(name: str, file: bytes) -> Vector:
    """One vector from its lines of ``key: value`` and the bytes after the empty line."""
    head, _, content = file.partition(b"\n\n")
    vector = Vector(name, content=content)
    for line in head.decode().splitlines():
        key, _, value = line.partition(": ")
        if key == "identity":
            vector.openers.append(Identity.parse(value))
        elif key == "passphrase":
            vector.openers.append(Passphrase(value))
        else:
            vector.stated[key] = value
    if vector.stated.get("compressed") == "zlib":
        vector.content = zlib.decompress(content)
    return vector


VECTORS = read_vectors()


def test_the_archive_holds_the_vectors_we_judge() -> None:
    """Reading the archive yields every vector that is neither armored nor post-quantum."""
    assert len(VECTORS) == 92


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_a_vector_gives_the_stated_result(vector: Vector) -> None:
    """A vector opens to the stated content or is refused with the stated kind of error."""
    expected = STATED.get(vector.stated["expect"])
    if expected:
        with pytest.raises(SealedObjectError) as refusal:
            SealedReader(MemorySource(vector.content), vector.openers).read()
        assert isinstance(refusal.value, expected)
    else:
        content = SealedReader(MemorySource(vector.content), vector.openers).read()
        assert hashlib.sha256(content).hexdigest() == vector.stated["payload"]


@pytest.mark.parametrize(
    "text",
    ["", "age1", "AGE-SECRET-KEY-1QQQQ", "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"],
)
def test_a_broken_key_text_is_refused(text: str) -> None:
    """A key text with a wrong checksum, length or prefix is refused, and the error does not repeat it."""
    for parse in (Identity.parse, lambda text: Identity.parse(text.upper())):
        with pytest.raises(KeyTextError) as refusal:
            parse(text)
        assert not text or text not in str(refusal.value)
