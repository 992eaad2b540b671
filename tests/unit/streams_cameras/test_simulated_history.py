"""The past of a demo: whole days, each with one short gap of one camera."""

from datetime import date, datetime, timedelta

import pytest

from rejent.kernel.clock import OFFICE_ZONE, civil_date, local_midnight
from rejent.streams.cameras.simulated.history import Span, spans

UNTIL = datetime(2026, 10, 30, 9, 41, tzinfo=OFFICE_ZONE)
CAMERAS = range(1, 5)


def recorded(parts: list[Span]) -> timedelta:
    """How much there is."""
    return sum((part.end - part.start for part in parts), timedelta())


@pytest.mark.parametrize("day", [date(2026, 10, 24), date(2026, 10, 25), date(2026, 10, 26)])
def test_a_day_is_recorded_from_midnight_to_midnight(day: date) -> None:
    """Also the one of 25 hours; one camera lacks six minutes, and says that it was not reached."""
    begun, ended = local_midnight(day), local_midnight(day + timedelta(days=1))
    days = [spans(number, day, UNTIL, None) for number in CAMERAS]
    assert all((parts[0].start, parts[-1].end, parts[-1].then) == (begun, ended, "") for parts in days)
    lacking = [(ended - begun) - recorded(parts) for parts in days]
    assert sorted(lacking) == [timedelta()] * 3 + [timedelta(minutes=6)]
    (broken,) = (parts for parts in days if len(parts) > 1)
    assert broken[0].then == "unreachable"


def test_today_is_recorded_until_now() -> None:
    """Then the program was not running, until it is started."""
    for number in CAMERAS:
        parts = spans(number, civil_date(UNTIL), UNTIL, None)
        assert (parts[0].start, parts[-1].end) == (local_midnight(civil_date(UNTIL)), UNTIL)
        assert parts[-1].then == "recorder-stopped"
    midnight = local_midnight(civil_date(UNTIL))
    assert spans(1, civil_date(UNTIL), midnight, None) == []


def test_a_little_is_recorded_where_a_little_is_wanted() -> None:
    """Around the end of the term, and of every day where a test wants it so."""
    eight = local_midnight(date(2026, 9, 29)) + timedelta(hours=8)
    (old,) = spans(1, date(2026, 9, 29), UNTIL, None)
    assert (old.start, old.end) == (eight, eight + timedelta(minutes=4))
    (few,) = spans(1, date(2026, 10, 29), UNTIL, 6)
    assert recorded([few]) == timedelta(minutes=6)
