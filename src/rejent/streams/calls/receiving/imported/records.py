"""Read growing call records, only new, complete lines: tables of calls and Asterisk's channel events."""

import csv
import os
import stat
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path, PurePosixPath

import structlog

from rejent.kernel.errors import InputRefusedError
from rejent.kernel.numbers import read_decimal
from rejent.streams.calls.catalog.lines.parts import PbxFormat, RecordPlace, RecordZone
from rejent.streams.calls.receiving.imported.stated_call import MAX_RAW, NO_TIME, StatedCall, parse_time


class NoRecordsError(InputRefusedError, code="calls.no-records"):
    """Not a table of call records; its content may name people and is not repeated."""


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
_ASTERISK = (
    *("account", "caller", "called", "context", "name", "channel", "other", "application", "argument"),
    *("start", "answer", "end", "whole", "duration", "outcome", "flags", "id", "file"),
)
"""cdr_csv without a heading.

accountcode, src, dst, …, start, answer, end, duration, billsec, disposition, amaflags, uniqueid, userfield.
"""
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
    if len(parts) > 3:
        return None
    total = 0.0
    for part in parts:
        value = read_decimal(part.strip().replace(",", "."), most=1e6)
        if value is None:
            return None
        total = total * 60 + value
    return total


def parse_direction(written: str) -> str:
    """Return the direction by known words; else empty."""
    lowered = written.lower()
    return next((way for way, words in _WAYS if any(word in lowered for word in words)), "")


def file_name(written: str) -> str:
    """Return the last part of a path in any notation; only compared, never opened."""
    return PurePosixPath(written.strip().replace("\\", "/")).name[:_MAX_WORD]


_KIND, _TIME, _NUMBER, _EXTENSION, _APPLICATION, _ARGUMENT, _ID, _LINKED = 0, 1, 3, 7, 10, 11, 14, 15
_EVENTS = frozenset(
    {
        "CHAN_START",
        "CHAN_END",
        "ANSWER",
        "HANGUP",
        "APP_START",
        "APP_END",
        "BRIDGE_ENTER",
        "BRIDGE_EXIT",
        "LINKEDID_END",
    }
)
_MAX_OPEN = 10_000
_MAX_EVENTS = 200
_MAX_HELD = 64 << 20


def is_event(cells: Sequence[str]) -> bool:
    """Return True if a row is an event rather than a call."""
    return len(cells) > _LINKED and cells[_KIND] in _EVENTS


class ChannelEvents:
    """Events of calls without an end yet."""

    def __init__(self, zone: RecordZone) -> None:
        self._zone = zone
        self._open: OrderedDict[str, list[Sequence[str]]] = OrderedDict()
        self._held = 0

    def calls(self, rows: Iterable[Sequence[str]], near: datetime) -> Iterator[StatedCall]:
        """Yield the calls that end in these rows; beyond the limits also the oldest open ones."""
        for cells in rows:
            if not is_event(cells):
                continue
            linked = cells[_LINKED] or cells[_ID]
            events = self._open.setdefault(linked, [])
            if len(events) < _MAX_EVENTS or cells[_KIND] == "LINKEDID_END":
                events.append(cells)
                self._held += _length(cells)
            if cells[_KIND] == "LINKEDID_END":
                yield self._call(self._taken_out(linked), linked, near)
            elif len(self._open) > _MAX_OPEN or self._held > _MAX_HELD:
                oldest = next(iter(self._open))
                yield self._call(self._taken_out(oldest), oldest, near)

    def _taken_out(self, linked: str) -> list[Sequence[str]]:
        events = self._open.pop(linked)
        self._held -= sum(map(_length, events))
        return events

    def _call(self, events: Sequence[Sequence[str]], linked: str, near: datetime) -> StatedCall:
        def first(kind: str) -> Sequence[str] | None:
            return next((cells for cells in events if cells[_KIND] == kind), None)

        begun = first("CHAN_START") or events[0]
        answers = [cells for cells in events if cells[_KIND] == "ANSWER"]
        spoke = first("BRIDGE_ENTER") or (answers[0] if answers else None)
        start = parse_time(begun[_TIME], self._zone, near)
        answer = parse_time(spoke[_TIME], self._zone, near) if spoke else NO_TIME
        end = parse_time(events[-1][_TIME], self._zone, near)
        lasts, since = None, answer.instant or start.instant
        if end.instant and since:
            lasts = max((end.instant - since).total_seconds(), 0.0)
        recorded = next(
            (cells for cells in events if cells[_APPLICATION].lower() in {"mixmonitor", "monitor"}), None
        )
        return StatedCall(
            record_id=begun[_ID][:200],
            linked_id=linked[:200],
            start=start,
            answer=answer,
            seconds=lasts if spoke else 0.0,
            caller=begun[_NUMBER],
            called=begun[_EXTENSION],
            outcome="ANSWERED" if spoke else "NO ANSWER",
            file=file_name(recorded[_ARGUMENT].partition(",")[0]) if recorded else "",
            raw="\n".join(",".join(cells) for cells in events)[:MAX_RAW],
        )


def _length(cells: Sequence[str]) -> int:
    return sum(map(len, cells))


log = structlog.get_logger(__name__)

MAX_HISTORY = 32 << 20
MAX_READ = 4 << 20
_MOST_FILES = 1000
ENDINGS = frozenset({".csv", ".txt", ".log", ".cdr", ".smdr"})


@dataclass(slots=True)
class _File:
    identity: tuple[int, int]
    offset: int = 0
    heading: str = ""
    parted_by: str = ","
    places: dict[str, int] = field(default_factory=dict)
    headed: bool = False


class RecordReader:
    """Reads the call records of one PBX."""

    def __init__(self, place: RecordPlace) -> None:
        self.place = place
        self._files: dict[Path, _File] = {}
        self._events = ChannelEvents(place.zone)
        self.unread = 0
        self._logged_too_many = False
        self._hidden = 0
        self.behind = False

    def new(self, near: datetime) -> Iterator[StatedCall]:
        """Yield the calls added since the last scan, each line at most once; NoRecordsError where nothing is readable."""
        self.behind, hidden = False, 0
        for path in self._paths():
            try:
                lines = self._read(path)
            except OSError as error:
                if path == Path(self.place.path):
                    raise _unreadable() from error
                hidden += 1
                continue
            yield from self._calls(self._files[path], lines, near) if lines else ()
        if hidden > self._hidden:
            log.error("import.tables-unread", tables=hidden)
        self._hidden = hidden

    def _paths(self) -> list[Path]:
        path = Path(self.place.path)
        try:
            if not path.is_dir():
                path.stat()
                return [path]
            entries = [each for each in path.iterdir() if each.suffix.lower() in ENDINGS]
            return sorted(self._newest(entries) if len(entries) > _MOST_FILES else entries)
        except OSError as error:
            raise _unreadable() from error

    def _newest(self, entries: list[Path]) -> list[Path]:
        if not self._logged_too_many:
            self._logged_too_many = True
            log.error("import.too-many-tables", tables=len(entries), most=_MOST_FILES)
        return sorted(entries, key=lambda each: each.lstat().st_mtime_ns)[-_MOST_FILES:]

    def _read(self, path: Path) -> list[str]:
        """Return the new lines of a table, none if it is no regular file. Links in a folder are not followed."""
        alone = path == Path(self.place.path)
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if alone else os.O_NOFOLLOW))
        try:
            status = os.fstat(number)
            return self._new_lines(path, number, status) if stat.S_ISREG(status.st_mode) else []
        finally:
            os.close(number)

    def _new_lines(self, path: Path, number: int, status: os.stat_result) -> list[str]:
        """Return complete lines after the last position; a replaced file is read from its beginning."""
        known = self._files.get(path)
        identity = (status.st_dev, status.st_ino)
        if known is None or known.identity != identity or status.st_size < known.offset:
            known = self._files[path] = _File(identity)
            first = os.pread(number, MAX_LINE, 0).decode("utf-8-sig", "replace").partition("\n")[0]
            known.heading, known.parted_by = first, delimiter(first)
            known.offset = max(status.st_size - MAX_HISTORY, 0)
            cells = next(rows([first], known.parted_by), [])
            known.places, known.headed = find_columns(cells, self.place.form, self.place.columns)
        content = os.pread(number, MAX_READ, known.offset)
        self.behind |= len(content) == MAX_READ
        whole = content.rfind(b"\n") + 1
        if not whole and len(content) == MAX_READ:
            whole = len(content)
        skips = known.offset == 0 and known.headed and whole
        torn = known.offset > 0 and os.pread(number, 1, known.offset - 1) != b"\n"
        known.offset += whole
        lines = content[:whole].decode("utf-8-sig", "replace").split("\n")
        return lines[1:] if skips or torn else lines

    def _calls(self, known: _File, lines: list[str], near: datetime) -> Iterator[StatedCall]:
        for cells in rows(lines, known.parted_by):
            try:
                calls = self._parse_row(known, cells, near)
            except (ArithmeticError, ValueError):
                calls = None
            if calls is None:
                self.unread += 1
            else:
                yield from calls

    def _parse_row(self, known: _File, cells: list[str], near: datetime) -> list[StatedCall] | None:
        """Return the calls of a row, or those its event completes; None if it states no call."""
        if is_event(cells):
            return list(self._events.calls([cells], near))
        call = read_row(cells, known.places, self.place.zone, near)
        return None if call is None else [call]


def _unreadable() -> NoRecordsError:
    return NoRecordsError(
        "The call records of the exchange cannot be read.",
        advice="See that the file is there and may be read.",
    )
