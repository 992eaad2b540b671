"""Backups of keys that never outlive what they open: age files for a recipient kept elsewhere, with their own end.

A key enters a backup only if the backup dies no later than the key may be destroyed. Restoring refuses a backup past its
day, keys past theirs, and keys destroyed here.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from rejent.kernel.clock import OFFICE_ZONE, Clock
from rejent.vault.age.recipients import Identity, Opener, Sealer
from rejent.vault.age.seal_writer import seal
from rejent.vault.age.sealed_reader import unseal
from rejent.vault.errors import BackupRefusedError, KeyTextError, NoMatchError, SealedObjectError
from rejent.vault.keys.key_database import KeyRecord
from rejent.vault.keys.key_store import KeyStore
from rejent.vault.store.posix import PosixCalls, storage_errors, sync_folder, write_new

FORMAT = "rejent-keys-1"
LARGEST = 64 * 1024 * 1024
"""Largest file in bytes that is read as a backup; a key takes about 400."""


@dataclass(frozen=True, slots=True)
class KeyBackup:
    """Keys that a backup took and left out, by id."""

    taken: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeysRestored:
    """Ids of restored keys, of ``known`` ones (alive or destroyed here) and ``expired`` ones (ended, or destroyed elsewhere)."""

    restored: tuple[str, ...]
    known: tuple[str, ...]
    expired: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenedBackup:
    """A backup that was opened and may still be used."""

    made_at: datetime
    dies_at: datetime
    keys: tuple[tuple[KeyRecord, Identity], ...]


EarliestDestruction = Callable[[KeyRecord], datetime | None]
"""Returns the instant from which a key may be destroyed; None where it is not known."""


def destruction_limit(record: KeyRecord) -> datetime | None:
    """Return the instant by which a key must be destroyed, as the key store knows it."""
    return record.must_die_by


def eligible_keys(
    store: KeyStore, dies_at: datetime, clock: Clock, end: EarliestDestruction = destruction_limit
) -> list[KeyRecord]:
    """Return the keys whose end is known and after ``dies_at``. Raises BackupRefusedError: it is past, or there are none."""
    if dies_at <= clock.now():
        raise BackupRefusedError("The backup would be dead when made.", advice="Choose a later end for it.")
    found = [record for record in store.alive() if (last := end(record)) is not None and dies_at <= last]
    if not found:
        raise BackupRefusedError(
            "No key may live as long as the backup would.", advice="Choose an earlier end for it."
        )
    return found


def write_backup(
    store: KeyStore,
    to: Path,
    dies_at: datetime,
    recipients: Sequence[Sealer],
    clock: Clock,
    *,
    end: EarliestDestruction = destruction_limit,
) -> KeyBackup:
    """Write the keys that may outlive ``dies_at`` into a new file. Raises BackupRefusedError: there are none; StorageError."""
    taken = eligible_keys(store, dies_at, clock, end)
    fields = {
        "format": FORMAT,
        "made_at": clock.now().isoformat(),
        "dies_at": dies_at.isoformat(),
        "keys": [_written(record, store.identity_by_id(record.id)) for record in taken],
    }
    calls = PosixCalls()
    with storage_errors(to.name):
        write_new(calls, to, seal(json.dumps(fields).encode(), recipients))
        sync_folder(calls, to.parent)
    ids = {record.id for record in taken}
    left = [record.id for record in store.alive() if record.id not in ids]
    return KeyBackup(tuple(record.id for record in taken), tuple(left))


def open_backup(path: Path, identities: Sequence[Opener], clock: Clock) -> OpenedBackup:
    """Open a backup. Raises BackupRefusedError: it cannot be read, does not open, is no backup of keys, or is past its end."""
    fields = _fields(_unsealed(path, identities))
    try:
        keys = tuple(_read(entry) for entry in fields["keys"])
        made_at, dies_at = (datetime.fromisoformat(fields[name]) for name in ("made_at", "dies_at"))
        over = clock.now() >= dies_at
    except (KeyError, TypeError, ValueError, AttributeError, KeyTextError):
        raise _no_backup() from None
    if over:
        raise BackupRefusedError(
            "The backup ended at {when} and may not be used.",
            advice="Destroy its carrier.",
            when=dies_at.astimezone(OFFICE_ZONE).isoformat(),
        )
    return OpenedBackup(made_at, dies_at, keys)


def restore_backup(
    store: KeyStore,
    bundle: OpenedBackup,
    clock: Clock,
    may_live: Callable[[KeyRecord], bool] = lambda _record: True,
) -> KeysRestored:
    """Restore the keys that are neither past their end, nor known here, nor refused by ``may_live``."""
    restored: list[str] = []
    known: list[str] = []
    expired: list[str] = []
    for record, identity in bundle.keys:
        over = record.must_die_by is not None and clock.now() >= record.must_die_by
        if over or not may_live(record):
            expired.append(record.id)
        else:
            (restored if store.insert(record, identity) else known).append(record.id)
    return KeysRestored(tuple(restored), tuple(known), tuple(expired))


def _unsealed(path: Path, identities: Sequence[Opener]) -> bytes:
    try:
        if not path.is_file() or path.stat().st_size > LARGEST:
            raise _no_backup()
        return unseal(path.read_bytes(), identities)
    except OSError as error:
        raise BackupRefusedError("The backup cannot be read: {why}.", why=error.strerror or "error") from None
    except NoMatchError:
        raise BackupRefusedError(
            "What was given does not open the backup.",
            advice="Give the passphrase, or the identity, it was made with.",
        ) from None
    except SealedObjectError:
        raise _no_backup() from None


def _fields(content: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError):
        raise _no_backup() from None
    if not isinstance(fields, dict) or fields.get("format") != FORMAT:
        raise _no_backup()
    return fields


def _no_backup() -> BackupRefusedError:
    return BackupRefusedError(
        "The file is not a backup of keys, or is damaged.", advice="Choose another file."
    )


def _written(record: KeyRecord, identity: Identity) -> dict[str, str | None]:
    return {
        "id": record.id,
        "kind": record.kind,
        "source": record.source_id,
        "day": record.day.isoformat() if record.day else None,
        "label": record.label,
        "made_at": record.made_at.isoformat(),
        "must_die_by": record.must_die_by.isoformat() if record.must_die_by else None,
        "identity": identity.text,
    }


def _read(entry: dict[str, str]) -> tuple[KeyRecord, Identity]:
    identity = Identity.parse(entry["identity"])
    record = KeyRecord(
        id=entry["id"],
        kind=entry["kind"],
        source_id=entry["source"],
        day=date.fromisoformat(entry["day"]) if entry["day"] else None,
        label=entry["label"],
        recipient=identity.recipient,
        made_at=datetime.fromisoformat(entry["made_at"]),
        must_die_by=datetime.fromisoformat(entry["must_die_by"]) if entry["must_die_by"] else None,
        destroyed_at=None,
    )
    return record, identity
