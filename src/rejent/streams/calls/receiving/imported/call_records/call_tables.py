"""Tables of call records, one row per call: find columns by heading or position, and parse rows.

Formats: Asterisk cdr_csv and cel_custom (docs.asterisk.org, *CDR* and *CEL*), 3CX CDR output, Yeastar CDR export,
Polish headings; others by ``--column``.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from pathlib import PurePosixPath

from rejent.streams.calls.catalog.lines.record_places import PbxFormat, RecordZone
from rejent.streams.calls.receiving.imported.stated_call import MAX_RAW, StatedCall
from rejent.streams.calls.receiving.imported.times import parse_time

_HEADINGS = {
    "start": "start|calldate|time-start|start time|call start|date and time|time|date|data i godzina|data|początek|czas rozpoczęcia|początek rozmowy",
    "answer": "answer|time-answered|answer time|connected|odebrano|odebrane",
    "duration": "billsec|talk duration(s)|talk duration|talk time|talking|duration|call duration|call duration(s)|czas rozmowy|czas trwania|czas",
    "caller": "src|caller|from-no|call from|caller number|from|calling|dzwoniący|numer dzwoniącego|kto",
    "called": "dst|called|to-no|dial-no|call to|callee|callee number|to|wywoływany|numer wywoływany|odbierający|do kogo",
    "outcome": "disposition|status|reason-terminated|result|stan|wynik",
    "id": "uniqueid|historyid|call id|callid|uid|id|identyfikator",
    "linked": "linkedid|chain|linked id|group id",
    "file": "recordingfile|recording file|recording|file|filename|nagranie|plik|plik nagrania",
    "direction": "direction|call type|communication type|type|kierunek|typ",
}
"""Known headings, most likely first."""
_ASTERISK = (
    *("account", "caller", "called", "context", "name", "channel", "other", "application", "argument"),
    *("start", "answer", "end", "whole", "duration", "outcome", "flags", "id", "file"),
)
"""cdr_csv without a heading: accountcode, src, dst, …, start, answer, end, duration, billsec, disposition, amaflags, uniqueid, userfield."""
_THREE_CX = ("id", "call", "duration", "start", "answer", "end", "outcome", "caller", "called")
"""Default order of 3CX: historyid, callid, duration, time-start, time-answered, time-end, reason, from-no, to-no."""
_PLACES = {PbxFormat.ASTERISK: _ASTERISK, PbxFormat.THREE_CX: _THREE_CX}
_WAYS = (
    ("incoming", ("inbound", "incoming", "przychodząc", "external in")),
    ("outgoing", ("outbound", "outgoing", "wychodząc", "external out")),
    ("internal", ("internal", "wewnętrzn")),
)
_MAX_FIELD = 400
_MAX_WORD = 200
_MAX_COLUMNS = 100
MAX_LINE = 1 << 16


def delimiter(heading: str) -> str:
    """Return the delimiter of a table, by its first line."""
    return max(",;\t|", key=heading.count)


def rows(lines: Iterable[str], parted_by: str) -> Iterator[list[str]]:
    """Yield the cells of each line; an unparsable line is one cell."""
    for line in lines:
        text = line[:MAX_LINE].replace("\0", "").strip("\r\n\ufeff")
        if not text.strip():
            continue
        try:
            cells = next(csv.reader([text], delimiter=parted_by), [])
        except csv.Error:
            cells = [text]
        yield [cell.strip()[:_MAX_FIELD] for cell in islice(cells, _MAX_COLUMNS)]


def find_columns(
    first: Sequence[str], form: PbxFormat, named: Iterable[tuple[str, str]]
) -> tuple[dict[str, int], bool]:
    """Return the column of each field (configured headings first), and True if the first line is a heading."""
    words = [cell.lower() for cell in first]
    places = {meaning: words.index(heading.lower()) for meaning, heading in named if heading.lower() in words}
    for meaning, known in _HEADINGS.items():
        at = next((words.index(word) for word in known.split("|") if word in words), None)
        if at is not None and meaning not in places:
            places[meaning] = at
    if "start" in places and len(places) >= 3:
        return places, True
    order = _PLACES.get(form, ())
    return {meaning: at for at, meaning in enumerate(order)}, False


def read_row(
    cells: Sequence[str], places: Mapping[str, int], zone: RecordZone, near: datetime
) -> StatedCall | None:
    """Return the call of a row; None where it states neither a time nor a number."""

    def cell(what: str) -> str:
        at = places.get(what, -1)
        return cells[at] if 0 <= at < len(cells) else ""

    start = parse_time(cell("start"), zone, near)
    caller, called = cell("caller"), cell("called")
    if not start.text or not (caller or called or cell("file")):
        return None
    return StatedCall(
        record_id=cell("id")[:_MAX_WORD],
        linked_id=cell("linked")[:_MAX_WORD],
        start=start,
        answer=parse_time(cell("answer"), zone, near),
        seconds=parse_duration(cell("duration")),
        caller=caller,
        called=called,
        direction=parse_direction(cell("direction")),
        outcome=cell("outcome")[:40],
        file=file_name(cell("file")),
        raw=",".join(cells)[:MAX_RAW],
    )


def parse_duration(written: str) -> float | None:
    """Return a duration in seconds from seconds, ``m:ss`` or ``h:mm:ss``; None if invalid."""
    parts = written.strip().removesuffix("s").strip().split(":")
    try:
        values = [float(part.replace(",", ".")) for part in parts]
    except ValueError:
        return None
    if len(values) > 3 or not all(0 <= value < 1e6 for value in values):
        return None
    total = 0.0
    for value in values:
        total = total * 60 + value
    return total


def parse_direction(written: str) -> str:
    """Return the direction by known words; else empty."""
    lowered = written.lower()
    return next((way for way, words in _WAYS if any(word in lowered for word in words)), "")


def file_name(written: str) -> str:
    """Return the last part of a path in any notation; only compared, never opened."""
    return PurePosixPath(written.strip().replace("\\", "/")).name[:_MAX_WORD]
