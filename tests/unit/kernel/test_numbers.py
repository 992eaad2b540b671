"""Numbers from outside are ASCII digits within bounds, or none at all."""

import pytest

from rejent.kernel.numbers import read_decimal, read_number


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("255", 255), ("007", 7), ("000", 0), (b"12", 12), ("0" * 5_000 + "7", 7)],
)
def test_digits_are_a_number(text, number):
    """ASCII digits are the number that they write, whatever zeros stand before it."""
    assert read_number(text, most=255) == number


@pytest.mark.parametrize(
    "text",
    [
        "", " 1", "1 ", "1\n", "+1", "-1", "1_0", "1.0", "0x1", "²", "١", "１", "256", "9" * 4_301, b"\xb2", b"1\x00",
        "0" * 1_000_000 + "x",
    ],
)  # fmt: skip
def test_what_is_no_number_within_the_bounds_is_none(text):
    """Signs, blanks, underscores, other scripts and thousands of digits are no number, and none of them raises."""
    assert read_number(text, most=255) is None


def test_a_number_below_the_least_is_none():
    """A port of 0 is no port."""
    assert read_number("0", least=1, most=65_535) is None


def test_hexadecimal_digits_are_read_without_a_prefix():
    """Sizes of chunks and character references are hexadecimal, within the same bounds."""
    assert [read_number(text, most=0xFFFF, base=16) for text in ("1f", "FFFF", "10000", "0x1", "-1", "f" * 9_000)] == [
        31, 65_535, None, None, None, None,
    ]  # fmt: skip


def test_a_decimal_fraction_is_read_as_it_is_written():
    """Whole numbers and fractions are read."""
    assert [read_decimal(text, most=100.0) for text in ("12", "0.5", b"7.25", "100")] == [
        12.0,
        0.5,
        7.25,
        100.0,
    ]


@pytest.mark.parametrize(
    "text", ["nan", "inf", "1e2", "-1", ".5", "5.", "1_0.0", "1,5", "101", "١.٢", "1" * 400, "0." + "1" * 400],
)  # fmt: skip
def test_what_is_no_fraction_within_the_bounds_is_none(text):
    """Infinity, no number, exponents, signs and lengths that nobody writes are none."""
    assert read_decimal(text, most=100.0) is None
