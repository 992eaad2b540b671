"""The fragments that a recorder of calls hands over are the clusters that a keeper finds in what it left: their tree is one."""

from datetime import UTC, datetime
from itertools import accumulate

from rejent.formats.content_tree import ContentTree, read_tree, unframed
from rejent.formats.matroska.cutting import recover
from rejent.formats.source import BytesSource
from tests.spoken_call import recorded

SECRET = bytes(32)


def test_what_is_mended_begins_with_the_fragments_that_were_taken() -> None:
    """Those that are whole in two thirds of an object; the manifest that closes it is another."""
    (kept,) = recorded("ab" * 16, datetime(2026, 3, 1, 11, tzinfo=UTC), 20)
    tree = ContentTree(SECRET)
    for each in kept.fragments:
        list(tree.fragment(each.parts, each.framed))
    cut = kept.content[: len(kept.content) * 2 // 3]
    ends = accumulate((each.size for each in kept.fragments), initial=len(kept.opening.init))
    whole = sum(end <= len(cut) for end in list(ends)[1:])
    found = recover(cut)
    mended = read_tree(SECRET, BytesSource(found.content), found.places, unframed)
    assert whole > 10
    assert mended.leaves[:-1] == tree.leaves[:whole]
