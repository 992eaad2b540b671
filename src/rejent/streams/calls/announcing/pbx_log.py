"""Read announcements played by a PBX from Asterisk's channel event log, as our dialplan writes it.

``"1795330000.25","107770200","kind=incoming;seconds=12;completed=1;keys=*"``: end, caller, details. The instant is
seconds since 1970, or ISO 8601 with an offset.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

KINDS = frozenset({"incoming", "clause"})
MAX_LENGTH_S = 3600.0
MAX_LINES = 100_000
_SIGNS = frozenset("0123456789*#ABCD")


@dataclass(frozen=True, slots=True)
class LoggedAnnouncement:
    """One announcement in the log."""

    kind: str
    start: datetime
    heard_s: float
    completed: bool
    keys: str
    caller: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BadLine:
    """An unparsable line; its content may include a number and is not repeated."""

    number: int


def read_log(lines: Iterable[str]) -> Iterator[LoggedAnnouncement | BadLine]:
    """Yield the announcements in order; other events and empty lines are skipped."""
    for number, line in enumerate(lines, 1):
        if number > MAX_LINES:
            yield BadLine(number)
            return
        if not line.strip() or ("kind=" not in line and "," in line):
            continue
        yield _parse_line(line[:1000]) or BadLine(number)


def _parse_line(line: str) -> LoggedAnnouncement | None:
    try:
        row = next(csv.reader([line.replace("\0", "")], strict=True))
        stated = dict(part.strip().split("=", 1) for part in row[-1].split(";") if "=" in part)
        end, seconds = _instant(row[0]), float(stated["seconds"])
        kind, keys = stated["kind"], stated.get("keys", "")
    except (csv.Error, ValueError, KeyError, IndexError, OverflowError, StopIteration):
        return None
    if len(row) < 3 or kind not in KINDS or not 0 <= seconds <= MAX_LENGTH_S or not set(keys) <= _SIGNS:
        return None
    start = end - timedelta(seconds=seconds)
    return LoggedAnnouncement(kind, start, seconds, stated.get("completed") == "1", keys[:16], row[1])


def _instant(written: str) -> datetime:
    """Parse an instant; ValueError where it has no offset or lies before this century, OverflowError out of range."""
    plain = written.strip()
    if plain.replace(".", "", 1).isascii() and plain.replace(".", "", 1).isdigit():
        found = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=float(plain))
    else:
        found = datetime.fromisoformat(plain)
    if found.tzinfo is None or not 2000 < found.year < 9999:
        raise ValueError(written)
    return found.astimezone(UTC)
