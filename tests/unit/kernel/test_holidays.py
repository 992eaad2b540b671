"""The table of holidays."""

from datetime import date

import pytest

from rejent.kernel.holidays import HolidaysUnknownError, easter, is_free


def test_christmas_eve_is_free_from_2025():
    """24 December 2024 was a working day, 24 December 2025 is not."""
    assert not is_free(date(2024, 12, 24))
    assert is_free(date(2025, 12, 24))


def test_saturdays_and_sundays_are_free():
    """Saturdays and Sundays are free and a Monday is not."""
    assert is_free(date(2026, 11, 21))
    assert is_free(date(2026, 11, 22))
    assert not is_free(date(2026, 11, 23))


def test_years_before_the_table_are_refused():
    """Nobody gets a guess for 1999."""
    with pytest.raises(HolidaysUnknownError):
        is_free(date(1999, 5, 3))


def test_the_earliest_and_latest_possible_easters():
    """Easter of 1818 fell on 22 March and that of 2038 falls on 25 April, the two extremes."""
    assert easter(1818) == date(1818, 3, 22)
    assert easter(2038) == date(2038, 4, 25)
