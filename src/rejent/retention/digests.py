"""Digests of sealed objects as they lie in the store."""

import hashlib
from collections.abc import Iterable

from rejent.vault.source import RandomAccess

_PIECE = 1 << 20


def digest_of(sealed: RandomAccess, *, head: bytes = b"", instead_of: int = 0) -> bytes:
    """SHA-256 of the object's bytes, or of what they were with ``head`` in the place of the first ``instead_of`` bytes."""
    digest = hashlib.sha256(head)
    for offset in range(instead_of, sealed.size, _PIECE):
        digest.update(sealed.read_at(offset, min(_PIECE, sealed.size - offset)))
    return digest.digest()


def digest_of_digests(digests: Iterable[str]) -> str:
    """One digest over many, hexadecimal, in the order given: what a destruction proves of the objects it removed."""
    whole = hashlib.sha256()
    for digest in digests:
        whole.update(bytes.fromhex(digest))
    return whole.hexdigest()
