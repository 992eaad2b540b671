"""Days free in law: Saturdays, Sundays and Polish holidays, with the years in which they are.

Source: the act of 18 January 1951 on days free from work, art. 1, as amended; Civil Code art. 115 and Code of
Administrative Procedure art. 57 § 4 for Saturdays.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from rejent.kernel.errors import InputRefusedError

FIRST_YEAR = 2000
"""First year of the table."""
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Holiday:
    """One line of the act: a fixed date or a distance from Easter Sunday, and the years it is in force.

    Args:
        month, day: the fixed date, or zeros for a movable feast.
        after_easter: days after Easter Sunday, for a movable feast.
        first_year: the first year in which it is free.
        last_year: the last year in which it is free, or None while it is in force.
    """

    month: int = 0
    day: int = 0
    after_easter: int = 0
    first_year: int = FIRST_YEAR
    last_year: int | None = None

    def in_year(self, year: int) -> date | None:
        """Return its date in a year, or None in a year without it."""
        if year < self.first_year or (self.last_year is not None and year > self.last_year):
            return None
        if self.month:
            return date(year, self.month, self.day)
        return easter(year) + timedelta(days=self.after_easter)


_HOLIDAYS = (
    Holiday(1, 1),
    Holiday(1, 6, first_year=2011),
    Holiday(after_easter=0),
    Holiday(after_easter=1),
    Holiday(5, 1),
    Holiday(5, 3),
    Holiday(after_easter=49),
    Holiday(after_easter=60),
    Holiday(8, 15),
    Holiday(11, 1),
    Holiday(11, 11),
    Holiday(11, 12, first_year=2018, last_year=2018),
    Holiday(12, 24, first_year=2025),
    Holiday(12, 25),
    Holiday(12, 26),
)


class HolidaysUnknownError(InputRefusedError):
    """A date before the table begins."""

    code = "input.holidays-unknown"


def is_free(day: date) -> bool:
    """Return whether a day is a Saturday, a Sunday or a holiday; raise `HolidaysUnknownError` before the table begins."""
    return day in holidays_in(day.year) or day.weekday() >= _SATURDAY


@lru_cache(maxsize=512)
def holidays_in(year: int) -> frozenset[date]:
    """Return the holidays of a year; raise `HolidaysUnknownError` before the table begins."""
    if year < FIRST_YEAR:
        raise HolidaysUnknownError(
            "Polish holidays are known from {first} on, not for {year}.", first=FIRST_YEAR, year=year
        )
    return frozenset(day for day in (each.in_year(year) for each in _HOLIDAYS) if day is not None)


def easter(year: int) -> date:
    """Return Easter Sunday of a Gregorian year: the Sunday after the ecclesiastical full moon (the Gregorian computus)."""
    golden = year % 19
    century, year_of_century = divmod(year, 100)
    leap_centuries, century_rest = divmod(century, 4)
    lunar_correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_centuries - lunar_correction + 15) % 30
    leap_years, year_rest = divmod(year_of_century, 4)
    to_sunday = (32 + 2 * century_rest + 2 * leap_years - epact - year_rest) % 7
    late = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)
