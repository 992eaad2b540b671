"""Whoever edits the database past the program makes the keepers destroy nothing that is held, or whose term runs, and is found."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.db.models import QuerySet

from rejent.catalog.models import DayTotal, Segment, Source
from rejent.kernel.clock import local_midnight
from rejent.office.models import RegulationVersion
from rejent.office.regulation.loading import example
from rejent.registers.guard.checks import guarded_rows
from rejent.registers.models import Entry
from rejent.retention import services
from rejent.retention.models import Destruction, Hold, Survivor
from rejent.retention.rounds.round import Keeping
from rejent.retention.terms.applicable_terms import Terms
from rejent.vault.age import SealedReader
from rejent.vault.errors import KeyDestroyedError, ObjectMissingError, StorageError
from rejent.vault.store.disk import DiskStore
from tests.unit.retention.office import MINUTE, RecordingOffice

NOON = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
END = local_midnight(date(2026, 4, 1))


class StuckStore(DiskStore):
    """A store that lets no head be replaced."""

    def replace_head(self, *_: object) -> None:
        """Nothing."""
        raise StorageError("The store does not answer.")


def hold(office: RecordingOffice, camera: str) -> str:
    """The first minute is needed for a case; the hold's number."""
    held = services.place_hold(
        source_id=camera, start=NOON, end=NOON + MINUTE, case="OR.1431.1.2026", basis="proceedings",
        review_on=date(2026, 12, 31), clock=office.clock, ledger=None, actor="cli",
    )  # fmt: skip
    return held.number


def names(office: RecordingOffice) -> set[str]:
    """What lies in the store."""
    return {stored.name for stored in office.store.objects()}


def test_a_held_object_that_a_row_gives_to_the_dead_key_stays(elblag: RecordingOffice) -> None:
    """What was kept for a hold is not taken for a leftover of its date; a keeper that finds it so enters that."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"held")
    hold(elblag, camera)
    elblag.go_to(END)
    assert services.keep_once(elblag.keeping).failed == []
    Segment.objects.update(recipient=kept.recipient, state="sealed")
    for _ in range(2):
        services.keep_once(elblag.keeping)
        assert names(elblag) == {kept.object_name}
    assert Entry.objects.filter(act="destruction.left-unknown").count() == 1
    assert "catalog.differs-from-ledger" in {found.code for found in guarded_rows("catalog")}


EDITS: dict[str, Callable[[QuerySet[Segment]], object]] = {
    "another time": lambda rows: rows.update(start=NOON + 5 * MINUTE, end=NOON + 6 * MINUTE),
    "another date": lambda rows: rows.update(day=NOON.date() + timedelta(days=1)),
    "destroyed": lambda rows: rows.update(state="destroyed"),
    "deleted": lambda rows: rows.delete(),
}


@pytest.mark.parametrize("edit", EDITS)
def test_what_is_held_does_not_die_with_its_key_because_its_row_was_edited(
    elblag: RecordingOffice, edit: str
) -> None:
    """The key lives until the row is what was entered; that is told in each round, and another source's date ends."""
    camera, other = elblag.add_camera("Hall"), elblag.add_camera("Door")
    kept = elblag.record(camera, NOON, b"held")
    elblag.record(camera, NOON + MINUTE, b"gone")
    elblag.record(other, NOON, b"other")
    hold(elblag, camera)
    row = Segment.objects.get(pk=kept.id)
    EDITS[edit](Segment.objects.filter(pk=kept.id))
    elblag.go_to(END)
    (failed,) = services.keep_once(elblag.keeping).failed
    assert "rejent fsck" in failed
    assert b"held@59" in elblag.content(kept)
    assert not any(name.startswith(other) for name in names(elblag))
    row.save()
    assert services.keep_once(elblag.keeping).failed == []
    (left,) = elblag.living(camera, NOON, NOON + 10 * MINUTE)
    assert b"held@59" in elblag.content(left)


def test_what_is_held_is_kept_though_its_row_names_a_key_that_never_was(elblag: RecordingOffice) -> None:
    """Nothing is destroyed, and that is told, until the row is what was entered; then it is kept as if nobody had touched it."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"held")
    hold(elblag, camera)
    Segment.objects.update(recipient="age1")
    elblag.go_to(END)
    assert any("another date" in each for each in services.keep_once(elblag.keeping).failed)
    assert b"held@59" in elblag.content(kept)
    Segment.objects.update(recipient=kept.recipient)
    assert services.keep_once(elblag.keeping).failed == []
    (left,) = elblag.living(camera, NOON, NOON + MINUTE)
    assert b"held@59" in elblag.content(left)
    with pytest.raises(KeyDestroyedError):
        elblag.keys.identity_by_recipient(kept.recipient)


@pytest.mark.parametrize("gone", ["hold.placed", "segment.sealed"])
def test_what_is_held_stays_though_the_ledger_was_made_to_forget_it(
    elblag: RecordingOffice, gone: str
) -> None:
    """A record that was erased from the ledger, and its row with it, take nothing from a hold of which it was, and are found."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"held")
    hold(elblag, camera)
    Entry.objects.filter(act=gone).update(facts=None, salt=None)
    if gone == "hold.placed":
        Hold.objects.all().delete()
    else:
        Segment.objects.all().delete()
    elblag.go_to(END)
    services.keep_once(elblag.keeping)
    recipient = kept.recipient if gone == "segment.sealed" else Segment.objects.get().recipient
    with elblag.store.open(kept.object_name) as sealed:
        content = SealedReader(sealed, [elblag.keys.identity_by_recipient(recipient)]).read()
    assert b"held@59" in content


def test_a_hold_that_was_ended_before_its_records_were_erased_stays_ended(elblag: RecordingOffice) -> None:
    """An end of a hold that nobody knows any more is the end of the one that was forgotten."""
    camera = elblag.add_camera("Hall")
    elblag.record(camera, NOON, b"over")
    number = hold(elblag, camera)
    services.end_hold(number, reason="over", clock=elblag.clock, ledger=None, actor="cli")
    Entry.objects.filter(act="hold.placed").update(facts=None, salt=None)
    Hold.objects.all().delete()
    elblag.go_to(END)
    services.keep_once(elblag.keeping)
    assert names(elblag) == set()


def test_a_survivor_that_never_was_lets_no_key_die(elblag: RecordingOffice) -> None:
    """A row that says that a part is safe is not believed either."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"held")
    hold(elblag, camera)
    elblag.go_to(END)
    services.keep_once(Keeping(elblag.clock, StuckStore(elblag.folder / "vault"), elblag.keys, boot="one"))
    (row,) = Destruction.objects.all()
    assert row.stage == "decided"
    Survivor.objects.all().delete()
    Survivor.objects.create(
        destruction=row, segment=uuid4(), from_segment=kept.id, from_sha256=kept.sha256, object_name="made-up",
        start=NOON, end=NOON + MINUTE, booked=True,
    )  # fmt: skip
    assert len(services.keep_once(elblag.keeping).failed) == 1
    assert b"held@59" in elblag.content(kept)


@pytest.mark.parametrize("stage", ["key-dying", "key-dead", "done"])
def test_a_stage_that_was_not_entered_lets_no_key_die(elblag: RecordingOffice, stage: str) -> None:
    """A destruction whose survivors are not safe yet is said to be past recall: it is refused until the row is as it was."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"held")
    hold(elblag, camera)
    elblag.go_to(END)
    services.keep_once(Keeping(elblag.clock, StuckStore(elblag.folder / "vault"), elblag.keys, boot="one"))
    Destruction.objects.update(stage=stage)
    assert stage == "done" or "N-2026-1" in str(services.keep_once(elblag.keeping).failed)
    assert b"held@59" in elblag.content(kept)
    assert "retention.differs-from-ledger" in {each.code for each in guarded_rows("retention")}
    Destruction.objects.update(stage="decided")
    assert services.keep_once(elblag.keeping).failed == []
    assert b"held@59" in elblag.content(*elblag.living(camera, NOON, NOON + MINUTE))


def test_an_object_of_another_date_that_a_row_names_stays(elblag: RecordingOffice) -> None:
    """A recording of which the term has ended takes none with it whose term runs."""
    camera = elblag.add_camera("Hall")
    over = elblag.record(camera, NOON, b"over")
    runs = elblag.record(camera, NOON + timedelta(days=20), b"runs")
    for segment, name in ((over, "aside"), (runs, over.object_name), (over, runs.object_name)):
        Segment.objects.filter(pk=segment.id).update(object_name=name)
    elblag.go_to(END)
    services.keep_once(elblag.keeping)
    assert runs.object_name in names(elblag)
    assert "catalog.differs-from-ledger" in {found.code for found in guarded_rows("catalog")}


@pytest.mark.parametrize("stage", ["decided", "key-dying", "key-dead"])
def test_a_planted_destruction_destroys_nothing(elblag: RecordingOffice, stage: str) -> None:
    """Whoever writes into the database that a key is to die, or dead already, whose date's term runs, is told of; it lives."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"runs")
    Destruction.objects.create(
        number="N/7/2026", source_id=camera, day=NOON.date(), recipient=kept.recipient, stage=stage,
        key=elblag.keys.ids_by_recipient([kept.recipient])[kept.recipient], rule="", due_at=NOON, decided_at=NOON, decided_entry=0,
    )  # fmt: skip
    (failed,) = services.keep_once(elblag.keeping).failed
    assert failed.startswith("N/7/2026")
    assert b"runs@59" in elblag.content(kept)


def test_a_recording_that_a_row_gives_to_an_old_date_keeps_its_key(elblag: RecordingOffice) -> None:
    """The key store knows of which date a key is; one of a date whose term runs does not die for an edited one."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"runs")
    past = NOON.date() - timedelta(days=400)
    Segment.objects.update(day=past)
    DayTotal.objects.update(day=past)
    (failed,) = services.keep_once(elblag.keeping).failed
    assert "another date" in failed
    assert not Destruction.objects.exists()
    assert b"runs@59" in elblag.content(kept)


def test_the_key_that_dies_is_the_one_that_was_entered(elblag: RecordingOffice) -> None:
    """A destruction that was cut short names another key meanwhile: that one lives, and only the right one dies."""
    camera = elblag.add_camera("Hall")
    over, runs = elblag.record(camera, NOON, b"over"), elblag.record(camera, END - MINUTE, b"runs")
    elblag.go_to(END)
    with patch.object(elblag.keys, "destroy", side_effect=StorageError("stuck")):
        services.keep_once(elblag.keeping)
    Destruction.objects.update(key=elblag.keys.ids_by_recipient([runs.recipient])[runs.recipient])
    assert any("N-2026-1" in each for each in services.keep_once(elblag.keeping).failed)
    assert b"over@59" in elblag.content(over)
    Destruction.objects.update(recipient=runs.recipient)
    assert any("N-2026-1" in each for each in services.keep_once(elblag.keeping).failed)
    assert b"runs@59" in elblag.content(runs)
    with pytest.raises((KeyDestroyedError, ObjectMissingError)):
        elblag.content(over)


@pytest.mark.usefixtures("as_after_a_restart")
def test_a_regulation_that_was_never_entered_ends_no_term(elblag: RecordingOffice) -> None:
    """Whoever shortens the term in the database, or forgets the version that lengthened it, destroys nothing by that."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"runs")
    shorter = example("pleszew")
    elblag.go_to(NOON + timedelta(days=40))
    RegulationVersion.objects.update(text=shorter, sha256=sha256(shorter.encode()).hexdigest())
    done = services.keep_once(elblag.keeping)
    assert [failed for failed in done.failed if "regulation" in failed]
    assert not Destruction.objects.exists()
    assert b"runs@59" in elblag.content(kept)


def test_a_source_that_a_row_gives_to_another_stream_keeps_its_keys(elblag: RecordingOffice) -> None:
    """The stream decides on the term; the ledger tells which it was when the source was added, and another source's date ends."""
    camera, other = elblag.add_camera("Hall"), elblag.add_camera("Door")
    kept = elblag.record(camera, NOON, b"kept")
    elblag.record(other, NOON, b"gone")
    Source.objects.filter(pk=camera).update(stream="calls")
    elblag.go_to(END)
    (failed,) = services.keep_once(elblag.keeping).failed
    assert failed.startswith(camera)
    assert b"kept@59" in elblag.content(kept)
    assert not any(name.startswith(other) for name in names(elblag))


def test_a_regulation_edited_for_a_moment_ends_no_term(elblag: RecordingOffice) -> None:
    """Terms are read of the text that was verified, not of what the database holds when they are asked for."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"runs")
    entered, shorter = RegulationVersion.objects.get(), example("pleszew")
    elblag.go_to(NOON + timedelta(days=20))
    terms = Terms(elblag.clock)
    before = terms.term(camera, NOON.date())
    RegulationVersion.objects.update(text=shorter)
    assert Terms(elblag.clock).term(camera, NOON.date()) == before
    services.keep_once(elblag.keeping)
    RegulationVersion.objects.update(text=entered.text)
    assert not Destruction.objects.exists()
    assert b"runs@59" in elblag.content(kept)
