"""Dates and times as people in a Polish office write them; an ambiguous one is refused with a question, never guessed."""

import re
from contextlib import suppress
from datetime import date, timedelta
from enum import Enum

from django.utils.translation import gettext

from rejent.kernel.clock import (
    AmbiguousTimeError,
    ClockTime,
    Run,
    TimeRefusedError,
    clock_time,
    parse_clock_time,
)
from rejent.kernel.errors import InputRefusedError


class WithoutYear(Enum):
    """Which such day a date without a year means."""

    PAST = "past"
    """The last one up to today."""
    COMING = "coming"
    """The next one from today on."""
    NEAREST = "nearest"
    """The one fewest days away, before or after."""


class DayRefusedError(InputRefusedError, code="input.day"):
    """A date that cannot be read, or does not exist."""


_EXAMPLE = "Write it like this: 21.11.2026."
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "stycznia styczeń sty i january jan",
            "lutego luty lut ii february feb",
            "marca marzec mar iii march",
            "kwietnia kwiecień kwi iv april apr",
            "maja maj v may",
            "czerwca czerwiec cze vi june jun",
            "lipca lipiec lip vii july jul",
            "sierpnia sierpień sie viii august aug",
            "września wrzesień wrz ix september sep",
            "października październik paź x october oct",
            "listopada listopad lis xi november nov",
            "grudnia grudzień gru xii december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "poniedziałek poniedziałku pon monday mon",
            "wtorek wtorku wt tuesday tue",
            "środa środę śr wednesday wed",
            "czwartek czwartku czw thursday thu",
            "piątek piątku pt friday fri",
            "sobota sobotę sob saturday sat",
            "niedziela niedzielę nd niedz sunday sun",
        )
    )
    for name in names.split()
}
_DAYS_FROM_TODAY = {
    "przedwczoraj": -2,
    "wczoraj": -1,
    "yesterday": -1,
    "dziś": 0,
    "dzisiaj": 0,
    "today": 0,
    "jutro": 1,
    "tomorrow": 1,
    "pojutrze": 2,
}

_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", re.ASCII)
_DIGITS = re.compile(
    r"(?P<day>\d{1,2})\s?[./-]\s?(?P<month>\d{1,2})(?:\s?[./-]\s?(?P<year>\d{4}|\d{2})?)?", re.ASCII
)
_WORDS = re.compile(r"(?P<day>[0-9]{1,2})[.]?\s+(?P<month>[^\W\d_]+)[.]?(?:\s+(?P<year>[0-9]{4}|[0-9]{2}))?")


def read_day(text: str, today: date, meant: WithoutYear = WithoutYear.PAST) -> date:
    """Return the civil date that a text means, seen from ``today``.

    Understood: ``21.11.2026 21.11.26 21.11 21-11-2026 21/11/2026 2026-11-21 21 XI 2026 21 listopada`` with the weekday
    before it or not, ``wczoraj dziś jutro``, ``w środę``. Without a year, or as a weekday alone, it is the one that is ``meant``.
    Raises DayRefusedError: empty, not a date, no such day, or a weekday that does not belong to the date.
    """
    words = " ".join(text.lower().replace(",", " ").split())
    words = words.removesuffix(" roku").removesuffix(" r.").removesuffix(" r").removesuffix("r.").strip()
    if not words:
        raise DayRefusedError("Enter the date.", advice=_EXAMPLE)
    if words in _DAYS_FROM_TODAY:
        return today + timedelta(days=_DAYS_FROM_TODAY[words])
    if words.startswith("last "):
        meant = WithoutYear.PAST
    weekday, rest = _leading_weekday(words)
    if weekday is not None and not rest:
        return _weekday_alone(weekday, today, meant)
    day = _dated(rest, today, meant)
    if weekday is not None and day.weekday() != weekday:
        raise DayRefusedError("The weekday does not belong to the date.", advice="Correct one of the two.")
    return day


def _weekday_alone(weekday: int, today: date, meant: WithoutYear) -> date:
    days_ago = (today.weekday() - weekday) % 7
    days_ahead = (weekday - today.weekday()) % 7
    if meant is WithoutYear.PAST or (meant is WithoutYear.NEAREST and days_ago < days_ahead):
        return today - timedelta(days=days_ago)
    return today + timedelta(days=days_ahead)


def _leading_weekday(words: str) -> tuple[int | None, str]:
    rest = re.sub(r"^(we?|on|last)\s+", "", words)
    first, _, after = rest.partition(" ")
    number = _WEEKDAYS.get(first.rstrip("."))
    return (number, after.strip()) if number is not None else (None, words)


def _dated(words: str, today: date, meant: WithoutYear) -> date:
    found = _ISO.fullmatch(words) or _DIGITS.fullmatch(words)
    if found:
        month = int(found["month"])
    else:
        found = _WORDS.fullmatch(words)
        if found is None:
            if re.fullmatch(r"[0-9]{1,2}[.]?", words):
                raise DayRefusedError("The date lacks its month.", advice=_EXAMPLE)
            raise DayRefusedError("This is no date.", advice=_EXAMPLE)
        if found["month"] not in _MONTHS:
            raise DayRefusedError("There is no month of that name.", advice=_EXAMPLE)
        month = _MONTHS[found["month"]]
    number = int(found["day"])
    if found["year"]:
        return _existing(number, month, int(found["year"]) + (2000 if len(found["year"]) == 2 else 0))
    return _without_year(number, month, today, meant)


def _without_year(number: int, month: int, today: date, meant: WithoutYear) -> date:
    days = []
    for year in range(today.year - 8, today.year + 9):
        with suppress(ValueError):
            days.append(date(year, month, number))
    if meant is not WithoutYear.NEAREST:
        days = [day for day in days if (day <= today if meant is WithoutYear.PAST else day >= today)]
    return min(days, key=lambda day: abs(day - today)) if days else _existing(number, month, today.year)


def _existing(number: int, month: int, year: int) -> date:
    try:
        return date(year, month, number)
    except ValueError:
        raise DayRefusedError(
            "There is no day {day}.{month}.{year}.",
            day=number,
            month=f"{month:02d}",
            year=year,
            advice="Enter another day.",
        ) from None


_ABOUT = re.compile(
    r"^(około|ok\.?|koło|mniej więcej|about|around|ca\.?|o|godz\.?|godzina|at)\s+", re.IGNORECASE
)
_PLAIN = re.compile(r"(?P<hour>\d{1,2})(?P<repeated>a?)", re.ASCII | re.IGNORECASE)
_RUN_TOGETHER = re.compile(r"(?P<hour>\d{1,2})(?P<minute>\d{2})", re.ASCII)


def read_time(text: str) -> ClockTime:
    """Return the time of day that a text means: ``14:05 14.05 1405 14 14:05:09 około 14``, and ``2a:25``, ``2:25 zimowy``.

    Raises TimeRefusedError: empty, or no time of day.
    """
    words = " ".join(text.split())
    while words != (bare := _ABOUT.sub("", words)):
        words = bare
    if not words:
        raise TimeRefusedError("Enter the time.", advice="Write it like 14:05 or 14:05:09.")
    if found := _PLAIN.fullmatch(words):
        words = f"{found['hour']}{found['repeated']}:00"
    elif found := _RUN_TOGETHER.fullmatch(words):
        words = f"{found['hour']}:{found['minute']}"
    return parse_clock_time(words)


def both_runs(twice: AmbiguousTimeError) -> list[tuple[str, str]]:
    """Return the two runs of an hour that ran twice: their words, and the time as `read_time` reads it."""
    later = clock_time(twice.later).replace("a:", ":")
    return [
        (gettext("summer time"), f"{clock_time(twice.earlier)} letni"),
        (gettext("winter time"), f"{later} zimowy"),
    ]


def as_written(time: ClockTime) -> str:
    """Return the time in the form that `read_time` reads back: ``2:25 zimowy``."""
    seconds = f":{time.second:02d}" if time.second else ""
    run = {Run.SUMMER: " letni", Run.WINTER: " zimowy", None: ""}[time.run]
    return f"{time.hour}:{time.minute:02d}{seconds}{run}"
