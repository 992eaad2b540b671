"""The office's clock, and the nights on which it changes."""

from datetime import UTC, date, datetime, timedelta

import pytest

from rejent.kernel.clock import (
    AmbiguousTimeError,
    NonexistentTimeError,
    Run,
    TimeRefusedError,
    clock_time,
    day_length,
    instant_at,
    instants_at,
    parse_clock_time,
)

AUTUMN, SPRING = date(2026, 10, 25), date(2026, 3, 29)
SUMMER_RUN = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
WINTER_RUN = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_the_repeated_hour_is_shown_with_the_letter_a():
    """Half past two happens twice on 25 October 2026, and each run is shown differently."""
    assert clock_time(SUMMER_RUN) == "2:30:00"
    assert clock_time(WINTER_RUN) == "2a:30:00"
    assert clock_time(WINTER_RUN, padded=True, seconds=False) == "02a:30"


def test_a_repeated_time_names_both_instants():
    """Writing 2:30 for the autumn night is answered with both instants, in order."""
    with pytest.raises(AmbiguousTimeError) as refused:
        instant_at(AUTUMN, "2:30")
    assert (refused.value.earlier, refused.value.later) == (SUMMER_RUN, WINTER_RUN)
    assert refused.value.facts == {"first": "2:30:00", "second": "2a:30:00"}


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2a:30", WINTER_RUN),
        ("2a.30", WINTER_RUN),
        ("2A:30:00", WINTER_RUN),
        ("2:30 zimowy", WINTER_RUN),
        ("2:30 (czas zimowy)", WINTER_RUN),
        ("2:30 letni", SUMMER_RUN),
        ("02:30 summer", SUMMER_RUN),
    ],
)
def test_a_mark_decides_which_run_is_meant(text, instant):
    """The letter a or the name of the season picks one run of the repeated hour."""
    assert instant_at(AUTUMN, text) == instant


def test_the_hour_a_spring_night_skips_is_refused():
    """Half past two did not happen on 29 March 2026; three o'clock did."""
    with pytest.raises(NonexistentTimeError):
        instant_at(SPRING, "2:30")
    assert instants_at(SPRING, parse_clock_time("2:00")) == ()
    assert instant_at(SPRING, "3:00") == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_a_mark_where_no_hour_repeats_must_agree_with_the_season():
    """2a:30 on an ordinary July day is refused; 14:00 letni is not."""
    with pytest.raises(NonexistentTimeError):
        instant_at(date(2026, 7, 1), "2a:30")
    assert instant_at(date(2026, 7, 1), "14:00 letni") == datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "14", "24:00", "12:60", "12:00:60", "2b:30", "2a:30 letni", "٣:٣٠", "12:0", "-1:00"]
)
def test_what_is_no_time_of_day_is_refused(text):
    """Text that names no time of day is refused with a hint."""
    with pytest.raises(TimeRefusedError) as refused:
        parse_clock_time(text)
    assert refused.value.advice


def test_the_parts_of_a_written_time():
    """Seconds default to nothing, the letter a means winter."""
    written = parse_clock_time(" 2a.05 ")
    assert (written.hour, written.minute, written.second, written.run) == (2, 5, 0, Run.WINTER)


@pytest.mark.parametrize(("day", "hours"), [(AUTUMN, 25), (SPRING, 23), (date(2026, 6, 1), 24)])
def test_a_day_lasts_as_long_as_its_clock_says(day, hours):
    """The autumn day has 25 hours and the spring day 23."""
    assert day_length(day) == timedelta(hours=hours)
