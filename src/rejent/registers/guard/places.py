"""Newest entries of the rows that give power, kept in a file beside the database.

An entry's tag says that the program made it, never that none came after it. Whoever writes the database alone could hide the newest
entry of a thing – delete it, or take it to another thing – and put the row back to what it was before. So the office's processes
note in a file of the folder ``secrets`` where the newest entry of each such thing stands. The file is only appended to; each note is
one line, and what is no whole note counts for nothing.
"""

import errno
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog

from rejent.registers.errors import PlacesUnreadableError

log = structlog.get_logger(__name__)

FILE = "newest-entries"
_LOST = "lost"
_END = "."
"""Stands at the end of each note, so that one cut short is none."""


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
        self._places: dict[str, int] = {}

    def of(self, thing: str) -> int | None:
        """Return the place of a thing's newest entry; None where none was noted."""
        with self._lock:
            self._follow()
            return self._places.get(thing)

    def of_kind(self, kind: str) -> dict[str, int]:
        """Return the noted places of all things of a kind."""
        with self._lock:
            self._follow()
            return {thing: at for thing, at in self._places.items() if thing.startswith(f"{kind}:")}

    def note(self, thing: str, place: int) -> None:
        """Note the place of an entry that is in the ledger, durably; an older one than was noted changes nothing."""
        known = self.of(thing)
        if known is None or place > known:
            self._append(f"{place} {thing} {_END}")

    def forget(self, first: int) -> None:
        """Forget the places from ``first`` on: a person accepted that the records of these entries are lost."""
        self._append(f"{_LOST} {first} {_END}")

    def _append(self, line: str) -> None:
        with self._lock:
            try:
                number = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
                try:
                    note = f"\n{line}\n".encode()
                    if os.write(number, note) < len(note):
                        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                    os.fsync(number)
                finally:
                    os.close(number)
            except OSError as error:
                log.warning("newest-entries.not-noted", why=error.strerror)
                self._take(line)

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
            case [place, thing, "."] if place.isdecimal() and ":" in thing:
                self._places[thing] = max(int(place), self._places.get(thing, -1))
            case ["lost", first, "."] if first.isdecimal():
                self._places = {thing: at for thing, at in self._places.items() if at < int(first)}
