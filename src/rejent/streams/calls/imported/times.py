"""Times as PBXs state them: with a zone, without, in another calendar order, before 1980 because a clock was never set.

What was stated is kept beside what it was taken for; nothing is dropped because its time is wrong.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from rejent.kernel.clock import OFFICE_ZONE
from rejent.streams.calls.catalog.record_places import RecordZone

_EARLIEST_YEAR = 2000
"""A clock that was never set says 1970 or 1980."""
_YEARS = range(2, 9999)
"""That can be reckoned with in every zone; ``0001-01-01`` is what .NET writes for no time."""
_AHEAD = timedelta(hours=26)
"""A time may be this far ahead of us: another zone's, taken for ours."""
_LONGEST = 40
_WRITTEN = re.compile(
    r"(?:(?P<year>\d{4})[-/.]?(?P<month>\d{2})[-/.]?(?P<day>\d{2})|(?P<day2>\d{1,2})[-/.](?P<month2>\d{1,2})[-/.](?P<year2>\d{4}))"
    r"[T _-]{0,2}(?P<hour>\d{1,2})[:.-]?(?P<minute>\d{2})(?:[:.-]?(?P<second>\d{2}))?(?:[.,](?P<part>\d{1,9}))?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>[Zz]|UTC|GMT|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_EPOCH = re.compile(r"\d{9,10}(?:\.\d{1,9})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class StatedTime:
    """A time as it was stated, and what it was taken for.

    Attributes:
        text: as stated, shortened where it is no time at all.
        instant: UTC; nothing where it cannot be read or cannot be true.
        assumed: what was assumed to read it: ``UTC``, ``Europe/Warsaw``, ``+02:00``, ``epoch``; with ``fold=1`` for the second
            run of the hour that autumn repeats, ``moved`` for one that spring skips, ``implausible`` where it cannot be true.
    """

    text: str = ""
    instant: datetime | None = None
    assumed: str = ""


NO_TIME = StatedTime()


def stated_time(text: str, zone: RecordZone, near: datetime) -> StatedTime:
    """Read a time.

    Args:
        text: as the PBX wrote it.
        zone: whose clock it is where it does not say so.
        near: when we saw it, UTC; of two instants that a text may mean the nearer before it is taken.
    """
    told = text.strip()[:_LONGEST]
    if not told:
        return NO_TIME
    read = _epoch(told) or _calendar(told, zone, near)
    if read is None:
        return StatedTime(told, None, "unread")
    instant, assumed = read
    if instant.year < _EARLIEST_YEAR or instant > near + _AHEAD:
        return StatedTime(told, None, f"{assumed} implausible")
    return StatedTime(told, instant, assumed)


def _epoch(told: str) -> tuple[datetime, str] | None:
    if not _EPOCH.fullmatch(told):
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=float(told)), "epoch"


def _calendar(told: str, zone: RecordZone, near: datetime) -> tuple[datetime, str] | None:
    found = _WRITTEN.fullmatch(told)
    if found is None:
        return None
    hour = int(found["hour"])
    if found["half"]:
        hour = hour % 12 + (12 if found["half"][0] in "pP" else 0)
    year, month, day = (int(found[name] or found[f"{name}2"]) for name in ("year", "month", "day"))
    if month > 12 >= day:
        month, day = day, month
    if year not in _YEARS:
        return None
    try:
        shown = datetime(year, month, day, hour, int(found["minute"]), int(found["second"] or 0), tzinfo=UTC)
    except ValueError:
        return None
    shown += timedelta(microseconds=int((found["part"] or "0").ljust(6, "0")[:6]))
    if found["zone"]:
        return _with_offset(shown, found["zone"])
    if zone is RecordZone.UTC:
        return shown, "UTC"
    return _local(shown, near, OFFICE_ZONE)


def _with_offset(shown: datetime, written: str) -> tuple[datetime, str] | None:
    if written.upper() in {"Z", "UTC", "GMT"}:
        return shown, "UTC"
    hours, minutes = int(written[1:3]), int(written[-2:])
    offset = timedelta(hours=hours, minutes=minutes) * (-1 if written[0] == "-" else 1)
    if hours > 14 or minutes > 59:
        return None
    return shown - offset, f"{written[:3]}:{written[-2:]}"


def _local(shown: datetime, near: datetime, zone: ZoneInfo) -> tuple[datetime, str]:
    runs = [shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    if runs[0] == runs[1]:
        return runs[0], zone.key
    if runs[0] > runs[1]:
        return runs[0], f"{zone.key} moved"
    chosen = 1 if runs[1] <= near and near - runs[1] < near - runs[0] else 0
    return runs[chosen], f"{zone.key} fold={chosen}"
