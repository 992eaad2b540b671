"""Hidden entries: whoever writes the database alone brings no earlier state of a row that gives power back."""

import contextlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from rejent.kernel.clock import ManualClock
from rejent.ledger.location import LedgerLocation
from rejent.office.models import Station
from rejent.registers.errors import LedgerMismatchError, PlacesUnreadableError
from rejent.registers.guard import rows as guard
from rejent.registers.guard.places import NewestPlaces
from rejent.registers.models import Entry
from rejent.registers.services import enter
from rejent.registers.signing.restoring import accept_lost, continue_published
from tests.guarded_rows import unguarded
from tests.unit.registers.test_guard import CHANGED, NOW, codes, station
from tests.unit.registers.test_restoring import put_back

THING = "station:1"
CLOCK = ManualClock(datetime(2026, 11, 21, 12, 0, tzinfo=UTC))


def strike_off(row: Station) -> int:
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
    other.note("station:2", 9)
    assert (one.of(THING), one.of_kind("station")) == (7, {THING: 7, "station:2": 9})
    assert (one.of_kind("stat"), NewestPlaces(tmp_path / "newest_places").of(THING)) == ({}, 7)
    assert (tmp_path / "newest_places").stat().st_mode & 0o777 == 0o600


def test_a_note_that_was_cut_short_counts_for_nothing(tmp_path: Path) -> None:
    """Neither is it read, nor does it spoil the next one."""
    file = tmp_path / "places"
    places = NewestPlaces(file)
    places.note(THING, 7)
    with file.open("ab") as notes:
        notes.write(b"\n12 station:2")
    assert places.of("station:2") is None
    places.note("station:3", 13)
    assert places.of_kind("station") == {THING: 7, "station:3": 13}


def test_where_nothing_can_be_written_the_process_remembers(tmp_path: Path) -> None:
    """A full disk stops no act; what is noted then is known to this process."""
    places = NewestPlaces(tmp_path / "missing" / "newest_places")
    places.note(THING, 7)
    assert places.of(THING) == 7


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
    Station.objects.update(revoked_at=None)
    assert guard.matching(Station.objects.all()) == []
    assert "office.entry-hidden" in codes()
    settings.NEWEST_PLACES = None
    assert guard.matching(Station.objects.all()), "by the database alone it would count"


@pytest.mark.django_db(transaction=True)
def test_a_thing_of_which_every_entry_is_hidden_is_missed(newest_places: NewestPlaces) -> None:
    """Its row counts for nothing, and that there is none is no answer either."""
    row = station()
    with unguarded():
        Entry.objects.filter(thing=guard.thing_of(row)).update(thing=None)
    assert guard.matching(Station.objects.all()) == []
    Station.objects.all().delete()
    with pytest.raises(LedgerMismatchError):
        guard.in_ledger(Station, row.pk)
    with pytest.raises(LedgerMismatchError):
        guard.demand_complete(Station)
    assert newest_places.of_kind("station")


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
    Station.objects.all().delete()
    with pytest.raises(LedgerMismatchError):
        guard.in_ledger(Station, row.pk)
    with pytest.raises(LedgerMismatchError):
        guard.demand_complete(Station)
    assert newest_places.of_kind("station")


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
        Station.objects.filter(pk=other.pk).delete()
    guard.demand_complete(Station)
    Station.objects.filter(pk=row.pk).delete()
    with pytest.raises(LedgerMismatchError):
        guard.demand_complete(Station)
    assert len(newest_places.of_kind("station")) == 2


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
    assert guard.matching(Station.objects.all()) == []
    accept_lost(reason="disk", clock=CLOCK, actor="")
    assert guard.matching(Station.objects.all())
