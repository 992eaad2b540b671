"""Read growing call records: only new, complete lines."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import structlog

from rejent.streams.calls.catalog.lines.record_places import RecordPlace
from rejent.streams.calls.receiving.imported.call_records.asterisk_cel import ChannelEvents, is_event
from rejent.streams.calls.receiving.imported.call_records.call_tables import (
    MAX_LINE,
    delimiter,
    find_columns,
    read_row,
    rows,
)
from rejent.streams.calls.receiving.imported.errors import NoRecordsError
from rejent.streams.calls.receiving.imported.stated_call import StatedCall

log = structlog.get_logger(__name__)

MAX_HISTORY = 32 << 20
"""Bytes from the end of a file to begin at; older lines were read or are past their term."""
MAX_READ = 4 << 20
"""Bytes read of a file at once."""
_MOST_FILES = 1000
ENDINGS = frozenset({".csv", ".txt", ".log", ".cdr", ".smdr"})
"""Suffixes of call records in a folder."""


@dataclass(slots=True)
class _File:
    """Reading position in a file."""

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
        """Lines so far without a call."""
        self._logged_too_many = False
        self._hidden = 0
        """Tables of a folder that were unreadable in the last scan."""
        self.behind = False
        """The last scan left lines for the next."""

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
        """Return the tables modified last; log once that others are skipped."""
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
