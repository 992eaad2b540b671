"""Viewings of the last weeks by their purpose, as columns and as the rows of a table."""

from dataclasses import dataclass
from datetime import datetime

from rejent.access.supervision import queries as supervision
from rejent.access.supervision.weeks import Week
from rejent.registers import queries as registers
from rejent.registers.errors import NoSuchEntryError
from rejent.web.pages.plots import Column, Mark, draw_columns
from rejent.web.words.acts import Names

WEEKS = 12
"""Weeks of the plot: a quarter of a year."""


@dataclass(frozen=True, slots=True)
class PurposeWeeks:
    """One purpose: its columns, all its viewings of these weeks, and those of each week, the newest first; None where nothing is known."""

    purpose: str
    marks: list[Mark]
    count: int
    counts: list[int | None]


@dataclass(frozen=True, slots=True)
class ViewingsByWeek:
    """The weeks, the newest first, the purposes, the most frequent first, and how many viewings the highest column stands for."""

    weeks: list[Week]
    purposes: list[PurposeWeeks]
    highest: int

    @property
    def rows(self) -> list[tuple[Week, list[tuple[str, int | None]]]]:
        """The rows of the table: a week with its count of each purpose."""
        return [
            (week, [(one.purpose, one.counts[place]) for one in self.purposes])
            for place, week in enumerate(self.weeks)
        ]


def viewings_by_week(now: datetime, names: Names) -> ViewingsByWeek | None:
    """Return the weeks up to the one that runs; None where nothing was opened in them.

    Of a week that ended before the register of actions began, nothing is known.
    """
    running = Week.at(now)
    weeks = [running.after(-back) for back in range(WEEKS)][::-1]
    begun = _begun()
    of_week = [_counts(week) if begun and week.interval.end > begun else None for week in weeks]
    totals: dict[str, int] = {}
    for counts in of_week:
        for purpose, count in (counts or {}).items():
            totals[purpose] = totals.get(purpose, 0) + count
    if not totals:
        return None
    highest = max(count for counts in of_week for count in (counts or {}).values())
    purposes = []
    for purpose, count in sorted(totals.items(), key=lambda item: (-item[1], item[0])):
        own = [None if counts is None else counts.get(purpose, 0) for counts in of_week]
        columns = [Column(None if one is None else one / highest) for one in own]
        purposes.append(PurposeWeeks(names.purpose(purpose), draw_columns(columns), count, own[::-1]))
    return ViewingsByWeek(weeks[::-1], purposes, highest)


def _counts(week: Week) -> dict[str, int]:
    counts: dict[str, int] = {}
    for use in supervision.uses(week.interval):
        counts[use.purpose] = counts.get(use.purpose, 0) + use.viewings
    return counts


def _begun() -> datetime | None:
    try:
        return registers.act(0).at
    except NoSuchEntryError:
        return None
