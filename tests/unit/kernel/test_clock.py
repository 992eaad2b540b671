"""Clocks: the machine's, a shifted one, one that moves only when told to; civil dates and midnights of the office."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejent.kernel.clock import ManualClock, ShiftedClock, SystemClock, civil_date, local_midnight

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def test_the_system_clock_tells_utc_and_never_runs_backwards() -> None:
    """Instants carry UTC, and the monotonic hand does not step back."""
    clock = SystemClock()
    assert clock.now().utcoffset() == timedelta()
    assert clock.monotonic() <= clock.monotonic()
    assert not clock.confirmed


def test_a_shifted_clock_starts_where_told_and_runs_on_with_its_base() -> None:
    """Its instant is the start, given in any zone, plus what the base has moved since; it counts as confirmed."""
    base = ManualClock(START)
    clock = ShiftedClock(datetime(2027, 1, 1, 1, 0, tzinfo=timezone(timedelta(hours=1))), base)
    assert clock.now() == datetime(2027, 1, 1, tzinfo=UTC)
    base.advance(timedelta(hours=2))
    assert clock.now() == datetime(2027, 1, 1, 2, tzinfo=UTC)
    assert clock.monotonic() == 7200
    assert clock.confirmed


def test_a_manual_clock_advances_both_hands_and_steps_one() -> None:
    """Advancing moves the civil and the monotonic hand, a step only the civil one."""
    clock = ManualClock(START)
    clock.advance(timedelta(seconds=5))
    clock.step(timedelta(hours=-1))
    assert clock.now() == START + timedelta(seconds=5) - timedelta(hours=1)
    assert clock.monotonic() == 5


@pytest.mark.parametrize(
    ("day", "midnight"),
    [
        (date(2026, 3, 29), datetime(2026, 3, 28, 23, tzinfo=UTC)),
        (date(2026, 3, 30), datetime(2026, 3, 29, 22, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 24, 22, tzinfo=UTC)),
        (date(2026, 10, 26), datetime(2026, 10, 25, 23, tzinfo=UTC)),
    ],
)
def test_days_begin_at_the_offices_midnight(day: date, midnight: datetime) -> None:
    """Around both nights of the change of clocks a civil date begins at its own midnight."""
    assert local_midnight(day) == midnight
    assert civil_date(midnight) == day
    assert civil_date(midnight - timedelta(microseconds=1)) == day - timedelta(days=1)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(lambda naive: naive.replace(tzinfo=UTC)))
def test_every_instant_lies_in_its_civil_date(instant: datetime) -> None:
    """An instant is not before its date's midnight and before the next one's."""
    day = civil_date(instant)
    assert local_midnight(day) <= instant < local_midnight(day + timedelta(days=1))
