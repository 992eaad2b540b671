"""Weeks of the office's calendar, by which supervision reads what was done: Monday to Sunday, ISO 8601 numbers."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rejent.kernel.clock import civil_date, local_midnight
from rejent.kernel.errors import InputRefusedError
from rejent.kernel.intervals import Interval

_WRITTEN = re.compile(r"(\d{4})-?W(\d{2})", re.ASCII | re.IGNORECASE)
_YEARS = range(2000, 9999)


class WeekRefusedError(InputRefusedError, code="input.week"):
    """The text given names no week."""


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """A week of the calendar (ISO 8601): its year is that of its Thursday."""

    first: date

    @classmethod
    def of(cls, day: date) -> "Week":
        """Return the week that a civil date lies in."""
        return cls(day - timedelta(days=day.weekday()))

    @classmethod
    def at(cls, instant: datetime) -> "Week":
        """Return the week that an instant lies in, by the office's clock."""
        return cls.of(civil_date(instant))

    @classmethod
    def read(cls, written: str) -> "Week":
        """Return the week that a text such as ``2026-W47`` names. Raises `WeekRefusedError` if it names none."""
        found = _WRITTEN.fullmatch(written.strip())
        with suppress(ValueError):
            if found is not None and int(found[1]) in _YEARS:
                return cls(date.fromisocalendar(int(found[1]), int(found[2]), 1))
        raise WeekRefusedError("This is no week.", advice="Write it like this: 2026-W47.")

    @property
    def last(self) -> date:
        """Its Sunday."""
        return self.first + timedelta(days=6)

    @property
    def number(self) -> int:
        """Its number within its year, from 1."""
        return self.first.isocalendar().week

    @property
    def year(self) -> int:
        """The year that it is counted to."""
        return self.first.isocalendar().year

    @property
    def interval(self) -> Interval:
        """From the local midnight that begins Monday to the one that ends Sunday: 167 to 169 hours."""
        return Interval(local_midnight(self.first), local_midnight(self.last + timedelta(days=1)))

    def after(self, weeks: int = 1) -> "Week":
        """Return the week so many weeks later; earlier for a negative number."""
        return Week(self.first + timedelta(weeks=weeks))

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02d}"
