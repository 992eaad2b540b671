"""The days that a source's recordings are kept, as columns: what is recorded, what is missing, and of what nothing is known."""

from dataclasses import dataclass
from datetime import date, timedelta

from rejent.catalog.stream_parts import SOURCES
from rejent.catalog.views import SourceView
from rejent.kernel.clock import Clock, civil_date, local_midnight
from rejent.retention import queries as retention
from rejent.web.pages.plots import Column, Mark, draw_columns
from rejent.web.player.month import MonthDay, days_of

MOST_DAYS = 92
"""Days of one plot: a column of more would be under four pixels wide on a phone."""


@dataclass(frozen=True, slots=True)
class SourceDays:
    """The plot and the rows of its table: the newest day first, each with what is known of it, or None."""

    first: date
    last: date
    marks: list[Mark]
    rows: list[tuple[date, MonthDay | None]]


def source_days(source: SourceView, clock: Clock) -> SourceDays | None:
    """Return the days that the rule in force keeps, today's included; None where no rule is in force."""
    today = civil_date(clock.now())
    term = retention.term(source.id, today, clock)
    if term is None:
        return None
    kept = min((term.last_usable_day - today).days, MOST_DAYS - 1)
    first = today - timedelta(days=kept)
    begun, has_pauses = civil_date(source.added_at), not SOURCES.of(source.stream).is_continuous
    days = [
        (day, one if one.summary or (has_pauses and day >= begun) else None)
        for day, one in sorted(days_of(source.id, first, today, clock).items())
    ]
    return SourceDays(first, today, draw_columns([_column(day, one) for day, one in days]), days[::-1])


def _column(day: date, one: MonthDay | None) -> Column:
    """Return a day's parts of all its hours: 23 or 25 when the clocks change."""
    if one is None or one.gone:
        return Column(None)
    if one.summary is None:
        return Column(0.0)
    whole = (local_midnight(day + timedelta(days=1)) - local_midnight(day)).total_seconds()
    return Column(one.summary.recorded_s / whole, one.summary.gap_s / whole)
