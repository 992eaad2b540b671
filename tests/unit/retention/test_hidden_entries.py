"""Old entries that somebody hides who writes the database alone: they bring no destruction forward and open nothing."""

from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from rejent.access.viewings.restriction import restriction
from rejent.kernel.intervals import Interval
from rejent.office import services as office
from rejent.office.models import RegulationVersion
from rejent.office.regulation.loading import example
from rejent.registers.damage import unreadable_rows
from rejent.registers.errors import LedgerMismatchError
from rejent.registers.guard.checks import guarded_rows
from rejent.registers.models import Entry
from rejent.retention import services
from rejent.retention.destruction import early
from rejent.retention.models import Erasure, Hold
from tests.guarded_rows import unguarded
from tests.unit.retention.office import MINUTE, RecordingOffice
from tests.unit.retention.test_edited_rows import END, NOON, hold, names

pytestmark = [
    pytest.mark.usefixtures("as_after_a_restart", "newest_places"),
    pytest.mark.django_db(transaction=True),
]


@pytest.mark.parametrize("row", ["taken away", "left"])
def test_a_version_of_the_regulation_that_is_hidden_ends_no_term(elblag: RecordingOffice, row: str) -> None:
    """The longer term was entered; without its entry nothing is destroyed by the shorter one before it."""
    text = example("elblag").replace("count = 30", "count = 60", 1)
    number = office.activate_regulation(text, in_force_from=date(2026, 3, 1), clock=elblag.clock, actor="")
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"runs")
    elblag.go_to(END)
    with unguarded():
        assert Entry.objects.filter(thing=f"regulationversion:{number}").update(thing=None) == 1
        if row == "taken away":
            RegulationVersion.objects.filter(version=number).delete()
    elblag.clock.advance(timedelta(minutes=1))
    done = services.keep_once(elblag.keeping)
    assert done.destroyed_days == 0
    assert any(f"regulationversion:{number}" in why for why in done.failed)
    assert elblag.keys.identity_by_recipient(kept.recipient)


def restricted(office_: RecordingOffice) -> str:
    """A camera whose minute at noon somebody had restricted."""
    camera = office_.add_camera("Hall")
    office_.record(camera, NOON, b"held")
    held = services.place_hold(
        source_id=camera, start=NOON, end=NOON + MINUTE, case="W-2026-1", basis="art. 18", review_on=date(2026, 12, 31),
        clock=office_.clock, ledger=None, actor="", provisional=True,
    )  # fmt: skip
    with transaction.atomic():
        services.confirm_hold(
            held.number, review_on=date(2026, 12, 31), clock=office_.clock, actor="", restricted=True
        )
    return camera


def is_closed(camera: str) -> bool:
    """Return whether nobody opens the minute at noon: it is restricted, or the ledger cannot say any more that it is not."""
    try:
        return restriction(camera, NOON, NOON + MINUTE) is not None
    except LedgerMismatchError:
        return True


def test_a_restriction_that_is_edited_away_stays(elblag: RecordingOffice) -> None:
    """The row alone, and the act taken to another subject as well."""
    camera = restricted(elblag)
    with unguarded():
        Hold.objects.update(restricted=False)
        Entry.objects.filter(act="hold.restricted").update(subject="")
    assert is_closed(camera)


def as_bytes(table: str, camera: str) -> None:
    """Keep the source of each row as bytes: equal to no text in SQL, and the same digits to whoever writes them out."""
    with unguarded(), connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys=OFF")
        cursor.execute(f"UPDATE {table} SET source_id=%s", [bytes.fromhex(camera)])  # noqa: S608 - a name of the test's own
        assert cursor.rowcount == 1


def test_a_restriction_whose_source_stands_as_bytes_stays(elblag: RecordingOffice) -> None:
    """SQL finds its row no more, nor, with another subject, its act; it is read among all, and `fsck` names it."""
    camera = restricted(elblag)
    as_bytes("retention_hold", camera)
    assert restriction(camera, NOON, NOON + MINUTE) is not None
    with unguarded():
        Entry.objects.filter(act="hold.restricted").update(subject="")
    with pytest.raises(LedgerMismatchError):
        restriction(camera, NOON, NOON + MINUTE)
    assert {"retention.differs-from-ledger"} <= {found.code for found in guarded_rows("retention")}
    assert [found.facts["facts"] for found in unreadable_rows("retention")] == ["source"]


def test_an_erasure_that_blocks_stays_where_its_source_stands_as_bytes(elblag: RecordingOffice) -> None:
    """Nobody opens the source, and `fsck` names the row."""
    camera = elblag.add_camera("Hall")
    elblag.record(camera, NOON, b"seen")
    elblag.go_to(NOON + timedelta(hours=2))
    with transaction.atomic():
        early.ask_erasure(
            camera, Interval(NOON, NOON + MINUTE), "", case="W-1", blocks=True, clock=elblag.clock, actor=""
        )
    assert restriction(camera, NOON, NOON + MINUTE) is not None
    as_bytes("retention_erasure", camera)
    with unguarded():
        Entry.objects.filter(act__startswith="erasure").update(subject="")
    with pytest.raises(LedgerMismatchError):
        restriction(camera, NOON, NOON + MINUTE)
    assert {"retention.differs-from-ledger"} <= {found.code for found in guarded_rows("retention")}


def test_a_restriction_whose_row_is_taken_to_another_source_stays(elblag: RecordingOffice) -> None:
    """A hold that is not as entered restricts wherever it says that it stands."""
    camera = restricted(elblag)
    other = elblag.add_camera("Garage")
    with unguarded():
        Hold.objects.update(restricted=False, source=other)
        Entry.objects.filter(act="hold.restricted").update(subject="")
    assert is_closed(camera)


@pytest.mark.parametrize("hide", ["row", "entries"])
def test_a_restriction_that_is_taken_away_opens_nothing(elblag: RecordingOffice, hide: str) -> None:
    """Without its row, or without its entries, nobody says what is restricted: nothing opens."""
    camera = restricted(elblag)
    with unguarded():
        acts = Entry.objects.filter(act__startswith="hold.")
        assert acts.update(subject="") if hide == "row" else acts.update(subject="", thing=None)
        Hold.objects.all().delete()
    with pytest.raises(LedgerMismatchError):
        restriction(camera, NOON, NOON + MINUTE)
    assert not Erasure.objects.exists()


@pytest.mark.parametrize("hide", ["its salt", "its record", "its number", "its number and what placed it", "its source"])  # fmt: skip
def test_a_restriction_whose_entries_are_made_unreadable_stays(elblag: RecordingOffice, hide: str) -> None:
    """A record that the program did not erase vouches for no row, and a row that was renamed or moved takes no restriction along."""
    camera = restricted(elblag)
    other = elblag.add_camera("Garage")
    placed = Entry.objects.filter(act="hold.placed")
    with unguarded():
        Hold.objects.update(restricted=False)
        Entry.objects.filter(act="hold.restricted").update(subject="")
        match hide:
            case "its salt":
                Entry.objects.filter(act="hold.restricted").update(salt=None)
            case "its record":
                Entry.objects.filter(act="hold.restricted").update(salt=None, facts=None)
            case "its number":
                Hold.objects.update(number="Z/9/2026")
            case "its number and what placed it":
                Hold.objects.update(number="Z/9/2026")
                placed.update(salt=None, facts=None)
            case "its source":
                Hold.objects.update(source=other)
                placed.update(salt=None, facts=None, subject=f"source:{other}")
    assert is_closed(camera)


@pytest.mark.parametrize("hide", ["record", "source", "entries", "entries and row"])
def test_a_hold_that_no_keeper_has_seen_yet_keeps_what_it_held(elblag: RecordingOffice, hide: str) -> None:
    """Neither does its row narrow it once its record is taken away, nor is anything destroyed while all its entries are hidden."""
    camera = elblag.add_camera("Hall")
    elblag.record(camera, NOON, b"held")
    hold(elblag, camera)
    kept = names(elblag)
    entries = Entry.objects.filter(thing__startswith="hold:")
    with unguarded():
        if hide == "record":
            entries.update(salt=None, facts=None)
            Hold.objects.update(start=NOON - 2 * MINUTE, end=NOON - MINUTE)
        elif hide == "source":
            other = elblag.add_camera("Garage")
            entries.update(salt=None, facts=None, subject=f"source:{other}")
            Hold.objects.update(source=other)
        else:
            entries.update(thing=None)
        if hide == "entries and row":
            Hold.objects.all().delete()
    elblag.go_to(END + MINUTE)
    done = services.keep_once(elblag.keeping)
    assert done.destroyed_segments == 0
    assert len(names(elblag)) == len(kept)
    assert any("hold:" in why for why in done.failed) == hide.startswith("entries")
