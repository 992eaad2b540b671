"""Trees of any shape against pymerkle, against the definition of RFC 9162, and against tiles."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from rejent.ledger.errors import ProofInvalidError
from rejent.ledger.log import tile_nodes, tile_width
from rejent.ledger.merkle import (
    EMPTY_ROOT,
    RightEdge,
    consistency_proof,
    edge_at,
    inclusion_proof,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

entries = st.lists(st.binary(max_size=12), min_size=1, max_size=70)


def defined_root(hashes):
    """MTH of RFC 9162 §2.1.1, as it is written there."""
    if len(hashes) < 2:
        return hashes[0] if hashes else EMPTY_ROOT
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return node_hash(defined_root(hashes[:split]), defined_root(hashes[split:]))


def plain_nodes(hashes):
    """A node source over leaf hashes in memory."""
    return lambda level, position: defined_root(hashes[position << level : (position + 1) << level])


def tile_source(hashes):
    """A tile source over leaf hashes in memory, after the definition in tlog-tiles."""

    def read(level, number, width):
        assert width == tile_width(level, number, len(hashes))
        span = 256**level
        starts = range(number * 256 * span, number * 256 * span + width * span, span)
        return b"".join(defined_root(hashes[start : start + span]) for start in starts)

    return read


@given(entries)
def test_root_is_that_of_an_independent_implementation(leaves):
    """Appending gives the root that pymerkle computes."""
    oracle = InmemoryTree(algorithm="sha256")
    for leaf in leaves:
        oracle.append_entry(leaf)
    assert RightEdge().appended(map(leaf_hash, leaves)).root() == oracle.get_root(len(leaves))


@given(entries, st.data())
def test_appending_in_parts_is_appending_at_once(leaves, data):
    """However leaves are cut into batches, the edge is the same, and it is the edge that nodes give."""
    hashes = [leaf_hash(leaf) for leaf in leaves]
    cuts = sorted({0, len(hashes), *data.draw(st.lists(st.integers(0, len(hashes)), max_size=6))})
    edge = RightEdge()
    for begin, end in pairwise(cuts):
        edge = edge.appended(hashes[begin:end])
    assert edge == edge_at(len(hashes), plain_nodes(hashes))
    assert edge.root() == defined_root(hashes)


@given(entries, st.data())
def test_inclusion_verifies_and_any_changed_bit_does_not(leaves, data):
    """A proof shows its leaf; with one bit changed anywhere it shows nothing."""
    hashes = [leaf_hash(leaf) for leaf in leaves]
    index = data.draw(st.integers(0, len(hashes) - 1))
    proof = inclusion_proof(index, len(hashes), plain_nodes(hashes))
    verify_inclusion(hashes[index], index, len(hashes), proof, defined_root(hashes))
    changed = [hashes[index], *proof]
    place = data.draw(st.integers(0, len(changed) - 1))
    changed[place] = bytes([changed[place][0] ^ 1 << data.draw(st.integers(0, 7))]) + changed[place][1:]
    with pytest.raises(ProofInvalidError):
        verify_inclusion(changed[0], index, len(hashes), changed[1:], defined_root(hashes))


@given(entries, st.data())
def test_consistency_verifies_and_a_rewritten_past_does_not(leaves, data):
    """Growth verifies; growth of a tree with one entry changed does not."""
    hashes = [leaf_hash(leaf) for leaf in leaves]
    old = data.draw(st.integers(1, len(hashes)))
    proof = consistency_proof(old, len(hashes), plain_nodes(hashes))
    verify_consistency(old, len(hashes), defined_root(hashes[:old]), defined_root(hashes), proof)
    place = data.draw(st.integers(0, old - 1))
    rewritten = [*hashes[:place], leaf_hash(b"rewritten" + hashes[place]), *hashes[place + 1 :]]
    forged = consistency_proof(old, len(hashes), plain_nodes(rewritten))
    with pytest.raises(ProofInvalidError):
        verify_consistency(old, len(hashes), defined_root(hashes[:old]), defined_root(rewritten), forged)


@given(st.integers(1, 1100), st.data())
def test_tiles_answer_as_the_whole_tree(size, data):
    """Proofs read from tiles are those of the whole tree, over tile borders too."""
    hashes = [leaf_hash(number.to_bytes(4, "big")) for number in range(size)]
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    tiled, plain = tile_nodes(size, tile_source(hashes)), plain_nodes(hashes)
    assert inclusion_proof(index, size, tiled) == inclusion_proof(index, size, plain)
    assert consistency_proof(old, size, tiled) == consistency_proof(old, size, plain)
