"""Newest entries of the rows that give power, kept in a file beside the database.

An entry's tag says that the program made it, never that none came after it. Whoever writes the database alone could hide the newest
entry of a thing – delete it, or take it to another thing – and put the row back to what it was before. So the office's processes
note in a file of the folder ``secrets`` where the newest entry of each such thing stands. The file is only appended to; each note is
one line, and what is no whole note counts for nothing.
"""

import errno
import os
import threading
from bisect import insort
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType

import structlog

from rejent.kernel.numbers import LARGEST_ID, read_number
from rejent.registers.errors import PlacesUnreadableError

log = structlog.get_logger(__name__)

FILE = "newest-entries"
_LOST = "lost"
_END = "."
"""Stands at the end of each note, so that one cut short is none."""
_NOTHING: Mapping[str, int] = MappingProxyType({})


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise PlacesUnreadableError(
            "The file {name} in the folder secrets cannot be read, so that no row that gives power counts.",
            name=FILE,
            advice="Give it to the user that the program runs as.",
        ) from error


class NewestPlaces:
    """Places in the ledger of the newest entries, by thing; several processes read and append.

    Args:
        file: made when the first place is noted.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._read = 0
        self._places: dict[str, list[int]] = {}
        self._taken = Counter[str]()
        self._unwritten: list[str] = []

    def of(self, thing: str) -> int | None:
        """Return the place of a thing's newest entry; None where none was noted."""
        with self._lock:
            self._follow()
            return self._places[thing][-1] if thing in self._places else None

    def of_kind(self, kind: str) -> dict[str, int]:
        """Return the noted places of all things of a kind."""
        with self._lock:
            self._follow()
            return {thing: at[-1] for thing, at in self._places.items() if thing.startswith(f"{kind}:")}

    def entries_of_kind(self, kind: str) -> dict[int, str]:
        """Return the thing of every noted entry of a kind, the newest and the earlier ones, by its place."""
        with self._lock:
            self._follow()
            noted = ((thing, at) for thing, at in self._places.items() if thing.startswith(f"{kind}:"))
            return {place: thing for thing, at in noted for place in at}

    def taken(self) -> Mapping[str, int]:
        """Return how many changes there were of each kind; what was read of a kind before its last one may be out of date."""
        with self._lock:
            self._follow()
            return self._taken.copy()

    def note(self, thing: str, place: int) -> None:
        """Note the place of an entry that is in the ledger, durably; where that fails, with the next note."""
        with self._lock:
            self._follow()
            if place in self._places.get(thing, ()):
                return
            line = _note(thing, place)
            try:
                self._append(line)
            except OSError as error:
                log.warning("newest-entries.not-noted", why=error.strerror)
                self._unwritten.append(line)
                self._take(line)

    def forget(self, lost: range, *, standing: Mapping[str, int] = _NOTHING) -> None:
        """Forget places, durably: a person accepted that these entries are lost.

        Args:
            lost: which places; what was noted of a thing before them counts again.
            standing: what is noted instead.

        Raises `OSError`: it cannot be written.
        """
        with self._lock:
            notes = [_note(thing, place) for thing, place in standing.items()]
            self._append(f"{_LOST} {lost.start} {lost.stop - 1} {_END}", *notes)

    def _append(self, *lines: str) -> None:
        content = "".join(f"\n{line}\n" for line in (*self._unwritten, *lines)).encode()
        number = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if os.write(number, content) < len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(number)
        finally:
            os.close(number)
        self._unwritten.clear()

    def _follow(self) -> None:
        """Read what was appended since the last reading. Raises PlacesUnreadableError: the file is another user's."""
        with suppress(FileNotFoundError), _readable():
            if self._file.stat().st_size > self._read:
                with self._file.open("rb") as notes:
                    notes.seek(self._read)
                    whole, end, _ = notes.read().rpartition(b"\n")
                self._read += len(whole) + len(end)
                for line in whole.decode(errors="replace").splitlines():
                    self._take(line)

    def _take(self, line: str) -> None:
        match line.split():
            case [written, thing, "."] if (place := _place(written)) is not None and ":" in thing:
                at = self._places.setdefault(thing, [])
                if place not in at:
                    insort(at, place)
                    self._taken[thing.partition(":")[0]] += 1
            case ["lost", begin, end, "."] if None not in {first := _place(begin), last := _place(end)}:
                self._lose(range(first or 0, (last or 0) + 1))

    def _lose(self, lost: range) -> None:
        left = {thing: [at for at in noted if at not in lost] for thing, noted in self._places.items()}
        self._taken.update(
            thing.partition(":")[0] for thing, noted in left.items() if noted != self._places[thing]
        )
        self._places = {thing: noted for thing, noted in left.items() if noted}


def _place(written: str) -> int | None:
    return read_number(written, most=LARGEST_ID)


def _note(thing: str, place: int) -> str:
    return f"{place} {thing} {_END}"
