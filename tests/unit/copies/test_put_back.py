"""The drill of an older backup (I10): of the database, of the folder of keys, and of keys in a file; no destroyed copy comes back."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from rejent.cases import queries as case_queries
from rejent.cases.copies import queries
from rejent.cases.copies.opening import open_part
from rejent.cases.copies.services import (
    appoint_commission,
    confirm_destruction,
    finish_copies,
    finish_destructions,
)
from rejent.cases.copies.views import CopyView, State
from rejent.cases.errors import NoSuchCaseError
from rejent.kernel.clock import local_midnight
from rejent.retention import services as retention
from rejent.retention.keys.backups import back_up_keys, restore_keys
from rejent.vault.age import Identity
from rejent.vault.errors import BackupRefusedError, KeyDestroyedError
from rejent.vault.keys.key_store import KeyStore
from rejent.vault.keys.root_key import FileRoot
from tests.unit.cases.application import entered
from tests.unit.copies.conftest import CopyingOffice

LAST_DAY = datetime(2026, 6, 1, 9, tzinfo=UTC)


def destroyed(office: CopyingOffice, copy: CopyView) -> None:
    """Two people destroy a copy on its last day."""
    office.office.go_to(LAST_DAY)
    members = [office.people[role] for role in ("clerk", "secretary")]
    clock, keeping = office.office.clock, office.office.keeping
    number = appoint_commission(
        [copy.number], [each.id for each in members], person=office.people["head"], clock=clock
    ).number
    for each in members:
        confirm_destruction(number, {}, person=each, keeping=keeping, ledger=None)


@contextmanager
def older_database() -> Iterator[None]:
    """What the block does to the database is not there any more; keys, objects and the journal are."""
    before = transaction.savepoint()
    yield
    transaction.savepoint_rollback(before)


def copy_keys(office: CopyingOffice) -> set[str]:
    """Labels of the living keys of copies."""
    return {each.label for each in office.office.keys.alive() if each.kind == "copy"}


def test_under_an_older_database_a_destroyed_copy_stays_dead(pleszew: CopyingOffice) -> None:
    """Its row says that it is kept; nothing opens it, whatever rounds are made, and fsck names it. What came later is named and kept."""
    copy = pleszew.copy(pleszew.decided().number)
    administrator, clock = pleszew.people["administrator"], pleszew.office.clock
    with older_database():
        later = pleszew.copy(pleszew.decided().number)
        open_case = entered(clock, pleszew.camera)
        assert retention.keep_once(pleszew.office.keeping).failed == []
        destroyed(pleszew, copy)
    assert queries.copy(copy.number).state is State.KEPT
    for _ in range(2):
        done = retention.keep_once(pleszew.office.keeping)
        assert any(open_case.holds[0] in line for line in done.failed)
        assert finish_copies(pleszew.office.keeping) + finish_destructions(pleszew.office.keeping) == []
        assert copy_keys(pleszew) == {later.id.hex}
    with pytest.raises(NoSuchCaseError):
        case_queries.case(open_case.number)
    with pytest.raises(KeyDestroyedError):
        open_part(copy.parts[0], person=administrator, clock=clock)
    assert {"copies.key-dead", "copies.object-missing", "copies.key-unknown", "copies.object-unknown"} == set(
        pleszew.found()
    )


def test_from_an_older_folder_of_keys_a_destroyed_copy_dies_again(pleszew: CopyingOffice) -> None:
    """With the next round; nobody opens it before, since its row says that it is destroyed."""
    copy, folder = pleszew.copy(pleszew.decided().number), pleszew.office.folder
    shutil.copytree(folder / "keys", folder / "old")
    destroyed(pleszew, copy)
    pleszew.office.keys = KeyStore.open(folder / "old", FileRoot(), pleszew.office.clock)
    assert pleszew.found() == ["copies.key-alive"]
    assert finish_destructions(pleszew.office.keeping) == []
    assert copy_keys(pleszew) == set()
    assert pleszew.found() == []


def test_a_backup_of_keys_holds_a_copy_s_until_the_last_day_begins(
    pleszew: CopyingOffice, tmp_path: Path
) -> None:
    """Not a second longer; what it brings back opens the copy, and once the backup is dead nothing comes of it."""
    copy, holder = pleszew.copy(pleszew.decided().number), Identity.generate()
    assert copy.due_on is not None
    last, keeping = local_midnight(copy.due_on), pleszew.office.keeping
    given: dict[str, Any] = {"recipients": [holder.recipient], "actor": "cli", "besides": queries.key_ends()}
    with pytest.raises(BackupRefusedError):
        back_up_keys(keeping, to=tmp_path / "late", dies_at=last + timedelta(seconds=1), **given)
    made = back_up_keys(keeping, to=tmp_path / "keys.age", dies_at=last, **given)
    assert len(made.taken) == 1
    pleszew.office.keys = KeyStore.create(tmp_path / "new", FileRoot(), pleszew.office.clock)
    back: dict[str, Any] = {"path": tmp_path / "keys.age", "openers": [holder], "actor": "cli"}
    done = restore_keys(pleszew.office.keeping, **back, besides=queries.key_ends())
    assert (done.restored, copy_keys(pleszew)) == (made.taken, {copy.id.hex})
    assert pleszew.office.keys.identity_by_recipient(copy.parts[0].recipient)
    destroyed(pleszew, copy)
    with pytest.raises(BackupRefusedError, match="ended at"):
        restore_keys(pleszew.office.keeping, **back, besides=queries.key_ends())
    assert copy_keys(pleszew) == set()


def test_a_backup_brings_no_destroyed_copy_s_key_back_where_the_clock_was_set_back(
    pleszew: CopyingOffice, tmp_path: Path
) -> None:
    """The backup seems to live; the ledger says that the copy is destroyed."""
    copy, holder = pleszew.copy(pleszew.decided().number), Identity.generate()
    assert copy.due_on is not None
    keeping, last = pleszew.office.keeping, local_midnight(copy.due_on)
    back_up_keys(
        keeping,
        to=tmp_path / "k",
        dies_at=last,
        recipients=[holder.recipient],
        actor="",
        besides=queries.key_ends(),
    )
    destroyed(pleszew, copy)
    pleszew.office.clock.step(-timedelta(days=5))
    pleszew.office.keys = KeyStore.create(tmp_path / "new", FileRoot(), pleszew.office.clock)
    restore_keys(
        pleszew.office.keeping, path=tmp_path / "k", openers=[holder], actor="", besides=queries.key_ends()
    )
    assert copy_keys(pleszew) == set()
