"""Recovery of the objects that a power cut or ``kill -9`` leaves unfinished.

A recorder holds no private key: it makes the unfinished object visible as it is, books it as cut short, and drops an
outdated companion. A keeper, who holds keys, later seals it anew (`rejent.retention.rounds.mending`).
"""

import hashlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from rejent.vault.age.header import Header
from rejent.vault.age.payload import NONCE_LENGTH, SEALED_CHUNK, tail_chunk
from rejent.vault.age.random_access import RandomAccess
from rejent.vault.age.sealed_reader import companions, read_header
from rejent.vault.errors import HeaderError
from rejent.vault.store.object_store import Leftover, ObjectStore


@dataclass(frozen=True, slots=True)
class Recovered:
    """An unfinished object made visible as it is: sealed size, digests of all and of its head, and whether a companion (``tail``) continues it.

    ``chunks`` counts whole chunks by length; they are unverified until a keeper seals the object anew.
    """

    name: str
    size: int
    sha256: bytes
    head_sha256: bytes
    chunks: int
    tail: bool


def recover_unfinished(
    store: ObjectStore, name: str, is_kept: Callable[[int, bool], bool] = lambda _chunks, _tail: True
) -> Recovered | None:
    """Make an unfinished object of a killed recorder visible, or discard it if empty; needs no key and may be repeated.

    ``is_kept`` says of so many whole chunks, and whether a companion continues them, that they hold something worth keeping.

    Raises ObjectExistsError: another object has that name; StorageError: the store failed.
    """
    with store.open_unfinished(name) as part:
        try:
            head, header = read_header(part)
        except HeaderError:
            head, header = b"", None
        chunks = _whole_chunks(part, header) if header else 0
        size = part.size
        sha256 = _hash(part)
    start = header.length + NONCE_LENGTH if header else size + 1
    tail = _fitting_tail(store, name, chunks, begun=size >= start)
    if size < start or (size == start and not tail) or not is_kept(chunks, tail):
        store.discard(name, Leftover.PART)
        store.remove_companions(name)
        return None
    store.recover(name)
    return Recovered(name, size, sha256, hashlib.sha256(head).digest(), chunks, tail)


def _whole_chunks(source: RandomAccess, header: Header) -> int:
    return max(source.size - header.length - NONCE_LENGTH, 0) // SEALED_CHUNK


def _fitting_tail(store: ObjectStore, name: str, chunks: int, *, begun: bool) -> bool:
    """Return True if one of the last two companions continues the object, as far as their heads show; remove them otherwise."""
    with ExitStack() as opened:
        tails = [opened.enter_context(tail) for tail in store.open_companions(name)]
        fits = begun and any(tail_chunk(header) == chunks for _, header in companions(tails))
    if tails and not fits:
        store.remove_companions(name)
    return fits


def _hash(source: RandomAccess) -> bytes:
    digest = hashlib.sha256()
    for offset in range(0, source.size, 1 << 20):
        digest.update(source.read_at(offset, 1 << 20))
    return digest.digest()
