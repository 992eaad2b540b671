"""What ``fsck`` finds of retention, and restored backups."""

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.db import transaction

from rejent.catalog import services as catalog_services
from rejent.kernel.clock import local_midnight
from rejent.retention import checks, queries, services
from rejent.retention.holds.journal import FILE
from rejent.retention.models import Destruction, Hold, Survivor
from rejent.vault.errors import KeyDestroyedError, KeyStoreError, StorageError
from rejent.vault.store.disk import DiskStore
from tests.unit.retention.office import MINUTE, RecordingOffice

NOON = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
END = local_midnight(date(2026, 4, 1))


def codes(office: RecordingOffice) -> list[str]:
    """What a deep check finds, by code."""
    return sorted(finding.code.removeprefix("retention.") for finding in checks.findings(office.keeping))


def hold(office: RecordingOffice, camera: str, start: datetime, end: datetime) -> services.HoldView:
    """A hold for a case."""
    return services.place_hold(
        source_id=camera,
        start=start,
        end=end,
        case="OR.1431.1.2026",
        basis="proceedings",
        review_on=date(2026, 12, 31),
        clock=office.clock,
        ledger=None,
        actor="cli",
    )


@pytest.fixture
def after_term(elblag: RecordingOffice) -> tuple[RecordingOffice, str]:
    """Two minutes past their term, of which the first is held."""
    camera = elblag.add_camera("Hall")
    for number in range(2):
        elblag.record(camera, NOON + number * MINUTE, b"m%d" % number)
    hold(elblag, camera, NOON, NOON + MINUTE)
    elblag.go_to(END)
    services.keep_once(elblag.keeping)
    return elblag, camera


def test_a_sound_office_is_clean(after_term: tuple[RecordingOffice, str]) -> None:
    """After a destruction with a survivor nothing is found."""
    assert codes(after_term[0]) == []


def test_what_a_hold_keeps_and_a_destruction_took_is_found(elblag: RecordingOffice) -> None:
    """The ledger proves the destruction, and the hold is in force: whatever deceived the keeper, the two contradict each other."""
    camera = elblag.add_camera("Hall")
    for number in range(3):
        elblag.record(camera, NOON + number * MINUTE, b"m%d" % number)
    number = hold(elblag, camera, NOON, NOON + 2 * MINUTE).number
    elblag.go_to(END)
    with patch("rejent.retention.destruction.destroying.sources_held", set[str]):
        assert services.keep_once(elblag.keeping).destroyed_segments == 3
    hold(elblag, camera, END, END + MINUTE)
    (found,) = checks.findings(elblag.keeping)
    assert found.code == "retention.held-destroyed"
    assert (found.facts["hold"], found.facts["segments"]) == (number, 2)


@pytest.mark.parametrize(
    "edit",
    [
        {"ended_at": NOON, "ended_by": "cli", "end_reason": "over"},
        {"start": NOON + timedelta(seconds=59)},
        {"end": NOON + timedelta(seconds=1)},
        {"case": "another"},
        {"basis": "another"},
        {"placed_by": "another"},
        {"placed_at": NOON - timedelta(days=20)},
    ],
)
def test_a_hold_that_is_not_what_was_entered_is_found(
    after_term: tuple[RecordingOffice, str], edit: dict[str, object]
) -> None:
    """A hold ended, moved or renamed in the database alone is named."""
    Hold.objects.update(**edit)
    assert "differs-from-ledger" in codes(after_term[0])


@pytest.mark.parametrize("column", ["due_at", "decided_at", "key_dead_at", "done_at"])
@pytest.mark.parametrize("moved", [-timedelta(hours=30), timedelta(hours=30)])
def test_a_destruction_that_was_at_another_time_is_found(
    after_term: tuple[RecordingOffice, str], column: str, moved: timedelta
) -> None:
    """No row makes a key die sooner or later than the ledger says."""
    (row,) = Destruction.objects.all()
    setattr(row, column, getattr(row, column) + moved)
    row.save()
    assert codes(after_term[0]) == ["differs-from-ledger"]


SURVIVORS: dict[str, Callable[[], object]] = {
    "deleted": lambda: Survivor.objects.all().delete(),
    "said to be lost": lambda: Survivor.objects.update(lost=True),
    "exchanged": lambda: Survivor.objects.update(object_name="another.age", segment=uuid4()),
    "of another origin": lambda: Survivor.objects.update(from_sha256="0" * 64),
    "not booked": lambda: Survivor.objects.update(booked=False),
}


@pytest.mark.parametrize("edit", SURVIVORS)
def test_survivors_that_are_not_as_they_were_entered_are_found(
    after_term: tuple[RecordingOffice, str], edit: str
) -> None:
    """What a destruction kept is bound with it: taken away, exchanged or said to be lost, it is named."""
    SURVIVORS[edit]()
    assert "differs-from-ledger" in codes(after_term[0])


def test_a_destruction_put_back_to_an_earlier_state_is_found(elblag: RecordingOffice) -> None:
    """A row that was true before the end, its deletion, and one of which no act is: each is named."""
    elblag.record(elblag.add_camera("Hall"), NOON, b"over")
    elblag.go_to(END)
    with patch.object(elblag.keys, "destroy", side_effect=StorageError("stuck")):
        services.keep_once(elblag.keeping)
    (before,) = Destruction.objects.all()
    services.keep_once(elblag.keeping)
    (after,) = Destruction.objects.all()
    before.save()
    assert "differs-from-ledger" in codes(elblag)
    after.delete()
    assert "row-missing" in codes(elblag)
    after.number = "N-2026-9"
    after.save(force_insert=True)
    assert {"row-missing", "not-in-ledger"} <= set(codes(elblag))


def test_a_hold_that_was_ended_is_held_against_its_end(after_term: tuple[RecordingOffice, str]) -> None:
    """An end that was entered is clean; taken back in the database alone, it is found."""
    office = after_term[0]
    services.end_hold("Z-2026-1", reason="closed", clock=office.clock, ledger=None, actor="cli")
    assert codes(office) == []
    Hold.objects.update(ended_at=None)
    assert "differs-from-ledger" in codes(office)


@pytest.mark.parametrize(
    "edit", [{"digest": "0" * 64}, {"rule": "another"}, {"segments": 7}, {"day": date(2026, 3, 2)}]
)
def test_a_destruction_that_is_not_what_was_entered_is_found(
    after_term: tuple[RecordingOffice, str], edit: dict[str, object]
) -> None:
    """The proof of a destruction is what the ledger says it is."""
    Destruction.objects.update(**edit)
    assert "differs-from-ledger" in codes(after_term[0])


def test_recordings_past_their_alarm_are_found(elblag: RecordingOffice) -> None:
    """Without keepers, the day and its key are overdue an hour after the end of a fixed period."""
    camera = elblag.add_camera("Hall")
    services.keep_once(elblag.keeping)
    elblag.record(camera, NOON, b"seen")
    elblag.go_to(END + timedelta(hours=1))
    assert codes(elblag) == ["key-overdue", "overdue"]


def test_a_changed_and_a_missing_survivor_are_found(after_term: tuple[RecordingOffice, str]) -> None:
    """One flipped byte of what a hold keeps is found, and so is its absence."""
    office, camera = after_term
    (row,) = office.living(camera, NOON, NOON + MINUTE)
    path = office.folder / "vault" / row.object_name
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert codes(office) == ["held-changed"]
    path.unlink()
    assert codes(office) == ["held-missing"]


def test_an_object_left_of_a_destroyed_day_is_found(after_term: tuple[RecordingOffice, str]) -> None:
    """A file that came back into a destroyed day's folder is named, not removed."""
    office, camera = after_term
    with office.store.create(f"{camera}/2026-03-01/left.age") as writer:
        writer.write(b"stale")
        writer.commit()
    assert codes(office) == ["object-left"]
    services.keep_once(office.keeping)
    assert codes(office) == ["object-left"]


def test_a_lost_key_is_found(elblag: RecordingOffice) -> None:
    """Living segments whose key is dead without a destruction are named."""
    camera = elblag.add_camera("Hall")
    segment = elblag.record(camera, NOON, b"seen")
    record = elblag.keys.day_record(camera, date(2026, 3, 1))
    assert record is not None
    elblag.keys.destroy([record.id])
    assert codes(elblag) == ["key-dead"]
    assert segment.recipient == record.recipient.text


def test_a_restored_old_database_brings_nothing_back_to_life(elblag: RecordingOffice) -> None:
    """The database of before the destruction, and the objects with it, against today's keys: dead, found, destroyed again."""
    camera = elblag.add_camera("Hall")
    segment = elblag.record(camera, NOON, b"seen")
    elblag.go_to(END - MINUTE)
    services.keep_once(elblag.keeping)
    backup = elblag.folder / "backup"
    with transaction.atomic():
        shutil.copytree(elblag.folder / "vault", backup)
        elblag.go_to(END)
        assert services.keep_once(elblag.keeping).destroyed_segments == 1
        transaction.set_rollback(True)
    shutil.rmtree(elblag.folder / "vault")
    backup.rename(elblag.folder / "vault")
    assert len(elblag.living(camera, NOON, NOON + MINUTE)) == 1
    with pytest.raises(KeyDestroyedError):
        elblag.content(segment)
    assert codes(elblag) == ["key-dead"]
    assert services.keep_once(elblag.keeping).destroyed_segments == 1
    assert codes(elblag) == []


def test_a_restored_old_database_gets_its_held_minute_back(elblag: RecordingOffice) -> None:
    """The hold is known to the old database, its carrying out is not: the survivor is found under its own key and kept."""
    camera = elblag.add_camera("Hall")
    for number in range(2):
        elblag.record(camera, NOON + number * MINUTE, b"m%d" % number)
    hold(elblag, camera, NOON, NOON + MINUTE)
    elblag.go_to(END)
    with transaction.atomic():
        assert services.keep_once(elblag.keeping).failed == []
        transaction.set_rollback(True)
    assert services.keep_once(elblag.keeping).failed == []
    (row,) = elblag.living(camera, NOON, NOON + 2 * MINUTE)
    assert b"m0@59" in elblag.content(row)
    assert queries.destructions()[0].stage == "done"


@pytest.mark.parametrize("noted", [False, True])
def test_a_hold_that_a_restored_database_forgot_still_holds(elblag: RecordingOffice, noted: bool) -> None:
    """Neither the hold nor its carrying out is known: the object stays, its key lives, and both are named.

    Where a keeper has noted the hold beside the keys, it is carried out anew; only what lay there before is not known any more.
    """
    camera = elblag.add_camera("Hall")
    segment = elblag.record(camera, NOON, b"held")
    elblag.go_to(END - MINUTE)
    services.keep_once(elblag.keeping)
    with transaction.atomic():
        hold(elblag, camera, NOON, NOON + MINUTE)
        elblag.go_to(END)
        assert services.keep_once(elblag.keeping).survivors == 1
        transaction.set_rollback(True)
    if not noted:
        (elblag.keys.folder / FILE).unlink()
    services.keep_once(elblag.keeping)
    with elblag.store.open(segment.object_name) as sealed:
        assert sealed.size > 0
    assert codes(elblag) == (["held-origin"] if noted else ["object-left", "survivor-key-unknown"])
    assert len(elblag.living(camera, NOON, NOON + 2 * MINUTE)) == noted


def test_an_old_copy_of_the_key_store_opens_nothing(elblag: RecordingOffice, tmp_path: Path) -> None:
    """Yesterday's database of keys under today's epoch is refused: its epoch key is gone."""
    camera = elblag.add_camera("Hall")
    elblag.record(camera, NOON, b"seen")
    stale = tmp_path / "stale"
    stale.mkdir()
    shutil.copy(elblag.keys.folder / "keys.db", stale / "keys.db")
    elblag.go_to(END)
    services.keep_once(elblag.keeping)
    shutil.copy(stale / "keys.db", elblag.keys.folder / "keys.db")
    with pytest.raises(KeyStoreError):
        elblag.copied(tmp_path / "restored").keys.identity(camera, date(2026, 3, 1))


def test_objects_without_rows_are_not_destroyed_by_accident(elblag: RecordingOffice) -> None:
    """A file in a living day's folder that nobody booked is left alone by every keeper."""
    camera = elblag.add_camera("Hall")
    services.keep_once(elblag.keeping)
    unbooked = elblag.record(camera, NOON, b"late", book=False)
    services.keep_once(elblag.keeping)
    assert isinstance(elblag.store, DiskStore)
    assert elblag.store.open(unbooked.object_name).size == unbooked.bytes
    catalog_services.book_segments([unbooked], elblag.clock)
    assert codes(elblag) == []
