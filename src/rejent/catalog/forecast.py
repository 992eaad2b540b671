"""Forecast of how long the storage lasts, and whether it holds what the regulation asks for (R-OPEN-1)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Demand:
    """Need of one source.

    Attributes:
        per_day: bytes it yields in a full day, from the days it recorded lately.
        days: how many days the regulation keeps them, the day of recording included.
        kept: bytes of it that are kept now.
    """

    per_day: float
    days: int
    kept: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """Content of the storage, and how long it lasts.

    Attributes:
        used, free: bytes at the last reading; nothing before the first one, and nothing free where the store knows no limit.
        kept: those of them that are recordings; all others on the same disk are none of this program's, or its rows and copies.
        per_day: bytes all sources yield in a day.
        days_left: days until the storage is full if nothing were destroyed; nothing while nothing is recorded.
        growth: bytes by which recordings will have grown after each day to come, destruction counted, until they grow no more.
        needed: bytes that the periods of all sources will take once they have run in.
        to_come: those of them that are not there yet.
        needed_days: the longest period of all sources, in days.
        enough: whether the periods fit.
    """

    used: int | None
    free: int | None
    kept: int
    per_day: float
    by_source: Mapping[str, float]
    days_left: float | None
    needed: int
    to_come: int
    needed_days: int
    enough: bool
    growth: tuple[int, ...]

    @property
    def is_measured(self) -> bool:
        """Return whether anything was recorded from which the need could be computed."""
        return self.per_day > 0

    @property
    def full_in_days(self) -> int | None:
        """Return after how many days the storage is full; None if the periods fit, or no limit is known."""
        if self.free is None or self.enough:
            return None
        return next(day for day, grown in enumerate(self.growth, 1) if grown > self.free) - 1


def forecast(used: int | None, free: int | None, demands: Mapping[str, Demand]) -> Forecast:
    """Put what the sources need against what the storage has.

    A source's need never counts less than what is kept of it already, for holds keep more than the period.
    """
    per_day = sum(demand.per_day for demand in demands.values())
    needed = sum(max(round(demand.per_day * demand.days), demand.kept) for demand in demands.values())
    kept = sum(demand.kept for demand in demands.values())
    to_come = needed - kept
    return Forecast(
        used=used,
        free=free,
        kept=kept,
        per_day=per_day,
        by_source={source: demand.per_day for source, demand in demands.items()},
        days_left=free / per_day if free is not None and per_day > 0 else None,
        needed=needed,
        to_come=to_come,
        needed_days=max((demand.days for demand in demands.values()), default=0),
        enough=free is None or to_come <= free,
        growth=tuple(_add_growth(demands.values(), to_come)),
    )


def _add_growth(demands: Iterable[Demand], to_come: int) -> Iterator[int]:
    """Yield how much more there is after each day: a source grows until its period has run in, then as much dies as comes."""
    growing = [(one.per_day, round(one.per_day * one.days) - one.kept) for one in demands]
    growing = [(per_day, room) for per_day, room in growing if room > 0]
    grown = day = 0
    while grown < to_come:
        day += 1
        grown = min(to_come, sum(min(round(per_day * day), room) for per_day, room in growing))
        yield grown


def full_day(recorded_ms: int, size: int, fallback: float) -> float:
    """Bytes in a full day, from what a part of it yielded; too short a part gives way to the recorder's own figure."""
    if recorded_ms < _SHORTEST_MS:
        return fallback * _DAY_S
    return size * _DAY_S * 1000 / recorded_ms


_DAY_S = 86_400
_SHORTEST_MS = 600_000
