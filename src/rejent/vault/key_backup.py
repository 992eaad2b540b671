"""Backups of keys that never outlive what they open.

A backup is one age file, sealed to a recipient kept elsewhere, that says when it dies. A key enters it only if the backup
dies before the key must. Bringing keys back refuses a backup past its day, keys past theirs, and keys destroyed here.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from rejent.kernel.clock import Clock
from rejent.vault.errors import BackupRefusedError
from rejent.vault.key_rows import KeyRecord
from rejent.vault.keys import KeyStore
from rejent.vault.opening import unseal
from rejent.vault.recipients import Identity, Opener, Sealer
from rejent.vault.sealing import seal
from rejent.vault.store.posix import PosixCalls, reported, sync_folder, write_fully

FORMAT = "rejent-keys-1"


@dataclass(frozen=True, slots=True)
class KeyBackup:
    """What a backup took and left out, by the ids of keys."""

    taken: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeysRestored:
    """What came back from a backup and what was refused, by the ids of keys."""

    restored: tuple[str, ...]
    refused: tuple[str, ...]


def backup(
    store: KeyStore, to: Path, dies_at: datetime, recipients: Sequence[Sealer], clock: Clock
) -> KeyBackup:
    """Write the keys that may outlive ``dies_at`` into a new file.

    A key whose end is not known, as that of an open hold, is left out: it may have to die any day.

    Raises:
        BackupRefusedError: ``dies_at`` is past.
        StorageError: the file is there already or cannot be written.
    """
    now = clock.now()
    if dies_at <= now:
        raise BackupRefusedError("The backup would be dead when made.", advice="Choose a later end for it.")
    alive = store.alive()
    taken = [record for record in alive if record.must_die_by is not None and dies_at <= record.must_die_by]
    fields = {
        "format": FORMAT,
        "made_at": now.isoformat(),
        "dies_at": dies_at.isoformat(),
        "keys": [_written(record, store.identity_of(record.id)) for record in taken],
    }
    _write_new(to, seal(json.dumps(fields).encode(), recipients))
    ids = {record.id for record in taken}
    return KeyBackup(
        tuple(record.id for record in taken), tuple(record.id for record in alive if record.id not in ids)
    )


def restore(store: KeyStore, path: Path, identities: Sequence[Opener], clock: Clock) -> KeysRestored:
    """Bring back what a backup may bring back.

    Raises:
        BackupRefusedError: the backup is past its end, or is not a backup of keys.
        SealedObjectError: it does not open.
    """
    fields = json.loads(unseal(path.read_bytes(), identities))
    if fields.get("format") != FORMAT:
        raise BackupRefusedError("The file is not a backup of keys.", advice="Choose another file.")
    now = clock.now()
    if now >= datetime.fromisoformat(fields["dies_at"]):
        raise BackupRefusedError(
            "The backup ended at {when} and may not be used.",
            advice="Destroy its carrier.",
            when=fields["dies_at"],
        )
    restored: list[str] = []
    refused: list[str] = []
    for entry in fields["keys"]:
        record, identity = _read(entry)
        outlived = record.must_die_by is None or now >= record.must_die_by
        done = not outlived and store.insert(record, identity)
        (restored if done else refused).append(record.id)
    return KeysRestored(tuple(restored), tuple(refused))


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


def _write_new(path: Path, content: bytes) -> None:
    calls = PosixCalls()
    with reported(path.name):
        number = calls.create(path)
        try:
            write_fully(calls, number, content)
            os.fsync(number)
        finally:
            calls.close(number)
        sync_folder(calls, path.parent)
