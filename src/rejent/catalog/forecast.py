"""Forecast of how long the storage lasts, and whether it holds what the regulation asks for (R-OPEN-1)."""

from collections.abc import Mapping
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
        per_day: bytes all sources yield in a day.
        days_left: days until the storage is full if nothing were destroyed; nothing while nothing is recorded.
        needed: bytes that the periods of all sources will take once they have run in.
        to_come: those of them that are not there yet.
        needed_days: the longest period of all sources, in days.
        enough: whether the periods fit.
    """

    used: int | None
    free: int | None
    per_day: float
    by_source: Mapping[str, float]
    days_left: float | None
    needed: int
    to_come: int
    needed_days: int
    enough: bool


def forecast(used: int | None, free: int | None, demands: Mapping[str, Demand]) -> Forecast:
    """Put what the sources need against what the storage has.

    A source's need never counts less than what is kept of it already, for holds keep more than the period.
    """
    per_day = sum(demand.per_day for demand in demands.values())
    needed = sum(max(round(demand.per_day * demand.days), demand.kept) for demand in demands.values())
    to_come = needed - sum(demand.kept for demand in demands.values())
    return Forecast(
        used=used,
        free=free,
        per_day=per_day,
        by_source={source: demand.per_day for source, demand in demands.items()},
        days_left=free / per_day if free is not None and per_day > 0 else None,
        needed=needed,
        to_come=to_come,
        needed_days=max((demand.days for demand in demands.values()), default=0),
        enough=free is None or to_come <= free,
    )


def full_day(recorded_ms: int, size: int, fallback: float) -> float:
    """Bytes in a full day, from what a part of it yielded; too short a part gives way to the recorder's own figure."""
    if recorded_ms < _SHORTEST_MS:
        return fallback * _DAY_S
    return size * _DAY_S * 1000 / recorded_ms


_DAY_S = 86_400
_SHORTEST_MS = 600_000
