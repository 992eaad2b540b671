"""Call records as they grow: files of which only what is new is read, whole lines alone."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import structlog

from rejent.streams.calls.catalog.record_places import RecordPlace
from rejent.streams.calls.imported.cel import Events, is_event
from rejent.streams.calls.imported.errors import NoRecordsError
from rejent.streams.calls.imported.stated import StatedCall
from rejent.streams.calls.imported.tables import LONGEST_LINE, call_of, columns_of, delimiter, rows

log = structlog.get_logger(__name__)

FURTHEST_BACK = 32 << 20
"""Bytes before the end of a file from which on it is read at first; what is older was read, or is past its term."""
AT_ONCE = 4 << 20
"""Bytes read of a file in one look."""
_MOST_FILES = 1000
ENDINGS = frozenset({".csv", ".txt", ".log", ".cdr", ".smdr"})
"""Of files that are taken for call records in a folder."""


@dataclass(slots=True)
class _File:
    """How far a file was read."""

    identity: tuple[int, int]
    offset: int = 0
    heading: str = ""
    parted_by: str = ","
    places: dict[str, int] = field(default_factory=dict)
    headed: bool = False


class RecordReader:
    """Reads the call records of one PBX.

    Args:
        place: where they are, and how they are written.
    """

    def __init__(self, place: RecordPlace) -> None:
        self.place = place
        self._files: dict[Path, _File] = {}
        self._events = Events(place.zone)
        self.unread = 0
        """Lines so far that told of no call."""
        self._told_too_many = False
        self._hidden = 0
        """Tables of a folder that could not be read the last time; the others were."""
        self.behind = False
        """Whether more was there the last time than is read at once."""

    def new(self, near: datetime) -> Iterator[StatedCall]:
        """The calls told since the last time, a line at most once.

        Args:
            near: now, UTC.

        Raises:
            NoRecordsError: the file or folder is not there, or may not be read. Of a folder whatever can be read is.
        """
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
        """Those of too many that were written last, whatever their names; it is told once that others are left out."""
        if not self._told_too_many:
            self._told_too_many = True
            log.error("import.too-many-tables", tables=len(entries), most=_MOST_FILES)
        return sorted(entries, key=lambda each: each.lstat().st_mtime_ns)[-_MOST_FILES:]

    def _read(self, path: Path) -> list[str]:
        """What is new in a table; nothing where it is no file. In a folder no link is followed, or it would lead anywhere.

        Raises:
            OSError: it cannot be read.
        """
        alone = path == Path(self.place.path)
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if alone else os.O_NOFOLLOW))
        try:
            told = os.fstat(number)
            return self._new_lines(path, number, told) if stat.S_ISREG(told.st_mode) else []
        finally:
            os.close(number)

    def _new_lines(self, path: Path, number: int, told: os.stat_result) -> list[str]:
        """Whole lines behind what was read; a file that was put in another's place is read from its beginning."""
        known = self._files.get(path)
        identity = (told.st_dev, told.st_ino)
        if known is None or known.identity != identity or told.st_size < known.offset:
            known = self._files[path] = _File(identity)
            first = os.pread(number, LONGEST_LINE, 0).decode("utf-8-sig", "replace").partition("\n")[0]
            known.heading, known.parted_by = first, delimiter(first)
            known.offset = max(told.st_size - FURTHEST_BACK, 0)
            cells = next(rows([first], known.parted_by), [])
            known.places, known.headed = columns_of(cells, self.place.form, self.place.columns)
        content = os.pread(number, AT_ONCE, known.offset)
        self.behind |= len(content) == AT_ONCE
        whole = content.rfind(b"\n") + 1
        if not whole and len(content) == AT_ONCE:
            whole = len(content)
        skips = known.offset == 0 and known.headed and whole
        torn = known.offset > 0 and os.pread(number, 1, known.offset - 1) != b"\n"
        known.offset += whole
        lines = content[:whole].decode("utf-8-sig", "replace").split("\n")
        return lines[1:] if skips or torn else lines

    def _calls(self, known: _File, lines: list[str], near: datetime) -> Iterator[StatedCall]:
        for cells in rows(lines, known.parted_by):
            try:
                told = self._told(known, cells, near)
            except (ArithmeticError, ValueError):
                told = None
            if told is None:
                self.unread += 1
            else:
                yield from told

    def _told(self, known: _File, cells: list[str], near: datetime) -> list[StatedCall] | None:
        """What a row tells, or what the events end that it is the last of; nothing where it tells of no call."""
        if is_event(cells):
            return list(self._events.calls([cells], near))
        call = call_of(cells, known.places, self.place.zone, near)
        return None if call is None else [call]


def _unreadable() -> NoRecordsError:
    return NoRecordsError(
        "The call records of the exchange cannot be read.",
        advice="See that the file is there and may be read.",
    )
