"""Clocks, handed to whatever needs the time; elsewhere direct calls to the system clock are a lint error."""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

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
