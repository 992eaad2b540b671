"""Terms: ends of retention, deadlines to act, and notices.

Counting is on civil dates in the office's zone, so that a change of clocks never alters a term. Three kinds:

* a *retention limit* never moves (`deadlines`);
* a *deadline to act* rolls over Saturdays, Sundays and holidays (`deadline_to_act`);
* a *notice* lies so many days before a start, and free days do not move it (`earliest_start`).

Sources: Civil Code art. 110-115, Code of Administrative Procedure art. 57, Regulation (EEC, Euratom) 1182/71 art. 3,
Labour Code art. 22² § 3, 7, 9. The rules T1-T18 are listed in ``docs/ref/terms.md``.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from rejent.kernel.clock import OFFICE_ZONE, local_midnight
from rejent.kernel.errors import InputRefusedError
from rejent.kernel.holidays import POLAND, HolidayTable

LONGEST_COUNT = 36_525
"""Most units of a term: a hundred years of days."""

FIXED_ALARM_AFTER = timedelta(hours=1)
MAXIMUM_ALARM_BEFORE = timedelta(hours=6)
_LEAP_CYCLE = 4 * 365 + 1


class TermError(InputRefusedError, code="input.term"):
    """A term that cannot be counted as it was given."""


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
    """A number of days, weeks or months. Raises `TermError`: below one, or beyond a hundred years of days."""

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

    ``clause`` is where the office's regulation says so, ``reason`` the grounds where it is silent. Raises `TermError`: no term has this count.
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
    """Ends of the recordings of one civil day, which is not counted; all instants in UTC.

    ``readable_until`` ends the promise that a recording can be read without a hold; a key still alive at ``alarm_at`` is overdue, or about to be.
    """

    rule: RetentionRule
    day: date
    last_day: date
    readable_until: datetime
    purge_opens: datetime
    key_dead_by: datetime
    alarm_at: datetime

    @property
    def last_usable_day(self) -> date:
        """The last civil day through which a recording can be used without a hold; it ends at `readable_until`."""
        return self.last_day - timedelta(days=0 if self.rule.kind is RetentionKind.FIXED else 1)


def deadlines(rule: RetentionRule, day: date, zone: ZoneInfo = OFFICE_ZONE) -> RetentionTerm:
    """Return the ends of recordings made on a civil day. A limit does not move off a free day.

    *Fixed*: readable through the last day; the key dies when that day ends, the alarm sounds an hour later.
    *Maximum*: destruction opens when the last day begins; the key is dead before it ends; the alarm sounds six hours
    before. Raises `TermError` if the calendar ends first.
    """
    last_day = rule.length.after(day)
    if last_day >= date.max - timedelta(days=1):
        raise TermError("The term ends beyond the calendar.")
    end = end_of_day(last_day, zone)
    if rule.kind is RetentionKind.FIXED:
        opens, alarm = end, end + FIXED_ALARM_AFTER
    else:
        opens, alarm = local_midnight(last_day, zone), end - MAXIMUM_ALARM_BEFORE
    return RetentionTerm(rule, day, last_day, opens, opens, end, alarm)


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


@dataclass(frozen=True, slots=True)
class SkippedDay:
    """A day a deadline rolled over, and the reason it is free."""

    day: date
    reason: str


@dataclass(frozen=True, slots=True)
class ActDeadline:
    """A deadline by which somebody may or must act, counted from ``origin``, which is not counted itself.

    ``nominal_day`` is its last day before free days are considered; ``holidays`` the version of their table, to recompute it.
    """

    origin: date
    length: Length
    nominal_day: date
    last_day: date
    skipped: tuple[SkippedDay, ...]
    holidays: str

    @property
    def moved(self) -> bool:
        """True if a free day moved it."""
        return bool(self.skipped)

    def in_time(self, acted_on: date) -> bool:
        """Return True if an act of that day is in time."""
        return acted_on <= self.last_day


def deadline_to_act(origin: date, length: Length, holidays: HolidayTable = POLAND) -> ActDeadline:
    """Return the deadline after an event, rolled over free days (Civil Code art. 115, Administrative Procedure art. 57 § 4).

    Raises `TermError`: the calendar ends first; `HolidaysUnknownError`.
    """
    nominal = length.after(origin)
    if nominal.year >= date.max.year:
        raise TermError("The term ends beyond the calendar.")
    skipped = tuple(_free_days_from(nominal, holidays))
    last_day = nominal + timedelta(days=len(skipped))
    return ActDeadline(origin, length, nominal, last_day, skipped, holidays.version)


def _free_days_from(day: date, holidays: HolidayTable) -> Iterator[SkippedDay]:
    while (reason := holidays.free_day_name(day)) is not None:
        yield SkippedDay(day, reason)
        day += timedelta(days=1)


def term_origin(first_possible: date, last_possible: date) -> date:
    """Return the last day of a range in which the event lies, in the applicant's favour. Raises `TermError`: it runs backwards."""
    if last_possible < first_possible:
        raise TermError("A range of days ends before it starts.")
    return last_possible


def working_days_after(day: date, count: int, holidays: HolidayTable = POLAND) -> date:
    """Return the working day that is ``count`` working days after a day."""
    for _ in range(count):
        day += timedelta(days=1)
        while holidays.free_day_name(day) is not None:
            day += timedelta(days=1)
    return day


# --- Notice, counted backwards ----------------------------------------------------------------------------------------


def earliest_start(notified_on: date, days: int, *, full_days: bool = False) -> date:
    """Return the first day on which something announced may start; with ``full_days`` so many whole days lie between."""
    return notified_on + timedelta(days=days + (1 if full_days else 0))
