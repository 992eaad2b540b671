"""A month of one source: which days have recordings, gaps and holds, and which are destroyed today."""

from calendar import Calendar, monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext, ngettext

from rejent.catalog import queries as catalog
from rejent.catalog.views import DaySummary
from rejent.kernel.clock import Clock, civil_date, local_midnight
from rejent.retention import queries as retention
from rejent.web.words.wording import day_words, duration_short


@dataclass(frozen=True, slots=True)
class MonthDay:
    """One day of a source; its summary is None where nothing was expected, and ``gone`` means that nothing of it can be opened."""

    day: date
    summary: DaySummary | None
    held: bool
    due: bool
    gone: bool
    to_come: bool = False

    @property
    def opens(self) -> bool:
        """Return whether a viewing of it finds something."""
        return bool(self.summary and self.summary.recorded_s) and not self.gone

    @property
    def share(self) -> int:
        """The recorded part of what should have been recorded, in percent; what there is shows."""
        if self.summary is None or not self.summary.recorded_s:
            return 0
        return max(round(100 * self.summary.recorded_s / (self.summary.recorded_s + self.summary.gap_s)), 4)

    @property
    def words(self) -> str:
        """The day in a sentence: ``środa, 18 listopada 2026 r.: nagranie 50 min, 3 przerwy, zabezpieczone``."""
        words: list[str] = []
        if self.gone:
            words.append(gettext("destroyed"))
        elif self.to_come:
            words.append(gettext("still to come"))
        elif self.summary is None or not self.summary.recorded_s:
            words.append(gettext("no recording"))
        else:
            length = duration_short(self.summary.recorded_s)
            words.append(gettext("recording %(length)s") % {"length": length})
            if self.summary.gaps:
                counted = ngettext("%(n)s gap", "%(n)s gaps", self.summary.gaps)
                words.append(counted % {"n": self.summary.gaps})
        if self.held:
            words.append(gettext("held"))
        if self.due:
            words.append(gettext("can be used until midnight"))
        return f"{day_words(self.day)}: {', '.join(words)}"


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a source, in weeks from Monday with None outside the month; ``later`` if the next month has begun."""

    source_id: str
    first: date
    weeks: list[list[MonthDay | None]]
    later: bool

    @property
    def before(self) -> str:
        """The month before, as addresses write it."""
        return f"{self.first - timedelta(days=1):%Y-%m}"

    @property
    def after(self) -> str:
        """The month after, as addresses write it."""
        return f"{_last(self.first) + timedelta(days=1):%Y-%m}"


def month_of(source_id: str, written: str, *, clock: Clock, near: date | None = None) -> Month:
    """Return the month written as ``2026-11``; where it cannot be read, the one of the day ``near``, or of today."""
    now = clock.now()
    today = civil_date(now)
    first = _first(written, near or today)
    days = days_of(source_id, first, min(_last(first), today), clock) if first <= today else {}
    weeks = [
        [
            days.get(day, MonthDay(day, None, held=False, due=False, gone=False, to_come=day > today))
            if day.month == first.month
            else None
            for day in week
        ]
        for week in Calendar().monthdatescalendar(first.year, first.month)
    ]
    return Month(source_id, first, weeks, later=_last(first) < today)


def days_of(source_id: str, first: date, last: date, clock: Clock) -> dict[date, MonthDay]:
    """Return the days of a source from one to another that has begun, both included."""
    gone = {item.day for item in retention.destructions(source_id) if item.key_dead_at is not None}
    held = set(_held(source_id))
    midnight = local_midnight(civil_date(clock.now()) + timedelta(days=1))
    ending = [item for item in retention.due(midnight, clock) if item.source_id == source_id]
    due = {item.day for item in ending}
    return {
        summary.day: MonthDay(
            summary.day,
            summary if summary.recorded_s + summary.gap_s else None,
            held=summary.day in held,
            due=summary.day in due - gone,
            gone=summary.day in gone - held and bool(summary.recorded_s),
        )
        for summary in catalog.month_summary(source_id, first, last, clock=clock)
    }


def _held(source_id: str) -> Iterable[date]:
    for hold in retention.holds(active=True):
        if hold.source_id == source_id:
            yield from _all(civil_date(hold.start), civil_date(hold.end))


def _first(written: str, near: date) -> date:
    try:
        return datetime.strptime(written, "%Y-%m").date()  # noqa: DTZ007 - a month, not an instant
    except ValueError:
        return near.replace(day=1)


def _last(first: date) -> date:
    return first.replace(day=monthrange(first.year, first.month)[1])


def _all(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
