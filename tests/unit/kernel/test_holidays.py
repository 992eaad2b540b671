"""The table of holidays and its versions."""

from datetime import date

import pytest

from rejent.kernel.holidays import POLAND, HolidaysUnknownError, easter, table


def test_christmas_eve_is_free_from_2025():
    """24 December 2024 was a working day, 24 December 2025 is not."""
    assert POLAND.free_day_name(date(2024, 12, 24)) is None
    assert POLAND.free_day_name(date(2025, 12, 24)) == "Christmas Eve"


def test_a_stored_version_still_gives_what_it_gave():
    """A deadline pinned to the older table is recomputed without the holiday added later."""
    assert table("PL-2011-01-01").free_day_name(date(2025, 12, 24)) is None
    assert table(POLAND.version) is POLAND


def test_a_holiday_on_a_sunday_is_named_by_the_holiday():
    """3 May 2026 is a Sunday; the reason given is the holiday."""
    assert POLAND.free_day_name(date(2026, 5, 3)) == "3 May, a public holiday"


def test_saturdays_and_sundays_are_free():
    """Saturdays and Sundays are free and a Monday is not."""
    assert POLAND.free_day_name(date(2026, 11, 21)) == "Saturday"
    assert POLAND.free_day_name(date(2026, 11, 22)) == "Sunday"
    assert POLAND.free_day_name(date(2026, 11, 23)) is None


def test_years_and_versions_outside_the_tables_are_refused():
    """Nobody gets a guess for 1999 or for a version never shipped."""
    with pytest.raises(HolidaysUnknownError):
        POLAND.free_day_name(date(1999, 5, 3))
    with pytest.raises(HolidaysUnknownError):
        table("PL-1951")


def test_the_earliest_and_latest_possible_easters():
    """Easter of 1818 fell on 22 March and that of 2038 falls on 25 April, the two extremes."""
    assert easter(1818) == date(1818, 3, 22)
    assert easter(2038) == date(2038, 4, 25)
