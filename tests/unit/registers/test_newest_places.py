"""Hidden entries: whoever writes the database alone brings no earlier state of a row that gives power back."""

import contextlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from rejent.devices.models import Device
from rejent.kernel.clock import ManualClock
from rejent.ledger.location import LedgerLocation
from rejent.ledger.merkle import RightEdge, leaf_hash
from rejent.registers.acts import ENTRIES_LOST, ENTRY_LOST
from rejent.registers.errors import LedgerMismatchError, PlacesUnreadableError
from rejent.registers.guard import rows as guard
from rejent.registers.guard.memory import VerifiedOnce
from rejent.registers.guard.places import NewestPlaces
from rejent.registers.models import Entry, TreeHead
from rejent.registers.services import enter
from rejent.registers.signing.restoring import accept_lost, accept_rollback, continue_published
from tests.guarded_rows import unguarded
from tests.unit.registers.test_guard import CHANGED, NOW, codes, station
from tests.unit.registers.test_restoring import put_back, put_everything_back

THING = "device:1"
CLOCK = ManualClock(datetime(2026, 11, 21, 12, 0, tzinfo=UTC))


def strike_off(row: Device) -> int:
    """Enter that a station counts no more; return the entry's place."""
    with transaction.atomic():
        row.revoked_at = NOW
        row.save()
        return enter(CHANGED, actor="", subject="", record={}, at=NOW, row=row)


def test_processes_read_what_others_noted(tmp_path: Path) -> None:
    """Whoever noted it; an older place changes nothing, and the file is the program's alone."""
    one, other = NewestPlaces(tmp_path / "newest_places"), NewestPlaces(tmp_path / "newest_places")
    assert one.of(THING) is None
    one.note(THING, 7)
    assert other.of(THING) == 7
    other.note(THING, 3)
    other.note("device:2", 9)
    assert (one.of(THING), one.of_kind("device")) == (7, {THING: 7, "device:2": 9})
    assert (one.of_kind("stat"), NewestPlaces(tmp_path / "newest_places").of(THING)) == ({}, 7)
    assert (tmp_path / "newest_places").stat().st_mode & 0o777 == 0o600


def test_a_note_that_was_cut_short_counts_for_nothing(tmp_path: Path) -> None:
    """Neither is it read, nor does it spoil the next one."""
    file = tmp_path / "places"
    places = NewestPlaces(file)
    places.note(THING, 7)
    with file.open("ab") as notes:
        notes.write(b"\n12 station:2")
    assert places.of("device:2") is None
    places.note("device:3", 13)
    assert places.of_kind("device") == {THING: 7, "device:3": 13}


def test_where_nothing_can_be_written_the_process_remembers(tmp_path: Path) -> None:
    """A full disk stops no act; what is noted then is known to this process, and written with the next note."""
    file = tmp_path / "missing" / "newest_places"
    places = NewestPlaces(file)
    places.note(THING, 7)
    assert places.of(THING) == 7
    file.parent.mkdir()
    places.note("device:2", 9)
    assert NewestPlaces(file).of_kind("device") == {THING: 7, "device:2": 9}
    places.note(THING, 7)
    assert file.read_text(encoding="ascii").count(THING) == 1


def test_what_is_lost_alone_is_forgotten(tmp_path: Path) -> None:
    """What was noted of a thing before counts again, and what was noted since goes on counting, in whatever order both came."""
    file = tmp_path / "places"
    one, other = NewestPlaces(file), NewestPlaces(file)
    one.note(THING, 12)
    one.note(THING, 3)
    one.note("device:2", 12)
    other.note("device:3", 15)
    before = other.taken()
    one.forget(range(10, 15))
    assert other.of_kind("device") == {THING: 3, "device:3": 15}
    assert other.taken() != before
    one.forget(range(20), standing={THING: 1})
    assert other.of_kind("device") == {THING: 1}


def test_nothing_is_forgotten_that_cannot_be_written(tmp_path: Path) -> None:
    """Whoever accepts the loss is told, and does so again."""
    places = NewestPlaces(tmp_path / "missing" / "places")
    places.note(THING, 12)
    with pytest.raises(FileNotFoundError):
        places.forget(range(20))
    assert places.of(THING) == 12


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("hide", ["delete", "move"])
def test_a_row_whose_newest_entry_is_hidden_counts_for_nothing(
    newest_places: NewestPlaces, settings: Any, hide: str
) -> None:
    """The station that was struck off comes back neither here nor in a process that starts later, and `fsck` names it."""
    row = station()
    newest = strike_off(row)
    assert newest_places.of(guard.thing_of(row)) == newest
    with unguarded():
        hidden = Entry.objects.filter(pk=newest)
        assert hidden.delete()[0] if hide == "delete" else hidden.update(thing=None)
    Device.objects.update(revoked_at=None)
    assert guard.matching(Device.objects.all()) == []
    assert "devices.entry-hidden" in codes()
    settings.NEWEST_PLACES = None
    assert guard.matching(Device.objects.all()), "by the database alone it would count"


@pytest.mark.django_db(transaction=True)
def test_a_thing_of_which_every_entry_is_hidden_is_missed(newest_places: NewestPlaces) -> None:
    """Its row counts for nothing, and that there is none is no answer either."""
    row = station()
    with unguarded():
        Entry.objects.filter(thing=guard.thing_of(row)).update(thing=None)
    assert guard.matching(Device.objects.all()) == []
    Device.objects.all().delete()
    with pytest.raises(LedgerMismatchError):
        guard.in_ledger(Device, row.pk)
    with pytest.raises(LedgerMismatchError):
        guard.require_complete(Device)
    assert newest_places.of_kind("device")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", ["its tag", "its digest", "its thing"])
def test_an_entry_that_is_altered_stands_for_nothing(newest_places: NewestPlaces, change: str) -> None:
    """Neither does it say that a row is gone, nor does another entry that is given the thing."""
    row = station()
    with transaction.atomic():
        other = enter(CHANGED, actor="", subject="", record={}, at=NOW)
    newest = Entry.objects.filter(thing=guard.thing_of(row))
    with unguarded():
        if change == "its tag":
            newest.update(tag=bytes(32))
        elif change == "its digest":
            newest.update(digest=None)
        else:
            Entry.objects.filter(pk=other).update(thing=guard.thing_of(row))
    Device.objects.all().delete()
    with pytest.raises(LedgerMismatchError):
        guard.in_ledger(Device, row.pk)
    with pytest.raises(LedgerMismatchError):
        guard.require_complete(Device)
    assert newest_places.of_kind("device")


def test_a_file_that_is_anothers_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that gives power counts then; the error says what to do."""
    places = NewestPlaces(tmp_path / "places")
    places.note(THING, 7)

    def refused(*_: object) -> object:
        raise PermissionError

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(PlacesUnreadableError, match="newest-entries"):
        NewestPlaces(tmp_path / "places").of(THING)


@pytest.mark.django_db(transaction=True)
def test_a_row_that_is_gone_without_an_act_is_missed(newest_places: NewestPlaces) -> None:
    """Not one that an act took away."""
    row, other = station(), station("Sala", "cd")
    with transaction.atomic():
        enter(CHANGED, actor="", subject="", record={}, at=NOW, row=other, gone=True)
        Device.objects.filter(pk=other.pk).delete()
    guard.require_complete(Device)
    Device.objects.filter(pk=row.pk).delete()
    with pytest.raises(LedgerMismatchError):
        guard.require_complete(Device)
    assert len(newest_places.of_kind("device")) == 2


@pytest.mark.django_db(transaction=True)
def test_what_is_undone_is_not_noted(newest_places: NewestPlaces) -> None:
    """An act that does not come into the ledger leaves no place."""
    row = station()
    before = newest_places.of(guard.thing_of(row))
    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        strike_off(row)
        raise ZeroDivisionError
    assert newest_places.of(guard.thing_of(row)) == before


@pytest.mark.django_db(transaction=True)
def test_after_an_older_database_rights_changed_since_wait_for_a_person(
    tmp_path: Path, newest_places: NewestPlaces
) -> None:
    """They count again once somebody accepts that the entries are lost."""
    place = LedgerLocation(tmp_path / "ledger", tmp_path / "key", "rejent/test")
    row = station()
    put_back(place)
    newest_places.note(guard.thing_of(row), 5)
    assert continue_published(place, clock=CLOCK) == 4
    assert guard.matching(Device.objects.all()) == []
    accept_lost(reason="disk", clock=CLOCK, actor="")
    assert guard.matching(Device.objects.all())


def hide(row: Device, place: int) -> None:
    """Delete an entry that struck a station off, and put its row back to before."""
    with unguarded():
        assert Entry.objects.filter(pk=place).delete()[0]
    Device.objects.filter(pk=row.pk).update(revoked_at=None)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("newest_places")
def test_what_a_running_process_has_read_ends_with_an_entry_that_is_hidden_at_once() -> None:
    """It was deleted before the process looked for what is new in the ledger: the note of it is new, too."""
    held, row = VerifiedOnce[list[Device]](Device), station()

    def read() -> list[Device]:
        return guard.matching(Device.objects.filter(revoked_at=None))

    assert held.get("", read) == [row]
    hide(row, strike_off(row))
    assert held.get("", read) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("when", ["before the copy", "after it was put back"])
def test_a_person_accepts_the_loss_of_what_is_lost_alone(
    tmp_path: Path, newest_places: NewestPlaces, when: str
) -> None:
    """Entries that are not lost cannot be hidden, although later ones of the same row are gone, or earlier ones of others."""
    place, row = LedgerLocation(tmp_path / "ledger", tmp_path / "key", "rejent/test"), station()
    newest = strike_off(row) if when == "before the copy" else 0
    put_back(place)
    lost = range(newest + 4 if newest else 4, TreeHead.objects.get().size + 4)
    newest_places.note(guard.thing_of(row) if newest else "device:9", lost[-1])
    continue_published(place, clock=CLOCK)
    newest = newest or strike_off(row)
    accept_lost(reason="disk", clock=CLOCK, actor="")
    assert newest_places.of_kind("device") == {guard.thing_of(row): newest}
    hide(row, newest)
    assert guard.matching(Device.objects.all()) == []


@pytest.mark.django_db(transaction=True)
def test_a_loss_that_somebody_made_up_lets_nothing_be_forgotten(newest_places: NewestPlaces) -> None:
    """A person who accepts what the database says was lost accepts no more than the program itself stated."""
    row = station()
    newest = strike_off(row)
    with unguarded():
        Entry.objects.filter(pk=newest).update(act=ENTRY_LOST.name)
        Entry.objects.create(
            index=newest + 1, at=NOW, act=ENTRIES_LOST.name, salt=bytes(32), leaf=bytes(32), tag=bytes(32),
            facts=f'{{"count":{newest + 1},"first":{newest},"last":{newest}}}',
        )  # fmt: skip
        head = TreeHead.objects.get()
        grown = RightEdge.unpacked(head.size, bytes(head.edge)).appended([leaf_hash(bytes(32))])
        TreeHead.objects.update(size=grown.size, edge=grown.packed())
    assert accept_lost(reason="told to", clock=CLOCK, actor="") == 1
    assert newest_places.of(guard.thing_of(row)) == newest


@pytest.mark.django_db(transaction=True)
def test_where_a_person_accepts_a_rollback_what_stands_then_is_noted(
    tmp_path: Path, newest_places: NewestPlaces
) -> None:
    """Entries that came back with the copy cannot be hidden afterwards; those that are gone are not waited for."""
    place, row, other = LedgerLocation(tmp_path / "ledger", tmp_path / "key", "rejent/test"), station(), station("Sala", "cd")  # fmt: skip
    newest = strike_off(row)
    kept = put_everything_back(place, tmp_path / "aside")
    newest_places.note(guard.thing_of(other), newest + 4)
    assert guard.matching(Device.objects.filter(pk=other.pk)) == []
    accept_rollback(place, kept, reason="disk", clock=CLOCK, actor="")
    assert guard.matching(Device.objects.filter(pk=other.pk)) == [other]
    hide(row, newest)
    assert guard.matching(Device.objects.filter(pk=row.pk)) == []
