"""Trees over fragments of any shape, against the definition of RFC 9162 §2.1.1; what leads from some of them to the root, and what does not."""

import hmac
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejent.formats.content_tree import (
    ContentTree,
    leaf_of,
    others_of,
    read_tree,
    root_from,
    root_of,
    salt_of,
)
from rejent.formats.errors import ContentError
from rejent.formats.fragment_index import Fragment, FragmentPlace
from rejent.formats.source import BytesSource

SECRET = bytes(range(32))
pieces = st.lists(st.binary(max_size=9), min_size=1, max_size=4)
leaves = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40)


@st.composite
def recordings(draw):
    """Return what precedes the first fragment, and fragments in several parts, some of whose bytes are frame."""
    head, fragments = draw(st.binary(max_size=9)), []
    for parts in draw(st.lists(pieces, min_size=1, max_size=9)):
        parts[0] += b"x"
        framed = draw(st.integers(0, sum(map(len, parts))))
        fragments.append(Fragment(parts, 0, 1, 1, key=True, framed=framed))
    return head, fragments


def defined_root(hashes):
    """MTH of RFC 9162 §2.1.1, as it is written there."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256(b"").digest()
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return sha256(b"\x01" + defined_root(hashes[:split]) + defined_root(hashes[split:])).digest()


def written(head, fragments):
    """Return the tree of a recording that was taken in order, and the recording."""
    tree = ContentTree(SECRET)
    content = tree.frame(head) + b"".join(
        part for each in fragments for part in tree.fragment(each.parts, each.framed)
    )
    return tree, content


def places_of(head, fragments):
    """Return where the fragments of a recording lie."""
    found, offset = [], len(head)
    for each in fragments:
        found.append(FragmentPlace(0, 1, 1, key=True, offset=offset, length=each.size))
        offset += each.size
    return found


@given(recordings())
def test_the_tree_is_the_defined_one_over_salted_contents_and_a_frame_of_all_else(recording):
    """By HMAC, SHA-256 and the definition alone."""
    head, fragments = recording
    whole = written(head, fragments)[0].whole()
    bodies = [b"".join(each.parts)[each.framed :] for each in fragments]
    frame = head + b"".join(b"".join(each.parts)[: each.framed] for each in fragments)
    salts = [hmac.digest(SECRET, number.to_bytes(8, "big"), "sha256") for number in range(len(bodies))]
    hashes = [sha256(b"\x00" + salt + body).digest() for salt, body in zip(salts, bodies, strict=True)]
    assert (whole.fragments, whole.root) == (len(fragments), defined_root(hashes))
    assert whole.frame == sha256(b"\x00" + hmac.digest(SECRET, b"frame", "sha256") + frame).digest()
    assert [leaf_of(salt_of(SECRET, number), body) for number, body in enumerate(bodies)] == hashes


@given(recordings(), st.binary(max_size=5), st.data())
def test_what_is_read_back_has_the_tree_it_was_written_with_and_no_other(recording, behind, data):
    """Any changed bit, of a fragment or of the frame, is another whole."""
    head, fragments = recording
    tree, content = written(head, fragments)
    tree.frame(behind)
    content += behind
    framed = {
        place.offset: each.framed for place, each in zip(places_of(head, fragments), fragments, strict=True)
    }

    def read(stored):
        places = places_of(head, fragments)
        return read_tree(SECRET, BytesSource(stored), places, lambda _, place: framed[place.offset]).whole()

    assert read(content) == tree.whole()
    at = data.draw(st.integers(0, len(content) - 1))
    assert read(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]) != tree.whole()


def test_a_recording_shorter_than_its_index_is_none():
    """What the index says is there must be there."""
    place = FragmentPlace(0, 1, 1, key=True, offset=1, length=4)
    with pytest.raises(ContentError, match="shorter than its index"):
        read_tree(SECRET, BytesSource(b"head"), [place], lambda *_: 0)


@given(leaves, st.data())
def test_any_leaves_lead_to_the_root_with_the_others_and_to_no_other_root(hashes, data):
    """Neither with others too many, too few or torn, nor with an altered leaf."""
    places = st.lists(st.sampled_from(range(len(hashes))), min_size=1, unique=True)
    known = sorted(data.draw(places))
    others = others_of(hashes, known)
    told = {place: hashes[place] for place in known}
    assert root_from(len(hashes), told, others) == root_of(hashes) == defined_root(hashes)
    assert root_from(len(hashes), told, [*others, bytes(32)]) is None
    if others:
        assert root_from(len(hashes), told, others[:-1]) is None
        assert root_from(len(hashes), told, [*others[:-1], b"short"]) is None
    altered = data.draw(st.sampled_from(known))
    assert root_from(len(hashes), told | {altered: bytes(32)}, others) != root_of(
        [b"other" + bytes(27), *hashes]
    )
    if hashes[altered] != bytes(32):
        assert root_from(len(hashes), told | {altered: bytes(32)}, others) != root_of(hashes)


@given(leaves, st.data())
def test_a_leaf_that_is_left_out_is_found(hashes, data):
    """With the others of all, a tree of fewer leaves, or one without a known leaf, does not lead to the root."""
    known = list(range(len(hashes)))
    out = data.draw(st.sampled_from(known))
    told = {place: hashes[place] for place in known if place != out}
    closed = dict(enumerate(hashes[:out] + hashes[out + 1 :]))
    assert root_from(len(hashes), told, []) is None
    if closed:
        assert root_from(len(closed), closed, []) != root_of(hashes)


@pytest.mark.parametrize("told", [{}, {-1: bytes(32)}, {3: bytes(32)}])
def test_leaves_of_no_place_in_the_tree_lead_nowhere(told):
    """Nor does none at all."""
    assert root_from(3, told, [bytes(32)]) is None


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=9))
def test_the_first_fragments_alone_are_bound_without_a_frame(secret, content):
    """What was cut short has no frame; alike fragments have leaves of their own."""
    tree = ContentTree(secret)
    for _ in range(5):
        list(tree.fragment((content,)))
    begun = tree.begun(3)
    assert begun.facts() == {"fragments": 3, "content_root": root_of(tree.leaves[:3]).hex()}
    assert len(set(tree.leaves)) == 5  # one content, five salts
