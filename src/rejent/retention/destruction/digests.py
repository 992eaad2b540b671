"""Digests of sealed objects as they lie in the store."""

import hashlib
from collections.abc import Iterable

from rejent.catalog.views import SegmentView
from rejent.retention.models import Survivor
from rejent.vault.age.random_access import RandomAccess
from rejent.vault.errors import ObjectMissingError
from rejent.vault.store.object_store import ObjectStore

_PIECE = 1 << 20


def digest_of(sealed: RandomAccess, *, head: bytes = b"", instead_of: int = 0) -> bytes:
    """SHA-256 of the object's bytes, or of what they were with ``head`` in the place of the first ``instead_of`` bytes."""
    digest = hashlib.sha256(head)
    for offset in range(instead_of, sealed.size, _PIECE):
        digest.update(sealed.read_at(offset, min(_PIECE, sealed.size - offset)))
    return digest.digest()


def is_as_booked(store: ObjectStore, segment: SegmentView, kept: Survivor | None) -> bool:
    """Whether the object of a segment is byte by byte the one that was booked; whoever knows a public half can seal another.

    Args:
        store: where it lies.
        segment: whose object.
        kept: what is known of its keeping: a head may have been put before it that is not booked yet.
    """
    before, after = (bytes(kept.header_before), bytes(kept.header_after)) if kept else (b"", b"")
    try:
        with store.open(segment.object_name) as sealed:
            if after and sealed.read_at(0, len(after)) == after:
                return digest_of(sealed, head=before, instead_of=len(after)).hex() == segment.sha256
            return digest_of(sealed).hex() == segment.sha256
    except ObjectMissingError:
        return False


def digest_of_digests(digests: Iterable[str]) -> str:
    """One digest over many, hexadecimal, in the order given: what a destruction proves of the objects it removed."""
    whole = hashlib.sha256()
    for digest in digests:
        whole.update(bytes.fromhex(digest))
    return whole.hexdigest()
