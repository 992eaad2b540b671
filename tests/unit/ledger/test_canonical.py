"""Canonical JSON against the examples of RFC 8785."""

import struct

import pytest

from rejent.ledger.canonical import canonical_json
from rejent.ledger.errors import RecordRefusedError

# RFC 8785, appendix B: the number's 64 bits and its text.
NUMBERS = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("ffefffffffffffff", "-1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"),
    ("41b3de4355555556", "333333333.3333334"),
    ("41b3de4355555557", "333333333.33333343"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]


@pytest.mark.parametrize(("bits", "text"), NUMBERS)
def test_number_of_appendix_b(bits, text):
    """A number is written as ECMAScript would."""
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical_json(number) == text


def test_example_of_section_3_2_2():
    """The RFC's own example comes out as the RFC prints it."""
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": '€$\u000f\nA\'B"\\\\"/',
        "literals": [None, True, False],
    }
    assert canonical_json(value) == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_keys_of_section_3_2_3():
    """Keys sort by UTF-16 code units, so that a smiley stands before a Hebrew presentation form."""
    keys = ["€", "\r", "\ufb33", "1", "😀", "\u0080", "ö"]
    wanted = ["\r", "1", "\u0080", "ö", "€", "😀", "\ufb33"]
    escaped = [key.replace("\r", "\\r") for key in wanted]
    assert canonical_json(dict.fromkeys(keys)) == "{" + ",".join(f'"{key}":null' for key in escaped) + "}"


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        -float("inf"),
        2**53,
        -(2**53),
        b"bytes",
        {1: 2},
        {"a": {None: 1}},
        {1, 2},
        "\ud800",
        ["\udc00"],
    ],
)
def test_what_has_no_canonical_form_is_refused(value):
    """Values that JSON cannot carry everywhere alike are refused, at any depth."""
    with pytest.raises(RecordRefusedError):
        canonical_json({"inner": [value]})
