"""Days free in law: Saturdays, Sundays and Polish holidays, as data with dates of validity.

Source: the act of 18 January 1951 on days free from work, art. 1, as amended; Civil Code art. 115 and Code of
Administrative Procedure art. 57 § 4 for Saturdays. A deadline keeps the table's version, so that it can be recomputed
after the law has changed.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from rejent.kernel.errors import InputRefusedError

FIRST_YEAR = 2000
"""First year of the tables."""


class Weekend(StrEnum):
    """Weekdays that are free in themselves."""

    SATURDAY = "Saturday"
    SUNDAY = "Sunday"


@dataclass(frozen=True, slots=True)
class Holiday:
    """One line of the act: a fixed date, or a distance in days from Easter Sunday, and the years in which it is free."""

    name: str
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


@dataclass(frozen=True, slots=True)
class HolidayTable:
    """The holidays of Poland as the law stood when the version came into force."""

    version: str
    holidays: tuple[Holiday, ...]

    def in_year(self, year: int) -> dict[date, str]:
        """Return each holiday of a year with its name. Raises `HolidaysUnknownError`."""
        return dict(_holidays_in(self.version, year))

    def free_day_name(self, day: date) -> str | None:
        """Return the name of the holiday, or of the weekday, that makes a day free; None on a working day."""
        name = _holidays_in(self.version, day.year).get(day)
        if name is not None:
            return name
        return {5: Weekend.SATURDAY.value, 6: Weekend.SUNDAY.value}.get(day.weekday())


class HolidaysUnknownError(InputRefusedError, code="input.holidays-unknown"):
    """A date before the tables begin, or an unknown version of them."""


@lru_cache(maxsize=512)
def _holidays_in(version: str, year: int) -> dict[date, str]:
    if year < FIRST_YEAR:
        raise HolidaysUnknownError(
            "Polish holidays are known from {first} on, not for {year}.", first=FIRST_YEAR, year=year
        )
    found: dict[date, str] = {}
    for holiday in table(version).holidays:
        day = holiday.in_year(year)
        if day is not None:
            found.setdefault(day, holiday.name)
    return found


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


_SINCE_2011 = (
    Holiday("New Year's Day", 1, 1),
    Holiday("Epiphany", 1, 6, first_year=2011),
    Holiday("Easter Sunday", after_easter=0),
    Holiday("Easter Monday", after_easter=1),
    Holiday("1 May, a public holiday", 5, 1),
    Holiday("3 May, a public holiday", 5, 3),
    Holiday("Pentecost", after_easter=49),
    Holiday("Corpus Christi", after_easter=60),
    Holiday("Assumption Day", 8, 15),
    Holiday("All Saints' Day", 11, 1),
    Holiday("Independence Day", 11, 11),
    Holiday("the centenary of independence", 11, 12, first_year=2018, last_year=2018),
    Holiday("Christmas Day", 12, 25),
    Holiday("the second day of Christmas", 12, 26),
)

_TABLES = (
    HolidayTable("PL-2011-01-01", _SINCE_2011),
    HolidayTable("PL-2025-02-01", (*_SINCE_2011, Holiday("Christmas Eve", 12, 24, first_year=2025))),
)

POLAND = _TABLES[-1]
"""The table in force."""


def table(version: str) -> HolidayTable:
    """Return the table of a version that a stored deadline names. Raises `HolidaysUnknownError`."""
    for known in _TABLES:
        if known.version == version:
            return known
    raise HolidaysUnknownError("No table of holidays has the version {version}.", version=version)
