"""The key store: private halves of day keys and hold keys, apart from everything that is sealed to them.

A day key seals one source's recordings of one civil date. Destroying it destroys them: the private half goes, a
tombstone with the public half stays, and in the same transaction every surviving key is wrapped under a new epoch key, so
that neither stale blocks nor a copy of the database opens what was destroyed.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from sqlite3 import Connection, Row

from rejent.kernel.clock import Clock
from rejent.vault.age.recipients import Identity, Recipient
from rejent.vault.errors import KeyStoreError, StorageFullError
from rejent.vault.keys.epoch import Epoch, EpochFiles
from rejent.vault.keys.key_database import (
    KeyRecord,
    RotationReserve,
    check_alive,
    connect,
    epoch_number,
    fetch_day_row,
    fetch_row,
    insert_row,
    instant_text,
    key_database,
    prepare_database,
    raise_unknown_key,
    record_from_row,
    row_binding,
    transaction,
)
from rejent.vault.keys.root_key import Root
from rejent.vault.store.posix import PosixCalls

DAY = "day"
HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """The tombstone of a key."""

    key_id: str
    recipient: Recipient
    destroyed_at: datetime


class KeyStore:
    """Private keys in a folder of their own, readable by keepers and by whoever plays or discloses, never by recorders.

    Every change is one transaction and may be repeated after a crash. Safe for several processes and threads.
    """

    def __init__(self, folder: Path, root: Root, clock: Clock, calls: PosixCalls | None = None) -> None:
        if not key_database(folder).is_file():
            raise KeyStoreError(
                "There is no key store in the folder.", advice="Mount the disk it lies on, or restore it."
            )
        self.folder = folder
        self._root = root
        self._clock = clock
        self._files = EpochFiles(folder, calls)
        self._reserve = RotationReserve(folder / "reserve", key_database(folder))
        self._epoch = self._live_epoch()
        self._reserve.allocate()

    @classmethod
    def create(cls, folder: Path, root: Root, clock: Clock) -> "KeyStore":
        """Make an empty key store; safe to repeat after a crash. Raises KeyStoreError: the folder holds one already."""
        prepare_database(folder)
        files = EpochFiles(folder)
        with files.locked(), connect(folder) as database:
            with transaction(database):
                if epoch_number(database) != 0:
                    raise KeyStoreError(
                        "The folder holds a key store already.", advice="Choose an empty folder."
                    )
                files.prepare(Epoch.following(0), root, new_root=True)
                database.execute("UPDATE epoch SET number = 1")
            files.promote()
        return cls(folder, root, clock)

    @classmethod
    def open(cls, folder: Path, root: Root, clock: Clock) -> "KeyStore":
        """Open a key store, finishing or undoing an interrupted rotation.

        Raises KeyStoreError: the database cannot be used, or files and database are of different times; KeyStoreClosedError: the root
        opens no epoch file.
        """
        return cls(folder, root, clock)

    def make_keys(
        self, source_id: str, days: Iterable[date], must_die_by: Mapping[date, datetime] | None = None
    ) -> dict[date, Recipient]:
        """Return the public halves for a source's dates; missing keys are made, to be destroyed at the instants of ``must_die_by``.

        Raises KeyDestroyedError: a key of one of the dates was destroyed; it is never made again, and none is made.
        """
        limits = must_die_by or {}
        made: dict[date, Recipient] = {}
        with self._changing() as (database, epoch):
            for day in days:
                row = fetch_day_row(database, source_id, day)
                if row is None:
                    record = self._add(
                        database, epoch, kind=DAY, source_id=source_id, day=day, must_die_by=limits.get(day)
                    )
                else:
                    check_alive(row)
                    record = record_from_row(row)
                made[day] = record.recipient
        return made

    def new_key(
        self, kind: str = HOLD, label: str = "", must_die_by: datetime | None = None
    ) -> tuple[str, Recipient]:
        """Make a key that belongs to no date, of a hold or a copy; return its id and its public half."""
        with self._changing() as (database, epoch):
            record = self._add(database, epoch, kind=kind, label=label, must_die_by=must_die_by)
        return record.id, record.recipient

    def identity(self, source_id: str, day: date) -> Identity:
        """Return the private half of a day key. Raises KeyDestroyedError, with the instant; KeyUnknownError: it was never made."""
        return self._opened(
            "SELECT * FROM key, epoch WHERE source = ? AND day = ?", (source_id, day.isoformat())
        )

    def identity_by_id(self, key_id: str) -> Identity:
        """Return the private half of any key; errors as `identity`."""
        return self._opened("SELECT * FROM key, epoch WHERE id = ?", (key_id,))

    def identity_by_recipient(self, recipient: str) -> Identity:
        """Return the private half of the key with this public half; errors as `identity`."""
        return self._opened("SELECT * FROM key, epoch WHERE recipient = ?", (recipient,))

    def record(self, key_id: str) -> KeyRecord:
        """Return the record of a key, destroyed or not. Raises KeyUnknownError: it was never made."""
        with connect(self.folder) as database:
            return record_from_row(fetch_row(database, key_id))

    def record_by_recipient(self, recipient: Recipient) -> KeyRecord | None:
        """Return the record of the key with a public half, destroyed or not; None if it is not of this store."""
        with connect(self.folder) as database:
            row = database.execute("SELECT * FROM key WHERE recipient = ?", (recipient.text,)).fetchone()
        return None if row is None else record_from_row(row)

    def ids_by_recipient(self, recipients: Iterable[str]) -> dict[str, str]:
        """Return the ids of the keys with these public halves, destroyed or not; those not of this store are left out."""
        with connect(self.folder) as database:
            found = [
                database.execute("SELECT id, recipient FROM key WHERE recipient = ?", (recipient,)).fetchone()
                for recipient in recipients
            ]
        return {row["recipient"]: row["id"] for row in found if row is not None}

    def day_record(self, source_id: str, day: date) -> KeyRecord | None:
        """Return the record of a day key, destroyed or not; None if it was never made."""
        with connect(self.folder) as database:
            row = fetch_day_row(database, source_id, day)
        return None if row is None else record_from_row(row)

    def day_recipients(self, first: date) -> dict[tuple[str, date], str]:
        """Return the public halves of all day keys from a civil date on, destroyed or not, by source and date."""
        with connect(self.folder) as database:
            rows = database.execute(
                "SELECT source, day, recipient FROM key WHERE kind = ? AND day >= ?", (DAY, first.isoformat())
            ).fetchall()
        return {(row["source"], date.fromisoformat(row["day"])): row["recipient"] for row in rows}

    def alive(self, due_before: datetime | None = None) -> list[KeyRecord]:
        """Return the keys that exist; with an instant, those that must not exist after it, the most urgent first."""
        with connect(self.folder) as database:
            rows = database.execute(
                "SELECT * FROM key WHERE wrapped IS NOT NULL ORDER BY must_die_by, id"
            ).fetchall()
        records = [record_from_row(row) for row in rows]
        if due_before is None:
            return records
        return [
            record
            for record in records
            if record.must_die_by is not None and record.must_die_by <= due_before
        ]

    def set_destruction_limit(self, key_ids: Iterable[str], must_die_by: datetime | None) -> None:
        """Set the instant after which keys must not exist; destroyed keys are left alone."""
        with self._changing() as (database, _):
            database.executemany(
                "UPDATE key SET must_die_by = ? WHERE id = ? AND wrapped IS NOT NULL",
                [(instant_text(must_die_by), key_id) for key_id in key_ids],
            )

    def destroy(self, key_ids: Iterable[str]) -> list[Tombstone]:
        """Destroy keys in one transaction, and wrap the survivors under a new epoch key; works on a full disk, from the reserve.

        Keys destroyed before keep their tombstone. Raises KeyUnknownError: one was never made; then none is destroyed.
        """
        wanted = list(dict.fromkeys(key_ids))
        self._rotate(self._root, wanted)
        with connect(self.folder) as database:
            records = [record_from_row(fetch_row(database, key_id)) for key_id in wanted]
        return [
            Tombstone(each.id, each.recipient, each.destroyed_at) for each in records if each.destroyed_at
        ]

    def rotate_epoch(self, new_root: Root | None = None) -> int:
        """Wrap every key under a new epoch key, and a new root if given; overwrite the old ones and return the epoch's number."""
        self._rotate(new_root or self._root, (), new_root=new_root is not None)
        return self._epoch.number

    def insert(self, record: KeyRecord, identity: Identity) -> bool:
        """Insert a key from a backup, unless it is or was here; return True if it was inserted."""
        day = record.day.isoformat() if record.day else None
        with self._changing() as (database, epoch):
            query = "SELECT 1 FROM key WHERE id = ? OR recipient = ? OR (source = ? AND day = ?)"
            place = (record.id, record.recipient.text, record.source_id, day)
            known = database.execute(query, place).fetchone() is not None
            if not known:
                insert_row(database, record, epoch.wrap(identity.private, record.owner))
        return not known

    def damaged(self) -> list[str]:
        """Return the ids of keys that exist but do not open, or open to another public half."""
        with self._changing() as (database, epoch):
            rows = database.execute("SELECT * FROM key WHERE wrapped IS NOT NULL ORDER BY id").fetchall()
            return [row["id"] for row in rows if not _is_sound(row, epoch)]

    def _add(
        self,
        database: Connection,
        epoch: Epoch,
        *,
        kind: str,
        source_id: str | None = None,
        day: date | None = None,
        label: str = "",
        must_die_by: datetime | None = None,
    ) -> KeyRecord:
        identity = Identity.generate()
        record = KeyRecord(
            uuid.uuid4().hex,
            kind,
            source_id,
            day,
            label,
            identity.recipient,
            self._clock.now(),
            must_die_by,
            None,
        )
        insert_row(database, record, epoch.wrap(identity.private, record.owner))
        return record

    def _opened(self, query: str, place: tuple[str, ...]) -> Identity:
        """Return the private half in the row a query finds, reloading the epoch if another process rotates meanwhile."""
        epoch = self._epoch
        while True:
            with connect(self.folder) as database:
                row = database.execute(query, place).fetchone() or raise_unknown_key()
            check_alive(row)
            if row["number"] == epoch.number:
                return Identity(epoch.unwrap(row["wrapped"], row_binding(row["id"], row["recipient"])))
            epoch = self._live_epoch()
            self._epoch = epoch

    def _live_epoch(self) -> Epoch:
        with self._files.locked(), connect(self.folder) as database:
            return self._files.load_live(epoch_number(database), self._root)

    @contextmanager
    def _changing(self) -> Iterator[tuple[Connection, Epoch]]:
        with self._files.locked(), connect(self.folder) as database, transaction(database):
            yield database, self._current(database)

    def _rotate(self, root: Root, doomed: Sequence[str], *, new_root: bool = False) -> None:
        try:
            self._rotate_once(root, doomed, new_root=new_root)
        except StorageFullError:
            if not self._reserve.release():
                raise
            self._rotate_once(root, doomed, new_root=new_root)
        self._reserve.allocate()

    def _rotate_once(self, root: Root, doomed: Sequence[str], *, new_root: bool) -> None:
        with self._files.locked(), connect(self.folder) as database:
            with transaction(database):
                old = self._current(database)
                epoch = Epoch.following(old.number)
                self._files.prepare(epoch, root, new_root=new_root or root.renewed_each_epoch)
                _destroy_rows(database, doomed, self._clock.now())
                rows = database.execute(
                    "SELECT id, recipient, wrapped FROM key WHERE wrapped IS NOT NULL"
                ).fetchall()
                database.executemany(
                    "UPDATE key SET wrapped = ? WHERE id = ?", [_rewrapped(row, old, epoch) for row in rows]
                )
                database.execute("UPDATE epoch SET number = ?", (epoch.number,))
            self._files.promote()
        self._root = root
        self._epoch = epoch

    def _current(self, database: Connection) -> Epoch:
        """Return the live epoch; cached only after its files lie under their proper names."""
        if epoch_number(database) != self._epoch.number:
            self._epoch = self._files.load_live(epoch_number(database), self._root)
        return self._epoch


def _destroy_rows(database: Connection, doomed: Sequence[str], now: datetime) -> None:
    alive = [key_id for key_id in doomed if fetch_row(database, key_id)["wrapped"] is not None]
    database.executemany(
        "UPDATE key SET wrapped = NULL, destroyed_at = ? WHERE id = ?",
        [(instant_text(now), key_id) for key_id in alive],
    )


def _rewrapped(row: Row, old: Epoch, new: Epoch) -> tuple[bytes, str]:
    owner = row_binding(row["id"], row["recipient"])
    return new.wrap(old.unwrap(row["wrapped"], owner), owner), row["id"]


def _is_sound(row: Row, epoch: Epoch) -> bool:
    try:
        private = epoch.unwrap(row["wrapped"], row_binding(row["id"], row["recipient"]))
    except KeyStoreError:
        return False
    return Identity(private).recipient == Recipient.parse(row["recipient"])
