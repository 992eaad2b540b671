"""The database of keys, opened so that nothing of a destroyed key stays in it.

Deleted content is overwritten (``secure_delete``), there is no write-ahead log, and the journal is truncated at each
commit. Blocks a disk may still keep are wrapped under an epoch key that is gone (see `rejent.vault.keys.epoch`).
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from rejent.vault.age.recipients import Recipient
from rejent.vault.errors import KeyDestroyedError, KeyStoreError, KeyUnknownError, StorageFullError
from rejent.vault.store.posix import FILE_MODE, FOLDER_MODE

_SCHEMA = """
CREATE TABLE IF NOT EXISTS epoch (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), number INTEGER NOT NULL) STRICT;
INSERT OR IGNORE INTO epoch VALUES (1, 0);
CREATE TABLE IF NOT EXISTS key (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    source TEXT,
    day TEXT,
    label TEXT NOT NULL,
    recipient TEXT NOT NULL UNIQUE,
    made_at TEXT NOT NULL,
    must_die_by TEXT,
    destroyed_at TEXT,
    wrapped BLOB,
    UNIQUE (source, day),
    CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
) STRICT;
"""
_SETTINGS = (
    "PRAGMA busy_timeout = 20000",
    "PRAGMA journal_mode = TRUNCATE",
    "PRAGMA synchronous = EXTRA",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
)


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """The public record of a key, whose id is never used again.

    ``kind`` is ``day`` (for the recordings of ``source_id`` and a civil ``day``), ``hold``, or a name of the caller's, with a
    ``label`` for its purpose; ``must_die_by`` is the instant after which the key must not exist, if known.
    """

    id: str
    kind: str
    source_id: str | None
    day: date | None
    label: str
    recipient: Recipient
    made_at: datetime
    must_die_by: datetime | None
    destroyed_at: datetime | None

    @property
    def owner(self) -> bytes:
        """The binding of the wrapped private half to this row."""
        return row_binding(self.id, self.recipient.text)


def key_database(folder: Path) -> Path:
    """Return the file of the database in a folder of keys."""
    return folder / "keys.db"


def prepare_database(folder: Path) -> None:
    """Make the folder and an empty database in it, for this user alone; what is there stays."""
    folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
    folder.chmod(FOLDER_MODE)
    key_database(folder).touch(FILE_MODE)
    with connect(folder) as database:
        database.executescript(_SCHEMA)


@contextmanager
def connect(folder: Path) -> Iterator[sqlite3.Connection]:
    """Open the database, each statement its own transaction unless one is begun. Raises KeyStoreError, StorageFullError."""
    try:
        database = sqlite3.connect(
            f"{key_database(folder).resolve().as_uri()}?mode=rw", uri=True, isolation_level=None
        )
        try:
            database.row_factory = sqlite3.Row
            for setting in _SETTINGS:
                database.execute(setting)
            yield database
        finally:
            database.close()
    except sqlite3.Error as error:
        if error.sqlite_errorname == "SQLITE_FULL":
            raise StorageFullError(
                "No room is left for the key database.", advice="Free some room on the disk of the keys."
            ) from error
        raise KeyStoreError(
            "The key database cannot be used ({reason}).",
            advice="Check the disk and the permissions of the folder of keys.",
            reason=error.sqlite_errorname,
        ) from error


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Commit all or nothing; other writers wait."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def epoch_number(database: sqlite3.Connection) -> int:
    """Return the number of the epoch the keys are wrapped under; 0 before the first."""
    return int(database.execute("SELECT number FROM epoch").fetchone()["number"])


def fetch_row(database: sqlite3.Connection, key_id: str) -> sqlite3.Row:
    """Return the row of a key. Raises KeyUnknownError: it was never made."""
    row: sqlite3.Row | None = database.execute("SELECT * FROM key WHERE id = ?", (key_id,)).fetchone()
    return row if row is not None else raise_unknown_key()


def fetch_day_row(database: sqlite3.Connection, source_id: str, day: date) -> sqlite3.Row | None:
    """Return the row of a day key, or None."""
    query = "SELECT * FROM key WHERE source = ? AND day = ?"
    row: sqlite3.Row | None = database.execute(query, (source_id, day.isoformat())).fetchone()
    return row


def insert_row(database: sqlite3.Connection, record: KeyRecord, wrapped: bytes) -> None:
    """Add a key."""
    database.execute(
        "INSERT INTO key (id, kind, source, day, label, recipient, made_at, must_die_by, wrapped)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            record.id,
            record.kind,
            record.source_id,
            record.day.isoformat() if record.day else None,
            record.label,
            record.recipient.text,
            instant_text(record.made_at),
            instant_text(record.must_die_by),
            wrapped,
        ),
    )


def record_from_row(row: sqlite3.Row) -> KeyRecord:
    """Return the record of a row."""
    return KeyRecord(
        id=row["id"],
        kind=row["kind"],
        source_id=row["source"],
        day=date.fromisoformat(row["day"]) if row["day"] else None,
        label=row["label"],
        recipient=Recipient.parse(row["recipient"]),
        made_at=datetime.fromisoformat(row["made_at"]),
        must_die_by=_instant(row["must_die_by"]),
        destroyed_at=_instant(row["destroyed_at"]),
    )


def row_binding(key_id: str, recipient: str) -> bytes:
    """Return the associated data that binds a wrapped private half to its row."""
    return f"{key_id} {recipient}".encode()


def check_alive(row: sqlite3.Row) -> None:
    """Check that the key exists. Raises KeyDestroyedError: it was destroyed; the error says when."""
    if row["wrapped"] is None:
        raise KeyDestroyedError(
            "The key was destroyed at {when}; nothing sealed to it can be opened any more.",
            advice="The ledger holds the record of the destruction.",
            when=row["destroyed_at"],
        )


def raise_unknown_key() -> sqlite3.Row:
    """Raise the error for a key that was never made."""
    raise KeyUnknownError("The key store never held that key.", advice="Check the source and the date.")


def instant_text(instant: datetime | None) -> str | None:
    """Return an instant as it is written in a row."""
    return instant.isoformat() if instant is not None else None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


_LEAST = 1 << 20


class RotationReserve:
    """A file of zeros, removed when the disk is full: room to rewrite the file it protects, so that keys can be destroyed even then."""

    def __init__(self, path: Path, protects: Path) -> None:
        self._path = path
        self._protects = protects

    def allocate(self) -> None:
        """Allocate the file; where there is no room, go on without."""
        size = _LEAST + 2 * self._protects.stat().st_size
        if self._path.exists() and self._path.stat().st_size >= size:
            return
        with suppress(OSError):
            number = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, FILE_MODE)
            try:
                os.posix_fallocate(number, 0, size + _LEAST)
            finally:
                os.close(number)

    def release(self) -> bool:
        """Remove the file; return True if there was one."""
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        return True
