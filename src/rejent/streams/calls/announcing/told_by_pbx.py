"""What a PBX tells of announcements it played: lines of Asterisk's channel event log, as our dialplan writes them.

``"1795330000.25","107770200","kind=incoming;seconds=12;completed=1;keys=*"`` – the instant at which it ended, the caller,
what was heard. An instant is seconds since 1970, or ISO 8601 with an offset; one without would be a guess.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

KINDS = frozenset({"incoming", "clause"})
LONGEST_S = 3600.0
MOST_LINES = 100_000
_SIGNS = frozenset("0123456789*#ABCD")


@dataclass(frozen=True, slots=True)
class ToldOne:
    """One announcement as the PBX tells of it.

    Attributes:
        start: when it began.
        heard_s: how long it was heard, seconds.
    """

    kind: str
    start: datetime
    heard_s: float
    completed: bool
    keys: str
    caller: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be understood; its content is not repeated, for it may hold a number."""

    number: int


def read_told(lines: Iterable[str]) -> Iterator[ToldOne | BadLine]:
    """What the lines tell, in order; lines of other events, and empty ones, are passed over."""
    for number, line in enumerate(lines, 1):
        if number > MOST_LINES:
            yield BadLine(number)
            return
        if not line.strip() or ("kind=" not in line and "," in line):
            continue
        yield _told(line[:1000]) or BadLine(number)


def _told(line: str) -> ToldOne | None:
    try:
        row = next(csv.reader([line.replace("\0", "")], strict=True))
        stated = dict(part.strip().split("=", 1) for part in row[-1].split(";") if "=" in part)
        end, seconds = _instant(row[0]), float(stated["seconds"])
        kind, keys = stated["kind"], stated.get("keys", "")
    except (csv.Error, ValueError, KeyError, IndexError, OverflowError, StopIteration):
        return None
    if len(row) < 3 or kind not in KINDS or not 0 <= seconds <= LONGEST_S or not set(keys) <= _SIGNS:
        return None
    start = end - timedelta(seconds=seconds)
    return ToldOne(kind, start, seconds, stated.get("completed") == "1", keys[:16], row[1])


def _instant(written: str) -> datetime:
    """An instant.

    Raises:
        ValueError: it is none, or has no offset, or lies before this century, as that of a clock that was never set.
        OverflowError: it lies further ahead than any calendar.
    """
    plain = written.strip()
    if plain.replace(".", "", 1).isascii() and plain.replace(".", "", 1).isdigit():
        found = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=float(plain))
    else:
        found = datetime.fromisoformat(plain)
    if found.tzinfo is None or not 2000 < found.year < 9999:
        raise ValueError(written)
    return found.astimezone(UTC)
