"""Backups of keys bring back what may still live, and nothing else."""

from datetime import timedelta
from pathlib import Path

import pytest

from rejent.kernel.clock import ManualClock
from rejent.vault.age import Identity, seal
from rejent.vault.errors import (
    BackupRefusedError,
)
from rejent.vault.keys.key_backup import open_backup, restore_backup, write_backup
from rejent.vault.keys.key_store import KeyStore
from rejent.vault.keys.root_key import FileRoot
from tests.unit.vault.key_days import DAY, START


def test_a_backup_takes_only_keys_that_outlive_it(
    store: KeyStore, tmp_path: Path, clock: ManualClock
) -> None:
    """A key that must die before the backup does, or whose end is unknown, is left out of it."""
    limits = {DAY: START + timedelta(days=10), DAY + timedelta(1): START + timedelta(days=11)}
    store.make_keys("cam", limits, limits)
    hold, _ = store.new_key()
    safe = Identity.generate()
    made = write_backup(store, tmp_path / "keys.age", START + timedelta(days=11), [safe.recipient], clock)
    records = {record.id: record.day for record in store.alive()}
    assert [records[key_id] for key_id in made.taken] == [DAY + timedelta(1)]
    assert {records[key_id] for key_id in made.left_out} == {DAY, None}
    assert hold in made.left_out
    with pytest.raises(BackupRefusedError):
        write_backup(store, tmp_path / "late.age", START, [safe.recipient], clock)


def test_a_restored_backup_brings_nothing_back_to_life(
    store: KeyStore, tmp_path: Path, clock: ManualClock
) -> None:
    """From a backup only keys return that are neither destroyed here nor past their limit, and none once the backup is past its end."""
    days = [DAY + timedelta(step) for step in range(3)]
    limits = {day: START + timedelta(days=20 + step) for step, day in enumerate(days)}
    recipients = store.make_keys("cam", days, limits)
    safe = Identity.generate()
    write_backup(store, tmp_path / "keys.age", START + timedelta(days=20), [safe.recipient], clock)
    record = store.day_record("cam", days[0])
    assert record is not None
    store.destroy([record.id])
    made = open_backup(tmp_path / "keys.age", [safe], clock)
    assert restore_backup(store, made, clock).restored == ()
    fresh = KeyStore.create(tmp_path / "fresh", FileRoot(), clock)
    assert restore_backup(fresh, made, clock, lambda _record: False).restored == ()
    assert len(restore_backup(fresh, made, clock).restored) == 3
    assert fresh.identity("cam", days[1]).recipient == recipients[days[1]]
    clock.advance(timedelta(days=20))
    with pytest.raises(BackupRefusedError):
        open_backup(tmp_path / "keys.age", [safe], clock)


@pytest.mark.parametrize(
    "content",
    [b"", b"no json", b"[]", b'{"format": "other"}', b'{"format": "rejent-keys-1"}',
     b'{"format": "rejent-keys-1", "keys": [{"identity": "x"}], "made_at": "x", "dies_at": "x"}',
     b'{"format": "rejent-keys-1", "keys": [], "made_at": "2026-03-01", "dies_at": "2027-03-01"}'],
)  # fmt: skip
def test_what_is_no_backup_of_keys_is_refused(tmp_path: Path, clock: ManualClock, content: bytes) -> None:
    """A sealed file with anything else in it, a file that is not sealed, a folder and nothing at all are refused alike."""
    safe, path = Identity.generate(), tmp_path / "keys.age"
    path.write_bytes(seal(content, [safe.recipient]))
    for place in (path, tmp_path, tmp_path / "nothing"):
        with pytest.raises(BackupRefusedError, match="not a backup"):
            open_backup(place, [safe], clock)
    path.write_bytes(content or b"age-encryption.org/v1\n")
    with pytest.raises(BackupRefusedError, match="not a backup"):
        open_backup(path, [safe], clock)


def test_another_identity_does_not_open_a_backup(store: KeyStore, tmp_path: Path, clock: ManualClock) -> None:
    """The refusal says that what was given does not fit."""
    store.make_keys("cam", [DAY], {DAY: START + timedelta(days=3)})
    path = tmp_path / "keys.age"
    write_backup(store, path, START + timedelta(days=1), [Identity.generate().recipient], clock)
    with pytest.raises(BackupRefusedError, match="does not open"):
        open_backup(path, [Identity.generate()], clock)


def test_a_backup_without_a_key_is_not_written(store: KeyStore, tmp_path: Path, clock: ManualClock) -> None:
    """Where every key must die sooner there is nothing to back up, and no file is left."""
    store.make_keys("cam", [DAY], {DAY: START + timedelta(days=3)})
    with pytest.raises(BackupRefusedError, match="No key may live"):
        write_backup(
            store, tmp_path / "keys.age", START + timedelta(days=4), [Identity.generate().recipient], clock
        )
    assert not (tmp_path / "keys.age").exists()
