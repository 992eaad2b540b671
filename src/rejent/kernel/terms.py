"""Terms: ends of retention, deadlines to act, and notices.

Counting is on civil dates in the office's zone, so that a change of clocks never alters a term. Three kinds:

* a *retention limit* never moves (`deadlines`);
* a *deadline to act* rolls over Saturdays, Sundays and holidays (`deadline_to_act`);
* a *notice* leaves whole days before a start and does not move (`earliest_start`).

Sources: Civil Code art. 110-115, Code of Administrative Procedure art. 57, Regulation (EEC, Euratom) 1182/71 art. 3,
Labour Code art. 22² § 3, 7, 9. The rules are listed in ``docs/ref/terms.md``.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from rejent.kernel.clock import OFFICE_ZONE, local_midnight
from rejent.kernel.errors import InputRefusedError
from rejent.kernel.holidays import is_free

LONGEST_COUNT = 36_525
"""Most units of a term: a hundred years of days."""

FIXED_ALARM_AFTER = timedelta(hours=1)
FIXED_FILES_WITHIN = timedelta(hours=24)
MAXIMUM_ALARM_BEFORE = timedelta(hours=6)
_LEAP_CYCLE = 4 * 365 + 1


class TermError(InputRefusedError):
    """A term that cannot be counted as it was given."""

    code = "input.term"


class Unit(StrEnum):
    """A unit of terms."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


class RetentionKind(StrEnum):
    """A kind of retention period: *fixed* forbids destruction before its end and keeping after it, *maximum* only the latter."""

    FIXED = "fixed"
    MAXIMUM = "maximum"


@dataclass(frozen=True, slots=True)
class Length:
    """A number of days, weeks or months.

    Raises `TermError` if the count is below one or beyond a hundred years of days.
    """

    count: int
    unit: Unit

    def __post_init__(self) -> None:
        if not 1 <= self.count <= LONGEST_COUNT:
            raise TermError("A term counts from 1 to {longest} units.", longest=LONGEST_COUNT)

    def after(self, origin: date) -> date:
        """Return the last day of the term; the day of the event, ``origin``, is not counted (Civil Code art. 111 § 2).

        Months end on the day with the origin's number, or on the last day of a shorter month (Civil Code art. 112).
        Raises `TermError` if the calendar ends first.
        """
        try:
            match self.unit:
                case Unit.DAYS:
                    return origin + timedelta(days=self.count)
                case Unit.WEEKS:
                    return origin + timedelta(weeks=self.count)
                case Unit.MONTHS:
                    return _months_after(origin, self.count)
        except (OverflowError, ValueError) as beyond:
            raise TermError("The term ends beyond the calendar.") from beyond


def _months_after(origin: date, months: int) -> date:
    year, month = divmod(origin.year * 12 + origin.month - 1 + months, 12)
    return date(year, month + 1, min(origin.day, monthrange(year, month + 1)[1]))


def end_of_day(day: date, zone: ZoneInfo = OFFICE_ZONE) -> datetime:
    """Return the UTC instant at which a civil date ends: the midnight that begins the next."""
    return local_midnight(day + timedelta(days=1), zone)


# --- Retention limits -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """The term for which recordings of one stream are kept, counted from the civil day of recording.

    Args:
        count: number of units; at least one.
        unit: days, weeks or months.
        kind: fixed (not earlier, not later) or maximum (not later).
        clause: where the office's regulation says so, in its own numbering; may be empty.
        reason: grounds for the length where the regulation is silent; may be empty.

    Raises:
        TermError: the count is one no term can have.
    """

    count: int
    unit: Unit
    kind: RetentionKind
    clause: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        Length(self.count, self.unit)

    @property
    def length(self) -> Length:
        """The period without its kind."""
        return Length(self.count, self.unit)


@dataclass(frozen=True, slots=True)
class RetentionTerm:
    """Ends of the recordings of one civil day; all instants in UTC.

    Args:
        rule: the rule applied.
        day: the civil day of recording, which is not counted.
        last_day: the last day of the term.
        readable_until: the end of the promise that a recording can be read without a hold.
        purge_opens: the start of destruction.
        key_dead_by: the instant by which the key must be gone.
        files_gone_by: the instant by which the sealed files must be gone.
        alarm_at: a key still alive here is overdue, or about to be.
    """

    rule: RetentionRule
    day: date
    last_day: date
    readable_until: datetime
    purge_opens: datetime
    key_dead_by: datetime
    files_gone_by: datetime
    alarm_at: datetime


def deadlines(rule: RetentionRule, day: date, zone: ZoneInfo = OFFICE_ZONE) -> RetentionTerm:
    """Return the ends of recordings made on a civil day. A limit does not move off a free day.

    *Fixed*: readable through the last day; the key dies when that day ends, the alarm sounds an hour later, the files
    follow within 24 hours. *Maximum*: destruction opens when the last day begins; everything is gone before it ends;
    the alarm sounds six hours before. Raises `TermError` if the calendar ends first.
    """
    last_day = rule.length.after(day)
    if last_day >= date.max - timedelta(days=1):
        raise TermError("The term ends beyond the calendar.")
    end = end_of_day(last_day, zone)
    if rule.kind is RetentionKind.FIXED:
        opens, files, alarm = end, end + FIXED_FILES_WITHIN, end + FIXED_ALARM_AFTER
    else:
        opens, files, alarm = local_midnight(last_day, zone), end, end - MAXIMUM_ALARM_BEFORE
    return RetentionTerm(rule, day, last_day, opens, opens, end, files, alarm)


def first_day_beyond(length: Length, ceiling: Length) -> date | None:
    """Return a day from which ``length`` outlasts ``ceiling``, or None.

    Ninety days outlast three months that begin on 1 December, but not three that begin on 1 June.
    """
    start = date(2025, 1, 1)
    for offset in range(_LEAP_CYCLE):
        origin = start + timedelta(days=offset)
        if length.after(origin) > ceiling.after(origin):
            return origin
    return None


# --- Deadlines to act -------------------------------------------------------------------------------------------------


def deadline_to_act(origin: date, length: Length) -> date:
    """Return the last day to act after an event, rolled over free days (Civil Code art. 115, Administrative Procedure art. 57 § 4).

    Raises:
        TermError: the calendar ends first.
        HolidaysUnknownError: the dates are before the table of holidays begins.
    """
    day = length.after(origin)
    if day.year >= date.max.year:
        raise TermError("The term ends beyond the calendar.")
    while is_free(day):
        day += timedelta(days=1)
    return day


def working_days_after(day: date, count: int) -> date:
    """Return the working day that is ``count`` working days after a day."""
    for _ in range(count):
        day += timedelta(days=1)
        while is_free(day):
            day += timedelta(days=1)
    return day


# --- Notice -----------------------------------------------------------------------------------------------------------


def earliest_start(notified_on: date, days: int, *, full_days: bool = False) -> date:
    """Return the first day on which something announced on a day may start.

    With ``full_days``, so many whole days must lie between the two, as the product asks for its own notices.
    """
    return notified_on + timedelta(days=days + (1 if full_days else 0))
