"""Counting terms: the vectors of the law and the rules T1-T18."""

from datetime import UTC, date, datetime, timedelta

import pytest

from rejent.kernel.terms import (
    Length,
    RetentionKind,
    RetentionRule,
    TermError,
    Unit,
    deadline_to_act,
    deadlines,
    earliest_start,
    end_of_day,
    first_day_beyond,
    term_origin,
    working_days_after,
)

RETENTION_VECTORS = [
    # count, unit, day of recording, last day, end in UTC or None, days or None
    (30, Unit.DAYS, "2026-03-01", "2026-03-31", "2026-03-31T22:00", 30),
    (30, Unit.DAYS, "2026-10-01", "2026-10-31", "2026-10-31T23:00", 30),
    (30, Unit.DAYS, "2026-01-31", "2026-03-02", None, 30),
    (30, Unit.DAYS, "2028-01-31", "2028-03-01", None, 30),
    (3, Unit.MONTHS, "2025-11-30", "2026-02-28", None, 90),
    (3, Unit.MONTHS, "2026-01-31", "2026-04-30", None, 89),
    (3, Unit.MONTHS, "2026-08-29", "2026-11-29", None, 92),
    (3, Unit.MONTHS, "2027-11-30", "2028-02-29", None, None),
    (4, Unit.MONTHS, "2026-10-31", "2027-02-28", None, None),
    (2, Unit.WEEKS, "2026-11-07", "2026-11-21", None, 14),
]


@pytest.mark.parametrize("vector", RETENTION_VECTORS)
def test_retention_vectors(vector):
    """A retention limit ends on the day the law counts to, free or not, when the office's midnight comes."""
    count, unit, day, last_day, end, days = vector
    origin, expected = date.fromisoformat(day), date.fromisoformat(last_day)
    term = deadlines(RetentionRule(count, unit, RetentionKind.MAXIMUM), origin)
    assert term.last_day == expected
    assert term.key_dead_by == end_of_day(expected)
    if end is not None:
        assert term.key_dead_by == datetime.fromisoformat(end).replace(tzinfo=UTC)
    if days is not None:
        assert (expected - origin).days == days


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 1), 719), (date(2026, 10, 1), 721)])
def test_a_change_of_clocks_changes_the_hours_of_a_term_but_not_its_days(day, hours):
    """Thirty days hold 719 hours across the spring night and 721 across the autumn night."""
    term = deadlines(RetentionRule(30, Unit.DAYS, RetentionKind.FIXED), day)
    assert term.key_dead_by - end_of_day(day) == timedelta(hours=hours)


ACT_VECTORS = [
    # count, unit, event, last day
    (1, Unit.MONTHS, "2026-01-31", "2026-03-02"),
    (14, Unit.DAYS, "2026-12-10", "2026-12-28"),
    (14, Unit.DAYS, "2026-04-17", "2026-05-04"),
    (14, Unit.DAYS, "2026-05-21", "2026-06-05"),
    (14, Unit.DAYS, "2026-11-07", "2026-11-23"),
    (14, Unit.DAYS, "2026-10-28", "2026-11-12"),
    (14, Unit.DAYS, "2026-11-09", "2026-11-23"),
]


@pytest.mark.parametrize(("count", "unit", "event", "last_day"), ACT_VECTORS)
def test_deadlines_to_act_roll_over_free_days(count, unit, event, last_day):
    """A deadline to act that ends on a free day moves to the next working day, and says over which days."""
    deadline = deadline_to_act(date.fromisoformat(event), Length(count, unit))
    expected = date.fromisoformat(last_day)
    assert deadline.last_day == expected
    assert len(deadline.skipped) == (expected - deadline.nominal_day).days
    assert deadline.in_time(expected)
    assert not deadline.in_time(expected + timedelta(days=1))
    assert deadline.holidays == "PL-2025-02-01"


def test_months_are_added_once_from_the_origin():
    """Two months from 31 January end on 31 March, though one month and one more end on 28 March."""
    january = date(2026, 1, 31)
    assert Length(2, Unit.MONTHS).after(january) == date(2026, 3, 31)
    assert Length(1, Unit.MONTHS).after(Length(1, Unit.MONTHS).after(january)) == date(2026, 3, 28)


def test_a_fixed_period_is_readable_to_its_end_and_dead_there():
    """A fixed period ends with its last day: key at once, alarm an hour later (T12)."""
    term = deadlines(RetentionRule(30, Unit.DAYS, RetentionKind.FIXED), date(2026, 6, 1))
    end = datetime(2026, 7, 1, 22, 0, tzinfo=UTC)
    assert (term.readable_until, term.purge_opens, term.key_dead_by) == (end, end, end)
    assert term.alarm_at == end + timedelta(hours=1)


def test_a_maximum_is_gone_before_its_last_day_ends():
    """A maximum may be destroyed from the start of its last day and must be gone at its end (T13)."""
    term = deadlines(RetentionRule(30, Unit.DAYS, RetentionKind.MAXIMUM), date(2026, 6, 1))
    start, end = datetime(2026, 6, 30, 22, 0, tzinfo=UTC), datetime(2026, 7, 1, 22, 0, tzinfo=UTC)
    assert (term.readable_until, term.purge_opens) == (start, start)
    assert term.key_dead_by == end
    assert term.alarm_at == end - timedelta(hours=6)


def test_a_range_of_possible_days_counts_from_the_last():
    """Who saw the event on one of several days may file until the latest of the deadlines (T15)."""
    assert term_origin(date(2026, 11, 3), date(2026, 11, 5)) == date(2026, 11, 5)
    with pytest.raises(TermError):
        term_origin(date(2026, 11, 5), date(2026, 11, 3))


def test_notice_does_not_move():
    """Two weeks after Saturday 7 November is Saturday 21 November; with whole days between, the day after (T10)."""
    start = date(2026, 11, 21)
    assert earliest_start(date(2026, 11, 7), 14) == start
    assert earliest_start(date(2026, 11, 7), 14, full_days=True) == date(2026, 11, 22)


@pytest.mark.parametrize("count", [0, -1, 36_526, 10**30])
def test_no_term_counts_nothing_or_for_ever(count):
    """A count below one, or absurdly large, is refused before any calendar is asked."""
    with pytest.raises(TermError):
        Length(count, Unit.DAYS)


@pytest.mark.parametrize("unit", list(Unit))
def test_the_end_of_the_calendar_is_an_error_not_a_crash(unit):
    """A term that would end after the year 9999 says so."""
    with pytest.raises(TermError):
        deadlines(RetentionRule(1200, unit, RetentionKind.FIXED), date(9999, 12, 31))
    with pytest.raises(TermError):
        deadline_to_act(date(9999, 12, 25), Length(1, unit))


def test_days_that_can_outlast_three_months_are_found():
    """Ninety days outlast three months from some days of the year, 89 from none."""
    three_months = Length(3, Unit.MONTHS)
    origin = first_day_beyond(Length(90, Unit.DAYS), three_months)
    assert origin is not None
    assert Length(90, Unit.DAYS).after(origin) > three_months.after(origin)
    assert first_day_beyond(Length(89, Unit.DAYS), three_months) is None


def test_working_days_leave_out_weekends_and_holidays():
    """Two working days after Wednesday 23 December 2026 are Tuesday 29 December."""
    assert working_days_after(date(2026, 12, 23), 2) == date(2026, 12, 29)
