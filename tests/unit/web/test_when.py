"""What people type for a day and a time, and what it means."""

from datetime import date

import pytest

from rejent.kernel.clock import ClockTime, Run, TimeRefusedError
from rejent.web.words.when import DayRefusedError, WithoutYear, as_written, read_day, read_time

SATURDAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    "text",
    [
        "21.11.2026", "21.11.26", "21.11", "21.11.", "21-11-2026", "21/11/2026", "2026-11-21", "21 XI 2026",
        "21 listopada", "21 listopada 2026 r.", "sobota, 21 listopada 2026 r.", "w sobotę", "dziś", "Dzisiaj",
        "21 November 2026", "today", " 21 . 11 . 2026 ",
    ],
)  # fmt: skip
def test_every_habit_of_writing_a_date_means_the_same_day(text: str) -> None:
    """A date in digits, words, Roman months or by weekday is read as the one day it means."""
    assert read_day(text, SATURDAY) == SATURDAY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("wczoraj", date(2026, 11, 20)),
        ("Przedwczoraj", date(2026, 11, 19)),
        ("w środę", date(2026, 11, 18)),
        ("we wtorek", date(2026, 11, 17)),
        ("31.12", date(2025, 12, 31)),
        ("29.02", date(2024, 2, 29)),
        ("7 sierpnia", date(2026, 8, 7)),
    ],
)
def test_without_a_year_the_last_such_day_is_meant(text: str, expected: date) -> None:
    """A day without a year, or a bare weekday, is the last one up to today."""
    assert read_day(text, SATURDAY) == expected


@pytest.mark.parametrize(
    ("meant", "text", "expected"),
    [
        (WithoutYear.COMING, "31.12", date(2026, 12, 31)),
        (WithoutYear.COMING, "21.11", SATURDAY),
        (WithoutYear.COMING, "20 listopada", date(2027, 11, 20)),
        (WithoutYear.COMING, "29.02", date(2028, 2, 29)),
        (WithoutYear.COMING, "w środę", date(2026, 11, 25)),
        (WithoutYear.COMING, "sobota", SATURDAY),
        (WithoutYear.NEAREST, "w środę", date(2026, 11, 18)),
        (WithoutYear.NEAREST, "we wtorek", date(2026, 11, 24)),
        (WithoutYear.NEAREST, "20.11", date(2026, 11, 20)),
        (WithoutYear.NEAREST, "2.1", date(2027, 1, 2)),
        (WithoutYear.NEAREST, "7 sierpnia 2025", date(2025, 8, 7)),
    ],
)
def test_a_field_about_what_is_to_come_reads_a_day_so(meant: WithoutYear, text: str, expected: date) -> None:
    """A day without a year is the next one, or the nearest, where a field asks about what is to come."""
    assert read_day(text, SATURDAY, meant) == expected


@pytest.mark.parametrize("meant", list(WithoutYear))
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jutro", date(2026, 11, 22)),
        ("Tomorrow", date(2026, 11, 22)),
        ("pojutrze", date(2026, 11, 23)),
        ("wczoraj", date(2026, 11, 20)),
        ("dziś", SATURDAY),
    ],
)
def test_a_word_for_a_day_means_the_same_in_every_field(
    meant: WithoutYear, text: str, expected: date
) -> None:
    """Tomorrow is tomorrow, whether a field asks about what was or what is to come."""
    assert read_day(text, SATURDAY, meant) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Enter the date"),
        ("21", "lacks its month"),
        ("31.11.2026", "There is no day 31.11.2026"),
        ("30.02", "There is no day 30.02"),
        ("21 brumaire", "no month of that name"),
        ("kiedyś", "This is no date"),
        ("piątek, 21.11.2026", "weekday does not belong"),
    ],
)
def test_what_is_no_date_is_refused_with_what_to_do(text: str, says: str) -> None:
    """A refused date names what is wrong with it and how to write it."""
    with pytest.raises(DayRefusedError) as caught:
        read_day(text, SATURDAY)
    assert says in caught.value.sentence()
    assert caught.value.advice


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("14:05", ClockTime(14, 5, 0)),
        ("14.05", ClockTime(14, 5, 0)),
        ("1405", ClockTime(14, 5, 0)),
        ("14", ClockTime(14, 0, 0)),
        ("14:05:09", ClockTime(14, 5, 9)),
        ("około 14", ClockTime(14, 0, 0)),
        ("około godz. 14.30", ClockTime(14, 30, 0)),
        ("2a:25", ClockTime(2, 25, 0, Run.WINTER)),
        ("2:25 zimowy", ClockTime(2, 25, 0, Run.WINTER)),
        ("2:25 (czas letni)", ClockTime(2, 25, 0, Run.SUMMER)),
    ],
)
def test_every_habit_of_writing_a_time_is_understood(text: str, expected: ClockTime) -> None:
    """A time with dots, colons, nothing at all, or „około” before it is read, season included."""
    assert read_time(text) == expected


@pytest.mark.parametrize("text", ["", "25:00", "14:60", "po południu", "140509"])
def test_what_is_no_time_is_refused(text: str) -> None:
    """A time that no clock shows is refused, not mended."""
    with pytest.raises(TimeRefusedError):
        read_time(text)


@pytest.mark.parametrize("text", ["14:05", "14:05:09", "2:25 zimowy", "2:25 letni"])
def test_a_time_written_back_reads_the_same(text: str) -> None:
    """The form put into an address is read back as the same time."""
    assert as_written(read_time(text)) == text
