"""A signature drawn on a screen is read strictly and drawn the same each time."""

import json

import pytest

from rejent.documents.strokes import drawing, read_strokes
from rejent.kernel.errors import InputRefusedError

DRAWN = [[[20, 150], [300, 60]], [[900, 140]]]


def test_strokes_become_a_drawing() -> None:
    """Numbers alone come into the drawing; a dot is a stroke that goes nowhere."""
    strokes = read_strokes(json.dumps(DRAWN))
    assert drawing(strokes) == drawing(read_strokes(json.dumps(DRAWN)))
    assert 'd="M20 150 L300 60 L300 60 M900 140 L900 140"' in drawing(strokes)
    assert read_strokes("") == ()


@pytest.mark.parametrize(
    "written",
    [
        "x", "{}", "7", "[[]]", "[[[1,1]]]", "[[[1,2,3],[4,5]]]", '[[["1",2],[300,2]]]', "[[[true,2],[300,2]]]",
        "[[[-1,2],[300,2]]]", "[[[1,301],[300,2]]]", "[[[1e3,2],[3,2]]]", "[[[NaN,2],[300,2]]]", "[" * 9000,
        json.dumps([[[0, 0], [900, 200]]] * 101), json.dumps([[[0, 0], [9, 9]] * 2001]),
    ],
)  # fmt: skip
def test_what_is_no_signature(written: str) -> None:
    """One clear line, whatever is sent."""
    with pytest.raises(InputRefusedError, match=r"cannot be read|too short"):
        read_strokes(written)
