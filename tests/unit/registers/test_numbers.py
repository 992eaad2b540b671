"""The shape of numbers in numbered books."""

import pytest

from rejent.registers.books.numbers import written_number, year_and_count


def test_a_number_is_mark_year_count() -> None:
    """It can stand in an address as it is, and is read back."""
    assert written_number("Z", 2026, 3) == "Z-2026-3"
    assert year_and_count("Z-2026-3") == (2026, 3)


@pytest.mark.parametrize("wrong", ["", "Z", "Z-2026", "Z-x-1", "O/1", "O/17/2025"])
def test_anything_else_is_no_number(wrong: str) -> None:
    """What has another shape is refused."""
    with pytest.raises(ValueError):
        year_and_count(wrong)
