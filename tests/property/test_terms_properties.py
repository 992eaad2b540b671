"""Terms against independent calendars."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays as holidays_oracle
import pytest
import whenever
from dateutil.easter import easter as easter_oracle
from hypothesis import given
from hypothesis import strategies as st

from rejent.kernel.clock import Run, clock_time, instant_at, instants_at, parse_clock_time
from rejent.kernel.holidays import POLAND, easter
from rejent.kernel.terms import (
    Length,
    RetentionKind,
    RetentionRule,
    Unit,
    deadline_to_act,
    deadlines,
    earliest_start,
    end_of_day,
)

DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
COUNTS = st.integers(1, 400)
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC)).map(
    lambda instant: instant.replace(microsecond=0)
)
WARSAW = "Europe/Warsaw"
NIGHTS_OF_CHANGE = [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31)]
AUTUMN_NIGHT = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)


def plain(day: date) -> whenever.Date:
    """The same day in the other library's words."""
    return whenever.Date(day.year, day.month, day.day)


@given(DAYS, COUNTS, st.sampled_from(list(Unit)))
def test_terms_agree_with_an_independent_calendar(origin, count, unit):
    """Days, weeks and months end where another library's calendar ends them."""
    expected = plain(origin).add(**{unit.value: count})
    assert plain(Length(count, unit).after(origin)) == expected


@given(DAYS)
def test_days_end_at_the_offices_midnight(day):
    """A civil date ends at the instant another library calls the start of the next."""
    tomorrow = day + timedelta(days=1)
    expected = whenever.ZonedDateTime(tomorrow.year, tomorrow.month, tomorrow.day, tz=WARSAW)
    assert end_of_day(day).timestamp() == expected.timestamp()


@pytest.mark.parametrize("year", range(2000, 2041))
def test_holidays_agree_with_an_independent_table(year):
    """The table holds exactly the holidays another library knows for the year."""
    assert set(POLAND.in_year(year)) == set(holidays_oracle.country_holidays("PL", years=year))


@given(st.integers(1583, 4099))
def test_easter_agrees_with_an_independent_computation(year):
    """Easter Sunday is what another library computes, for every Gregorian year."""
    assert easter(year) == easter_oracle(year)


@given(DAYS, COUNTS, st.sampled_from(list(Unit)))
def test_a_deadline_to_act_is_the_first_working_day_not_before_its_count(origin, count, unit):
    """Every skipped day is free, the day reached is not, and nothing lies between them."""
    deadline = deadline_to_act(origin, Length(count, unit))
    assert POLAND.free_day_name(deadline.last_day) is None
    expected = [deadline.nominal_day + timedelta(days=n) for n in range(len(deadline.skipped))]
    assert [skipped.day for skipped in deadline.skipped] == expected
    assert all(POLAND.free_day_name(day) for day in expected)
    assert deadline.last_day == deadline.nominal_day + timedelta(days=len(expected))


@given(DAYS, st.integers(2, 400), st.sampled_from(list(Unit)), st.sampled_from(list(RetentionKind)))
def test_the_instants_of_a_retention_term_stand_in_order(day, count, unit, kind):
    """Nothing is destroyed before it may be, and the key is dead when the last day ends."""
    term = deadlines(RetentionRule(count, unit, kind), day)
    assert end_of_day(day) < term.readable_until <= term.purge_opens <= term.key_dead_by
    assert term.key_dead_by == end_of_day(term.last_day)
    assert term.purge_opens < term.alarm_at
    assert (term.alarm_at < term.key_dead_by) == (kind is RetentionKind.MAXIMUM)


@given(DAYS, DAYS, st.integers(1, 12), st.sampled_from(list(RetentionKind)))
def test_later_recordings_never_end_earlier(one, other, months, kind):
    """Of two days of recording the later one is never destroyed first."""
    rule = RetentionRule(months, Unit.MONTHS, kind)
    first, second = sorted((one, other))
    assert deadlines(rule, first).key_dead_by <= deadlines(rule, second).key_dead_by


@given(DAYS, st.integers(1, 60))
def test_notice_moves_with_its_day_and_no_other(notified_on, days):
    """So many days lie between, whatever days these are; with whole ones asked for, one more."""
    assert earliest_start(notified_on, days) - timedelta(days=days) == notified_on
    assert earliest_start(notified_on, days, full_days=True) - earliest_start(notified_on, days) == timedelta(
        days=1
    )


@given(INSTANTS | st.integers(0, 4 * 3600).map(lambda seconds: AUTUMN_NIGHT + timedelta(seconds=seconds)))
def test_what_the_clock_shows_can_be_read_back(instant):
    """An instant written as the office's clock shows it is found again, with the season's word where it needs one."""
    local = instant.astimezone(ZoneInfo(WARSAW))
    shown = clock_time(instant)
    candidates = instants_at(local.date(), parse_clock_time(shown))
    assert instant in candidates
    if len(candidates) == 2 and "a" not in shown:
        shown = f"{shown} {Run.SUMMER}"
    assert instant_at(local.date(), shown) == instant


@given(
    st.dates(date(2000, 1, 1), date(2037, 12, 31)) | st.sampled_from(NIGHTS_OF_CHANGE),
    st.times(max_value=time(4)).map(lambda shown: shown.replace(microsecond=0)),
)
def test_instants_of_a_local_time_agree_with_an_independent_clock(day, shown):
    """A local time names none, one or two instants, the same ones another library finds."""
    written = parse_clock_time(f"{shown.hour}:{shown.minute:02d}:{shown.second:02d}")
    found = [instant.timestamp() for instant in instants_at(day, written)]
    local = whenever.PlainDateTime(day.year, day.month, day.day, shown.hour, shown.minute, shown.second)
    try:
        expected = [local.assume_tz(WARSAW, disambiguation="raise").timestamp()]
    except whenever.SkippedTime:
        expected = []
    except whenever.RepeatedTime:
        expected = [
            local.assume_tz(WARSAW, disambiguation=choice).timestamp() for choice in ("earlier", "later")
        ]
    assert found == expected
