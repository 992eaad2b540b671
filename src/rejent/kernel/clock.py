"""Clocks, handed to whatever needs the time, and times as the office writes them.

Elsewhere direct calls to the system clock are a lint error. A written time is 14:05:09, or 2a:30:00 in the hour that autumn repeats
(*a* marks its second run); one that names two instants, or none as in the hour that spring skips, is refused.
"""

import re
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from rejent.kernel.errors import InputRefusedError

OFFICE_ZONE = ZoneInfo("Europe/Warsaw")


class Clock(Protocol):
    """A source of time."""

    confirmed: bool
    """True where somebody vouches for the clock, so that a jump is no reason to stop destruction."""

    def now(self) -> datetime:
        """Return the instant, in UTC."""

    def monotonic(self) -> float:
        """Return seconds that never step, from an arbitrary origin."""


class SystemClock:
    """The machine's own clock."""

    confirmed = False

    def now(self) -> datetime:
        """Return the instant, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds since an arbitrary origin."""
        return time.monotonic()


class ShiftedClock:
    """A clock that runs on from a given instant, for an office made with ``--test``."""

    confirmed = True

    def __init__(self, start: datetime, base: Clock | None = None) -> None:
        self._base = base or SystemClock()
        self._offset: timedelta = start.astimezone(UTC) - self._base.now()

    def now(self) -> datetime:
        """Return the shifted instant, in UTC."""
        return self._base.now() + self._offset

    def monotonic(self) -> float:
        """Return seconds since an arbitrary origin."""
        return self._base.monotonic()


class FrozenClock:
    """A clock stopped at the instant of another, so that a decision and its entry fall on one day."""

    def __init__(self, base: Clock) -> None:
        self.confirmed = base.confirmed
        self._now = base.now()
        self._base = base

    def now(self) -> datetime:
        """Return the instant at which it was stopped, in UTC."""
        return self._now

    def monotonic(self) -> float:
        """Return seconds since an arbitrary origin; these go on."""
        return self._base.monotonic()


class ManualClock:
    """A clock that moves only by calls."""

    confirmed = True

    def __init__(self, start: datetime, monotonic: float = 0.0) -> None:
        self._now = start.astimezone(UTC)
        self._monotonic = monotonic

    def now(self) -> datetime:
        """Return the instant last set, in UTC."""
        return self._now

    def monotonic(self) -> float:
        """Return the seconds at the start and those advanced since."""
        return self._monotonic

    def advance(self, step: timedelta) -> None:
        """Move both times on by ``step``."""
        self._now += step
        self._monotonic += step.total_seconds()

    def step(self, by: timedelta) -> None:
        """Step the civil time alone, as a wrong time server would."""
        self._now += by


def civil_date(instant: datetime, zone: ZoneInfo = OFFICE_ZONE) -> date:
    """Return the office's calendar date at an instant."""
    return instant.astimezone(zone).date()


def local_midnight(day: date, zone: ZoneInfo = OFFICE_ZONE) -> datetime:
    """Return the UTC instant at which a civil date begins in the office's zone."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


class TimeRefusedError(InputRefusedError, code="input.time"):
    """A text that is no time of day, or one that names no single instant."""


class AmbiguousTimeError(TimeRefusedError, code="input.time.ambiguous"):
    """A time in the hour that runs twice, given without its run; carries both instants."""

    def __init__(self, earlier: datetime, later: datetime) -> None:
        super().__init__(
            "That night the clock showed {first} twice.",
            advice="Write {first} with the word letni (summer), or {second}.",
            first=clock_time(earlier),
            second=clock_time(later),
        )
        self.earlier = earlier
        self.later = later


class NonexistentTimeError(TimeRefusedError, code="input.time.nonexistent"):
    """A time in the hour that spring skips, or a repeated mark on an hour that is not repeated."""


class Run(StrEnum):
    """A run of a repeated hour."""

    SUMMER = "summer"
    WINTER = "winter"


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time of day as written, to the second, with the run of a repeated hour if given."""

    hour: int
    minute: int
    second: int
    run: Run | None = None


_WRITTEN = re.compile(
    r"(?P<hour>\d{1,2})(?P<repeated>a)?[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?"
    r"(?:\s+\(?(?:czas\s+)?(?P<word>letni|zimowy|summer|winter)\)?)?",
    re.IGNORECASE | re.ASCII,
)
_WORDS = {"letni": Run.SUMMER, "summer": Run.SUMMER, "zimowy": Run.WINTER, "winter": Run.WINTER}


def parse_clock_time(text: str) -> ClockTime:
    """Read ``14:05``, ``14.05.09``, ``2a:25`` or ``2:25 zimowy``. Raises `TimeRefusedError`."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise TimeRefusedError("This is no time of day.", advice="Write it like 14:05 or 14:05:09.")
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"] or 0)
    if hour > 23 or minute > 59 or second > 59:
        raise TimeRefusedError("A day has no such time.", advice="Write it like 14:05 or 14:05:09.")
    run = _WORDS[found["word"].lower()] if found["word"] else None
    if found["repeated"]:
        if run is Run.SUMMER:
            raise TimeRefusedError("The letter a marks winter time.", advice="Leave out one of the two.")
        run = Run.WINTER
    return ClockTime(hour, minute, second, run)


def instants_at(day: date, written: ClockTime, zone: ZoneInfo = OFFICE_ZONE) -> tuple[datetime, ...]:
    """Return the UTC instants, in order, at which the office's clock showed a time on a day: none, one or two."""
    shown = datetime.combine(day, time_of_day(written.hour, written.minute, written.second))
    candidates = sorted({shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)})
    return tuple(
        instant for instant in candidates if instant.astimezone(zone).replace(tzinfo=None, fold=0) == shown
    )


def instant_at(day: date, written: ClockTime | str, zone: ZoneInfo = OFFICE_ZONE) -> datetime:
    """Return the one UTC instant that a day and a written time mean; in the hour that runs twice, the run must be given.

    Raises `AmbiguousTimeError`, `NonexistentTimeError`; `TimeRefusedError` if the text is no time of day.
    """
    if isinstance(written, str):
        written = parse_clock_time(written)
    found = instants_at(day, written, zone)
    if not found:
        raise NonexistentTimeError(
            "That night the clock jumped from 2:00 to 3:00.",
            advice="Write 3:00 or later, or a time before 2:00.",
        )
    if written.run is None:
        if len(found) == 2:
            raise AmbiguousTimeError(*found)
        return found[0]
    wants_summer = written.run is Run.SUMMER
    for instant in found:
        if bool(instant.astimezone(zone).dst()) == wants_summer:
            return instant
    raise NonexistentTimeError(
        "The clock did not show this time in that season on that day.",
        advice="Leave out the word or letter for the season.",
    )


def clock_time(
    instant: datetime, zone: ZoneInfo = OFFICE_ZONE, *, padded: bool = False, seconds: bool = True
) -> str:
    """Return an instant as the office's clock shows it, ``14:05:09`` or ``2a:30:00``; ``padded``: the hour has two digits."""
    local = instant.astimezone(zone)
    hour = f"{local.hour:02d}" if padded else str(local.hour)
    mark = "a" if local.fold else ""
    rest = f"{local.minute:02d}:{local.second:02d}" if seconds else f"{local.minute:02d}"
    return f"{hour}{mark}:{rest}"


def day_length(day: date, zone: ZoneInfo = OFFICE_ZONE) -> timedelta:
    """Return the length of a civil day: 24 hours, 23 in spring, 25 in autumn."""
    return local_midnight(day + timedelta(days=1), zone) - local_midnight(day, zone)
