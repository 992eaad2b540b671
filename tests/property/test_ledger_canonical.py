"""Canonical JSON: any value reads back the same, however it was written."""

import json

from hypothesis import given
from hypothesis import strategies as st

from rejent.ledger.canonical import LARGEST_INTEGER, canonical_json

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_reads_back_the_same(value):
    """A parser that takes every number as a double, as RFC 8785 does, reads the value that was written."""
    assert json.loads(canonical_json(value), parse_int=float) == value


@given(values)
def test_order_of_keys_does_not_matter(value):
    """A value read back with its keys turned round is written the same."""
    turned = json.loads(
        canonical_json(value), parse_int=float, object_pairs_hook=lambda pairs: dict(reversed(pairs))
    )
    assert canonical_json(turned) == canonical_json(value)


@given(st.dictionaries(text, st.none(), max_size=8))
def test_keys_stand_in_the_order_of_utf_16(value):
    """RFC 8785 §3.2.3: keys are sorted by their UTF-16 code units."""
    keys = list(json.loads(canonical_json(value)))
    assert keys == sorted(keys, key=lambda key: key.encode("utf-16-be"))
