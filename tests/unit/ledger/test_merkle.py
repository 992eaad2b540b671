"""The tree against published roots, against vectors written by others, and against damaged proofs."""

import base64
import json
import tarfile
from pathlib import Path

import pytest

from rejent.ledger.errors import ProofInvalidError
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

VECTORS = Path(__file__).parents[2] / "data" / "merkle-testdata.tar.gz"

# The eight leaves and roots that Certificate Transparency's implementations share.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def nodes(level, position):
    """Complete subtrees of the eight leaves, computed the long way."""
    if level == 0:
        return leaf_hash(LEAVES[position])
    return node_hash(nodes(level - 1, 2 * position), nodes(level - 1, 2 * position + 1))


@pytest.mark.parametrize("size", range(9))
def test_root_of_known_leaves(size):
    """The root of the first leaves is the published one."""
    assert RightEdge().appended(map(leaf_hash, LEAVES[:size])).root().hex() == ROOTS[size]


def test_empty_tree_has_the_hash_of_nothing():
    """RFC 9162 §2.1.1 gives the empty tree a root of its own."""
    assert RightEdge().root() == EMPTY_ROOT


@pytest.mark.parametrize("size", range(9))
def test_edge_is_packed_and_unpacked(size):
    """An edge read back from its bytes continues as the one that was written."""
    edge = edge_at(size, nodes)
    assert RightEdge.unpacked(size, edge.packed()) == edge


@pytest.mark.parametrize(("size", "packed"), [(1, b""), (3, b"x" * 32), (2, b"x" * 31), (-1, b"x" * 32)])
def test_damaged_edge_is_refused(size, packed):
    """An edge with too few hashes for its size is not taken."""
    with pytest.raises(ProofInvalidError):
        RightEdge.unpacked(size, packed)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (8, 8), (-1, 8)])
def test_no_inclusion_proof_beyond_the_tree(index, size):
    """A leaf that is not in the tree has no proof, and none is accepted for it."""
    with pytest.raises(ProofInvalidError):
        inclusion_proof(index, size, nodes)
    with pytest.raises(ProofInvalidError):
        verify_inclusion(b"\0" * 32, index, size, [], b"\0" * 32)


def test_growth_out_of_nothing_needs_no_proof_and_proves_nothing():
    """The empty tree is a prefix of all; a verifier that were asked about it would vouch for any root."""
    assert consistency_proof(0, 8, nodes) == []
    with pytest.raises(ProofInvalidError):
        verify_consistency(0, 8, EMPTY_ROOT, bytes.fromhex(ROOTS[8]), [])


@pytest.mark.parametrize(("old", "new"), [(5, 4), (-1, 4)])
def test_no_consistency_proof_backwards(old, new):
    """A tree that shrank has no consistency proof, and none is accepted for it."""
    with pytest.raises(ProofInvalidError):
        consistency_proof(old, new, nodes)
    with pytest.raises(ProofInvalidError):
        verify_consistency(old, new, EMPTY_ROOT, EMPTY_ROOT, [])


def test_every_proof_of_the_known_tree_verifies_and_no_other():
    """Each leaf and each pair of sizes verifies; the same proof for a neighbour does not."""
    roots = [bytes.fromhex(root) for root in ROOTS]
    for size in range(1, 9):
        for index in range(size):
            proof = inclusion_proof(index, size, nodes)
            verify_inclusion(leaf_hash(LEAVES[index]), index, size, proof, roots[size])
            with pytest.raises(ProofInvalidError):
                verify_inclusion(leaf_hash(b"other"), index, size, proof, roots[size])
        for old in range(1, size + 1):
            proof = consistency_proof(old, size, nodes)
            verify_consistency(old, size, roots[old], roots[size], proof)
            with pytest.raises(ProofInvalidError):
                verify_consistency(old, size, roots[old - 1], roots[size], proof)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda proof: proof[:-1],
        lambda proof: [*proof, bytes(32)],
        lambda proof: [proof[0][:31], *proof[1:]],
        lambda proof: proof[::-1],
        lambda _: [],
    ],
)
def test_spoilt_proofs_are_refused(spoil):
    """A proof that is cut, lengthened, malformed or shuffled shows nothing."""
    roots = [bytes.fromhex(root) for root in ROOTS]
    with pytest.raises(ProofInvalidError):
        verify_inclusion(leaf_hash(LEAVES[3]), 3, 7, spoil(inclusion_proof(3, 7, nodes)), roots[7])
    with pytest.raises(ProofInvalidError):
        verify_consistency(3, 7, roots[3], roots[7], spoil(consistency_proof(3, 7, nodes)))


def test_equal_sizes_need_equal_roots_and_no_proof():
    """Two states of one size are the same state, or one of them is forged."""
    root = bytes.fromhex(ROOTS[4])
    verify_consistency(4, 4, root, root, [])
    with pytest.raises(ProofInvalidError):
        verify_consistency(4, 4, root, bytes(32), [])
    with pytest.raises(ProofInvalidError):
        verify_consistency(4, 4, root, root, [bytes(32)])


def cases(kind):
    """The vectors of one kind: name and content."""
    with tarfile.open(VECTORS) as archive:
        for member in archive:
            if member.name.startswith(f"testdata/{kind}/") and member.name.endswith(".json"):
                yield pytest.param(json.load(archive.extractfile(member)), id=member.name)


def raw(text):
    """A field of a vector as bytes."""
    return base64.b64decode(text or "")


def refuses(check, *arguments):
    """Whether a verifier refuses."""
    try:
        check(*arguments)
    except ProofInvalidError:
        return True
    return False


@pytest.mark.parametrize("case", list(cases("inclusion")))
def test_inclusion_vector(case):
    """The inclusion verifier agrees with transparency-dev/merkle."""
    proof = [raw(step) for step in case["proof"] or []]
    refused = refuses(
        verify_inclusion, raw(case["leafHash"]), case["leafIdx"], case["treeSize"], proof, raw(case["root"])
    )
    assert refused == case["wantErr"]


@pytest.mark.parametrize("case", list(cases("consistency")))
def test_consistency_vector(case):
    """The consistency verifier agrees with transparency-dev/merkle."""
    proof = [raw(step) for step in case["proof"] or []]
    roots = raw(case["root1"]), raw(case["root2"])
    assert refuses(verify_consistency, case["size1"], case["size2"], *roots, proof) == case["wantErr"]
