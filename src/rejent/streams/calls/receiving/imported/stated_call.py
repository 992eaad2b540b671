"""One call as a PBX states it, with times from clocks never set, with or without a zone, in several orders."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from rejent.kernel.clock import OFFICE_ZONE
from rejent.kernel.numbers import read_decimal
from rejent.streams.calls.catalog.lines.parts import RecordZone

_EARLIEST_YEAR = 2000
"""A clock never set says 1970 or 1980."""
_YEARS = range(2, 9999)
"""Years valid in every zone; .NET writes ``0001-01-01`` for no time."""
_AHEAD = timedelta(hours=26)
_MAX_LENGTH = 40
_WRITTEN = re.compile(
    r"(?:(?P<year>\d{4})[-/.]?(?P<month>\d{2})[-/.]?(?P<day>\d{2})|(?P<day2>\d{1,2})[-/.](?P<month2>\d{1,2})[-/.](?P<year2>\d{4}))"
    r"[T _-]{0,2}(?P<hour>\d{1,2})[:.-]?(?P<minute>\d{2})(?:[:.-]?(?P<second>\d{2}))?(?:[.,](?P<part>\d{1,9}))?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>[Zz]|UTC|GMT|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_FIRST_EPOCH_S, _LAST_EPOCH_S = (
    1e8,
    1e10 - 1,
)  # nine digits and ten: fewer are no seconds since 1970 that a call began at


@dataclass(frozen=True, slots=True)
class StatedTime:
    """A stated time and its interpretation; ``instant`` is None where it cannot be parsed or true.

    ``assumed`` is ``UTC``, ``Europe/Warsaw``, ``+02:00`` or ``epoch``; with ``fold=1`` for the second run of a repeated
    hour, ``moved`` for a skipped one, ``implausible`` where it cannot be true.
    """

    text: str = ""
    instant: datetime | None = None
    assumed: str = ""


NO_TIME = StatedTime()


def parse_time(text: str, zone: RecordZone, near: datetime) -> StatedTime:
    """Parse a time as the PBX wrote it; of two possible instants, the last before ``near`` (UTC) is chosen."""
    written = text.strip()[:_MAX_LENGTH]
    if not written:
        return NO_TIME
    read = _epoch(written) or _calendar(written, zone, near)
    if read is None:
        return StatedTime(written, None, "unread")
    instant, assumed = read
    if instant.year < _EARLIEST_YEAR or instant > near + _AHEAD:
        return StatedTime(written, None, f"{assumed} implausible")
    return StatedTime(written, instant, assumed)


def _epoch(written: str) -> tuple[datetime, str] | None:
    seconds = read_decimal(written, least=_FIRST_EPOCH_S, most=_LAST_EPOCH_S)
    return (
        (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds), "epoch")
        if seconds is not None
        else None
    )


def _calendar(written: str, zone: RecordZone, near: datetime) -> tuple[datetime, str] | None:
    found = _WRITTEN.fullmatch(written)
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
    shown += timedelta(microseconds=int((found["part"] or "0").ljust(6, "0")[:6]))  # type: ignore[outside-number]  # six digits
    if found["zone"]:
        return _with_offset(shown, found["zone"])
    if zone is RecordZone.UTC:
        return shown, "UTC"
    return _local(shown, near, OFFICE_ZONE)


def _with_offset(shown: datetime, written: str) -> tuple[datetime, str] | None:
    if written.upper() in {"Z", "UTC", "GMT"}:
        return shown, "UTC"
    hours, minutes = int(written[1:3]), int(written[-2:])  # type: ignore[outside-number]  # two digits each
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


MAX_RAW = 2000
_NOT_ANSWERED = (
    "no answer",
    "noanswer",
    "busy",
    "failed",
    "congestion",
    "missed",
    "unanswered",
    "abandoned",
    "cancel",
    "nieodebran",
    "zajęt",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedCall:
    """One call record, or the parsed name of a file; begin and seconds are those of the call where only that is stated."""

    record_id: str = ""
    linked_id: str = ""
    start: StatedTime = NO_TIME
    answer: StatedTime = NO_TIME
    seconds: float | None = None
    caller: str = field(default="", repr=False)
    called: str = field(default="", repr=False)
    direction: str = ""
    outcome: str = ""
    file: str = field(default="", repr=False)
    raw: str = field(default="", repr=False)

    @property
    def spoken(self) -> bool:
        """True if there was something to record."""
        outcome = self.outcome.lower()
        if any(word in outcome for word in _NOT_ANSWERED):
            return False
        return self.seconds is None or self.seconds > 0

    @property
    def begins(self) -> datetime | None:
        """Begin of the conversation, as far as stated."""
        return self.answer.instant or self.start.instant
