"""The axis of one civil date on ordinary days and on the two nights when clocks change."""

from datetime import date, timedelta

import pytest

from rejent.web.player.timeline import DayAxis

AUTUMN, SPRING, PLAIN = date(2026, 10, 25), date(2027, 3, 28), date(2026, 11, 21)


@pytest.mark.parametrize(("day", "cells"), [(PLAIN, 24), (AUTUMN, 25), (SPRING, 23)])
def test_the_axis_has_as_many_equal_hours_as_the_day(day: date, cells: int) -> None:
    """An ordinary day has 24 cells, the autumn one 25, the spring one 23, each an hour long."""
    hours = DayAxis(day).hours()
    assert len(hours) == cells
    assert [mark.at_s for mark in hours] == [3600 * n for n in range(cells)]


def test_the_repeated_hour_carries_its_letter() -> None:
    """The autumn day is labelled 00 01 02 02a 03 and says where the clock changes."""
    axis = DayAxis(AUTUMN)
    assert [mark.label for mark in axis.hours()][:5] == ["00", "01", "02", "02a", "03"]
    assert axis.clock_change_s == 3 * 3600


def test_the_skipped_hour_has_no_cell() -> None:
    """The spring day is labelled 00 01 03 and says where the clock changes."""
    axis = DayAxis(SPRING)
    assert [mark.label for mark in axis.hours()][:4] == ["00", "01", "03", "04"]
    assert axis.clock_change_s == 2 * 3600


def test_positions_are_clipped_to_the_day() -> None:
    """An instant before or after the day lies on its edge, one within it at its elapsed second."""
    axis = DayAxis(PLAIN)
    assert axis.elapsed(axis.start - timedelta(hours=1)) == 0
    assert axis.elapsed(axis.start + timedelta(days=2)) == axis.length_s
    assert axis.elapsed(axis.instant(50709.5)) == 50709.5
    assert axis.clock_change_s is None
