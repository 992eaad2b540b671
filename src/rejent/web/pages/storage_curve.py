"""The forecast of the storage as a curve that the server draws, and as the rows of its table."""

from dataclasses import dataclass
from datetime import date, timedelta

from rejent.catalog.forecast import Forecast

WIDTH, HEIGHT = 720, 200
MOST_POINTS = 120
AHEAD = (0, 7, 30, 90)
"""Days of which the table says how much there will be; the last is when the periods have run in."""


@dataclass(frozen=True, slots=True)
class StorageCurve:
    """What the disk will hold: points of a line, where its limit lies and where it is full, and rows for readers.

    Attributes:
        line, area: points of SVG; the area is that under the line.
        limit: how high the size of the disk lies.
        others: how high that lies which is no recording.
        full: how far to the right the disk is full; None if it never is.
        rows: days, recordings then, all then, and what is free, below nothing where the disk does not hold it.
    """

    line: str
    area: str
    limit: float
    others: float
    full: float | None
    rows: list[tuple[date, int, int, int]]
    last: date


def storage_curve(forecast: Forecast, others: int, total: int, today: date) -> StorageCurve:
    """Draw how recordings grow until as much is destroyed each day as comes; all other files are taken to stay as they are."""
    grown = (0, *forecast.growth)
    days = max(1, len(grown) - 1)
    highest = max(total, others + forecast.kept + grown[-1], 1) * 1.05

    def height(size: float) -> float:
        return round(HEIGHT - HEIGHT * size / highest, 1)

    step = max(1, len(grown) // MOST_POINTS)
    places = sorted({*range(0, len(grown), step), len(grown) - 1})
    points = [(round(WIDTH * day / days, 1), height(others + forecast.kept + grown[day])) for day in places]
    if len(points) == 1:
        points.append((WIDTH, points[0][1]))
    line = " ".join(f"{x},{y}" for x, y in points)
    full = forecast.full_in_days
    told = sorted({day for day in (*AHEAD, full or 0) if day < len(grown)} | {len(grown) - 1})
    return StorageCurve(
        line=line,
        area=f"0,{HEIGHT} {line} {WIDTH},{HEIGHT}",
        limit=height(total),
        others=height(others),
        full=None if full is None else round(WIDTH * full / days, 1),
        rows=[_row(today + timedelta(days=day), forecast.kept + grown[day], others, total) for day in told],
        last=today + timedelta(days=days),
    )


def _row(day: date, recordings: int, others: int, total: int) -> tuple[date, int, int, int]:
    return day, recordings, recordings + others, total - recordings - others
