"""The Merkle tree of RFC 6962 and RFC 9162 over SHA-256: hashing, appending, proving, verifying.

A tree is never held whole. Appending needs only its right edge (`RightEdge`); proofs are made from a `NodeSource`, which
returns the hash of any complete subtree.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from rejent.ledger.errors import ProofInvalidError

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
"""Root of the empty tree: the hash of an empty string (RFC 9162 §2.1.1)."""

NodeSource = Callable[[int, int], bytes]
"""``(level, position)`` → hash of leaves ``[position << level, (position + 1) << level)``, all of them present."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash a leaf, with a zero byte in front (RFC 9162 §2.1.1)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash a node, with a one byte in front (RFC 9162 §2.1.1)."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class RightEdge:
    """All that is needed to append to a tree: the roots of its complete subtrees, largest first, one for each bit set in ``size``."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def appended(self, leaves: Iterable[bytes]) -> "RightEdge":
        """Return the edge after these leaf hashes."""
        size, stack = self.size, list(self.hashes)
        for leaf in leaves:
            node, carry = leaf, size
            while carry & 1:
                node = sha256(b"\x01" + stack.pop() + node).digest()
                carry >>= 1
            stack.append(node)
            size += 1
        return RightEdge(size, tuple(stack))

    def root(self) -> bytes:
        """Return the root hash of the tree."""
        return _folded(self.hashes)

    def packed(self) -> bytes:
        """Return the hashes one after another."""
        return b"".join(self.hashes)

    @classmethod
    def unpacked(cls, size: int, packed: bytes) -> "RightEdge":
        """Return the edge from its size and its packed hashes. Raises `ProofInvalidError`: not as many as the size demands."""
        if size < 0 or len(packed) != HASH_BYTES * size.bit_count():
            raise ProofInvalidError("The right edge of a tree of {size} leaves is damaged.", size=size)
        return cls(size, tuple(packed[at : at + HASH_BYTES] for at in range(0, len(packed), HASH_BYTES)))


def edge_at(size: int, nodes: NodeSource) -> RightEdge:
    """Return the right edge of the tree's first ``size`` leaves."""
    return RightEdge(size, tuple(nodes(level, position) for level, position in _complete(0, size)))


def inclusion_proof(index: int, size: int, nodes: NodeSource) -> list[bytes]:
    """Return the path from the leaf's sibling up to the root's child (RFC 9162 §2.1.3.1). Raises `ProofInvalidError`."""
    if not 0 <= index < size:
        raise ProofInvalidError("There is no entry {index} in a ledger of {size}.", index=index, size=size)
    path: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(_subtree(middle, end, nodes))
            end = middle
        else:
            path.append(_subtree(begin, middle, nodes))
            begin = middle
    return path[::-1]


def consistency_proof(old: int, new: int, nodes: NodeSource) -> list[bytes]:
    """Return the proof that the tree of ``old`` leaves is a prefix of that of ``new`` leaves (RFC 9162 §2.1.4.1).

    It is empty where ``old`` is 0 or the same as ``new``. Raises `ProofInvalidError`: ``old`` is larger, or negative.
    """
    if not 0 <= old <= new:
        raise ProofInvalidError("A ledger cannot grow from {old} to {new} entries.", old=old, new=new)
    if old in {0, new}:
        return []
    path: list[bytes] = []
    begin, end, whole = 0, new, True
    while old != end:
        middle = begin + _split(end - begin)
        if old <= middle:
            path.append(_subtree(middle, end, nodes))
            end = middle
        else:
            path.append(_subtree(begin, middle, nodes))
            begin, whole = middle, False
    if not whole:
        path.append(_subtree(begin, end, nodes))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Verify that a leaf hash is at ``index`` of the tree with this root (RFC 9162 §2.1.3.2). Raises `ProofInvalidError`."""
    if not 0 <= index < size:
        raise ProofInvalidError("There is no entry {index} in a ledger of {size}.", index=index, size=size)
    _check_lengths(leaf, root, *proof)
    computed = leaf
    for sibling, on_left in _climbed(index, size - 1, proof):
        computed = node_hash(sibling, computed) if on_left else node_hash(computed, sibling)
    if computed != root:
        raise ProofInvalidError("The proof does not show that the entry is in the ledger.")


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Verify that the tree with the old root is a prefix of the tree with the new root (RFC 9162 §2.1.4.2).

    Raises `ProofInvalidError` if it is not shown to be, or the old tree is empty, about which nothing can be shown.
    """
    if not 0 < old <= new:
        raise ProofInvalidError("A ledger cannot grow from {old} to {new} entries.", old=old, new=new)
    if old == new:
        if proof or old_root != new_root:
            raise ProofInvalidError("Two states of the ledger of {size} entries differ.", size=old)
        return
    _check_lengths(old_root, new_root, *proof)
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        raise ProofInvalidError("The consistency proof is empty.")
    whole = (old & -old).bit_length() - 1  # levels below the old tree's smallest complete subtree
    older = newer = path[0]
    for step, on_left in _climbed((old - 1) >> whole, (new - 1) >> whole, path[1:]):
        if on_left:
            older, newer = node_hash(step, older), node_hash(step, newer)
        else:
            newer = node_hash(newer, step)
    if older != old_root or newer != new_root:
        raise ProofInvalidError(
            "The ledger of {new} entries is no growth of that of {old}.", old=old, new=new
        )


def _check_lengths(*hashes: bytes) -> None:
    if any(len(one) != HASH_BYTES for one in hashes):
        raise ProofInvalidError("A hash of the proof has the wrong length.")


def _climbed(node: int, last: int, proof: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield each hash of a proof and whether it stands left of the path, from ``node`` up to the root.

    ``last`` is the rightmost node of the level. RFC 9162 §2.1.3.2 and §2.1.4.2 share this loop.
    """
    for step in proof:
        if last == 0:
            raise ProofInvalidError("The proof is too long.")
        on_left = bool(node & 1) or node == last
        yield step, on_left
        while on_left and node and not node & 1:
            node, last = node >> 1, last >> 1
        node, last = node >> 1, last >> 1
    if last:
        raise ProofInvalidError("The proof is too short.")


def _split(width: int) -> int:
    return 1 << (width - 1).bit_length() - 1


def _subtree(begin: int, end: int, nodes: NodeSource) -> bytes:
    return _folded([nodes(level, position) for level, position in _complete(begin, end)])


def _complete(begin: int, end: int) -> list[tuple[int, int]]:
    """Return the complete subtrees of leaves ``[begin, end)``, largest first; ``begin`` is aligned to the first of them."""
    found = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        found.append((level, begin >> level))
        begin += 1 << level
    return found


def _folded(hashes: Sequence[bytes]) -> bytes:
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root
