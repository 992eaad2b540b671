"""What a power cut or ``kill -9`` leaves, and how it becomes a proper object again.

A recorder holds no private key: it makes the unfinished object visible as it is, books it as cut short, and drops a
companion that is out of date. A keeper, who holds keys, later seals it anew: content up to the last sound chunk, the
companion's content after it, and a proper end. The new object has a file key of its own, because a chunk number of the
old one may have been used for content that was lost.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from rejent.vault.errors import HeaderError, PayloadError
from rejent.vault.header import Header
from rejent.vault.opening import SealedReader, read_header
from rejent.vault.payload import CHUNK, NONCE_LENGTH, SEALED_CHUNK
from rejent.vault.recipients import Opener, Sealer
from rejent.vault.sealing import SealWriter, Sink
from rejent.vault.source import RandomAccess
from rejent.vault.store.port import Leftover, ObjectStore
from rejent.vault.tail import tail_chunk

_PIECE = 16 * CHUNK


@dataclass(frozen=True, slots=True)
class Recoverable:
    """How much of an object that was cut short is there.

    Attributes:
        chunks: whole chunks; only those that authenticate, where a key was at hand.
        content_size: bytes of content in them.
        complete: whether the object has its proper end; never known without a key.
    """

    chunks: int
    content_size: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Recovered:
    """An unfinished object made visible as it is, cut short.

    Attributes:
        name: its name in the store.
        size: sealed bytes.
        sha256: of the sealed bytes.
        chunks: whole chunks by length; unverified until a keeper seals the object anew.
        tail: whether a companion continues it.
    """

    name: str
    size: int
    sha256: bytes
    chunks: int
    tail: bool


@dataclass(frozen=True, slots=True)
class Resealed:
    """A proper object made from one that was cut short: sealed size, SHA-256 of the sealed bytes, content size."""

    size: int
    sha256: bytes
    content_size: int


def recover(source: RandomAccess, identities: Sequence[Opener] | None = None) -> Recoverable:
    """How much of an object is there: by length alone, or, with keys, by opening every chunk.

    Raises:
        HeaderError: not even the head is whole.
        NoMatchError: keys were given and none fits.
    """
    if identities is None:
        _, header = read_header(source)
        chunks = _whole_chunks(source, header)
        return Recoverable(chunks, chunks * CHUNK, complete=False)
    reader = SealedReader(source, identities, truncated=True)
    sound = 0
    while sound < reader.size:
        try:
            sound += len(reader.read(sound, CHUNK))
        except PayloadError:
            break
    return Recoverable(-(-sound // CHUNK), sound, complete=reader.complete and sound == reader.size)


def recover_unfinished(store: ObjectStore, name: str) -> Recovered | None:
    """Make an unfinished object of a killed recorder visible, or discard it if it holds no content at all.

    Safe to repeat after a crash at any point. Needs no key.

    Raises:
        ObjectExistsError: another object has that name.
        StorageError: the store failed.
    """
    with store.open_unfinished(name) as part:
        try:
            _, header = read_header(part)
        except HeaderError:
            header = None
        chunks = _whole_chunks(part, header) if header else 0
        size = part.size
        sha256 = _hash(part)
    start = header.length + NONCE_LENGTH if header else size + 1
    tail = _fitting_tail(store, name, chunks, begun=size >= start)
    if size < start or (size == start and not tail):
        store.discard(name, Leftover.PART)
        return None
    store.recover(name)
    return Recovered(name, size, sha256, chunks, tail)


def reseal_recovered(
    source: RandomAccess,
    tail: RandomAccess | None,
    identities: Sequence[Opener],
    recipients: Sequence[Sealer],
    sink: Sink,
) -> Resealed:
    """Seal what is sound of an object that was cut short, and its companion's content, as a new, proper object.

    Raises:
        HeaderError: not even the head is whole.
        NoMatchError: no key fits.
    """
    reader = SealedReader(source, identities, truncated=True, tail=tail)
    writer = SealWriter(sink, recipients)
    position = 0
    while position < reader.size:
        try:
            content = reader.read(position, _PIECE)
        except PayloadError:
            content = _sound_beginning(reader, position)
            writer.write(content)
            break
        writer.write(content)
        position += len(content)
    content_size = writer.content_size
    writer.finish()
    return Resealed(writer.size, writer.sha256, content_size)


def _sound_beginning(reader: SealedReader, position: int) -> bytes:
    sound = bytearray()
    try:
        while piece := reader.read(position + len(sound), CHUNK):
            sound += piece
    except PayloadError:
        pass
    return bytes(sound)


def _whole_chunks(source: RandomAccess, header: Header) -> int:
    return max(source.size - header.length - NONCE_LENGTH, 0) // SEALED_CHUNK


def _fitting_tail(store: ObjectStore, name: str, chunks: int, *, begun: bool) -> bool:
    """Whether a companion continues the object; one that does not is removed."""
    tail = store.open_tail(name)
    if tail is None:
        return False
    with tail:
        try:
            fits = begun and tail_chunk(read_header(tail)[1]) == chunks
        except HeaderError:
            fits = False
    if not fits:
        store.remove_tail(name)
    return fits


def _hash(source: RandomAccess) -> bytes:
    digest = hashlib.sha256()
    for offset in range(0, source.size, 1 << 20):
        digest.update(source.read_at(offset, 1 << 20))
    return digest.digest()
