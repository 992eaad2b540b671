"""Guarded rows: bound to their newest entry, whatever somebody does who writes the database and has no key."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.test.utils import isolate_apps

from rejent.devices.models import Device
from rejent.kernel.acts import Act
from rejent.ledger.entry_keys import EntryKeys, Role, Tagged
from rejent.ledger.errors import LedgerForkedError
from rejent.ledger.location import LedgerLocation
from rejent.office.models import SignedStatement
from rejent.registers.checks import findings
from rejent.registers.errors import LedgerMismatchError, UnverifiedRowError
from rejent.registers.guard import rows as guard
from rejent.registers.guard.checks import guarded_rows, require_declared
from rejent.registers.guard.memory import VerifiedOnce
from rejent.registers.guard.rollback import rollback_guard
from rejent.registers.models import Entry
from rejent.registers.queries import committed_facts
from rejent.registers.services import enter, erase
from tests.guarded_rows import unguarded
from tests.planted import with_other_keys

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CHANGED = Act("test.station-changed", "Device changed")


def station(name: str = "Kasa", fingerprint: str = "ab") -> Device:
    """A station as the program enters it."""
    with transaction.atomic():
        row = Device.objects.create(
            name=name, fingerprint=fingerprint, enrolled_at=NOW, expires_at=NOW + timedelta(days=9)
        )
        enter(CHANGED, actor="", subject="", record={}, at=NOW, row=row)
    return row


def codes() -> list[str]:
    """What fsck finds of the rows of devices."""
    return [finding.code for finding in guarded_rows("devices")]


@pytest.mark.django_db
def test_a_row_that_was_entered_counts_and_may_be_entered_anew() -> None:
    """As it was created, and after each change."""
    row = guard.verified(Device.objects.get(pk=station().pk))
    with transaction.atomic():
        row.name = "Sekretariat"
        row.save()
        enter(CHANGED, actor="", subject="", record={}, at=NOW, row=row)
    assert guard.verified(Device.objects.get()).name == "Sekretariat"
    assert codes() == []


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["name", "address", "fingerprint", "expires_at", "revoked_at"])
def test_an_altered_row_counts_for_nothing_and_is_found(column: str) -> None:
    """Whichever of its columns it is."""
    station()
    other = NOW + timedelta(days=99) if column.endswith("_at") else "10.0.0.9"
    Device.objects.update(**{column: other})
    with pytest.raises(LedgerMismatchError):
        guard.verified(Device.objects.get())
    assert guard.matching(Device.objects.all()) == []
    assert codes() == ["devices.differs-from-ledger"]


@pytest.mark.django_db
def test_a_planted_row_counts_for_nothing_and_is_found() -> None:
    """With no entry, and with one that gives the root but was tagged with keys of another's making."""
    planted = Device.objects.create(name="Obcy", fingerprint="cd", enrolled_at=NOW, expires_at=NOW)
    assert guard.matching(Device.objects.all()) == []
    assert codes() == ["devices.not-in-ledger"]
    with_other_keys(CHANGED, "", {}, planted, NOW)
    assert guard.matching(Device.objects.all()) == []
    assert codes() == ["devices.differs-from-ledger"]


@pytest.mark.django_db
def test_a_row_put_back_to_what_it_once_was_counts_for_nothing() -> None:
    """Its earlier entry is genuine, and not the newest."""
    row = station()
    with transaction.atomic():
        row.revoked_at = NOW
        row.save()
        enter(CHANGED, actor="", subject="", record={}, at=NOW, row=row)
    Device.objects.update(revoked_at=None)
    assert guard.matching(Device.objects.all()) == []
    assert codes() == ["devices.differs-from-ledger"]


@pytest.mark.django_db
def test_an_entry_of_one_row_serves_no_other() -> None:
    """Neither moved to its thing, nor to another place of the ledger: the tag binds both."""
    station()
    planted = Device.objects.create(name="Obcy", fingerprint="cd", enrolled_at=NOW, expires_at=NOW)
    with unguarded(), connection.cursor() as cursor:
        cursor.execute("UPDATE registers_entry SET thing = %s", [guard.thing_of(planted)])
    assert guard.matching(Device.objects.all()) == []
    assert sorted(codes()) == ["devices.differs-from-ledger", "devices.not-in-ledger"]


@pytest.mark.django_db
def test_a_row_taken_away_is_found_and_one_that_is_gone_is_not() -> None:
    """The newest entry tells whether there must be one."""
    row = station()
    Device.objects.all().delete()
    assert codes() == ["devices.row-missing"]
    assert guard.in_ledger(Device, row.pk)


@pytest.mark.django_db
def test_a_row_that_is_gone_by_an_act_is_missed_by_nobody() -> None:
    """Where it comes back, nothing explains it."""
    row = station()
    with transaction.atomic():
        enter(CHANGED, actor="", subject="", record={}, at=NOW, row=row, gone=True)
        key = row.pk
        row.delete()
    assert codes() == []
    assert not guard.in_ledger(Device, key)
    Device.objects.create(pk=key, name="Kasa", fingerprint="ab", enrolled_at=NOW, expires_at=NOW)
    assert codes() == ["devices.differs-from-ledger"]


@pytest.mark.django_db
def test_what_was_not_verified_is_not_entered_anew() -> None:
    """An edit behind the program's back does not become an act by what the program does next."""
    station()
    Device.objects.update(name="Obcy")
    row = Device.objects.get()
    with pytest.raises(UnverifiedRowError), transaction.atomic():
        enter(CHANGED, actor="", subject="", record={}, at=NOW, row=row)


@pytest.mark.django_db
def test_a_row_whose_record_was_erased_gives_no_power_and_protects() -> None:
    """Nobody knows any more what it was, so nobody is accused of having changed it."""
    row = station()
    with transaction.atomic():
        erase(Entry.objects.get().index, actor="", reason="a request", at=NOW)
    assert guard.matching(Device.objects.all()) == []
    assert [one.pk for one in guard.matching_or_erased(Device.objects.all())] == [row.pk]
    assert codes() == []


@pytest.mark.django_db
def test_where_keys_are_consecutive_none_is_taken_away() -> None:
    """A later row that the ledger tells of and the table does not hold is noticed on load."""
    first = station()
    assert guard.verified_many([Device.objects.get()], none_beyond=(Device, first.pk + 1))
    station("Sekretariat", "cd")
    Device.objects.exclude(pk=first.pk).delete()
    with pytest.raises(LedgerMismatchError):
        guard.verified_many([Device.objects.get()], none_beyond=(Device, first.pk + 1))


def test_a_recorders_word_is_not_the_offices() -> None:
    """A recorder recognises what the office entered; what it tags itself counts where recorders write, and nowhere else."""
    keys = EntryKeys.generate()
    recorder = EntryKeys(keys.recorder)
    bound = Tagged(7, b"l" * 32, "viewing:1", b"d" * 32, "viewing.opened", "source:1")
    assert keys.verifies(keys.tag(bound), bound, signer=Role.OFFICE)
    assert recorder.verifies(keys.tag(bound), bound, signer=Role.OFFICE)
    assert keys.verifies(recorder.tag(bound), bound, signer=Role.RECORDER)
    assert not keys.verifies(recorder.tag(bound), bound, signer=Role.OFFICE)
    for other in (
        bound._replace(place=8),
        bound._replace(leaf=b"x" * 32),
        bound._replace(thing="viewing:2"),
        bound._replace(digest=None),
        bound._replace(act="viewing.ended"),
        bound._replace(subject="source:2"),
        bound._replace(leaf=b"l" * 31, digest=b"l" + b"d" * 32),
    ):
        assert not keys.verifies(keys.tag(bound), other, signer=Role.OFFICE)


@pytest.mark.django_db(transaction=True)
def test_a_recorder_enters_no_act_of_the_office(settings: Any, place: LedgerLocation) -> None:
    """The program refuses it; and what a broken recorder writes past the program is taken for no act, and found."""
    keys = settings.ENTRY_KEYS
    facts = {"reason": "planted"}
    with transaction.atomic():
        index = enter(CHANGED, actor="", subject="", record=facts, at=NOW)
    row = Entry.objects.get(pk=index)
    assert committed_facts(index, CHANGED.name) == facts
    settings.ENTRY_KEYS = EntryKeys(keys.recorder)
    with transaction.atomic(), pytest.raises(ImproperlyConfigured, match=r"test\.station-changed"):
        enter(CHANGED, actor="", subject="", record=facts, at=NOW)
    forged = settings.ENTRY_KEYS.tag(Tagged(index, bytes(row.leaf), None, None, row.act, row.subject))
    settings.ENTRY_KEYS = keys
    with unguarded():
        Entry.objects.filter(pk=index).update(tag=forged)
    assert committed_facts(index, CHANGED.name) == {}
    assert "registers.entry-untagged" in {found.code for found in findings(place)}


def test_keys_are_files_of_their_own(tmp_path: Path) -> None:
    """Readable by the program alone; a recorder reads its own; without them nothing starts."""
    with pytest.raises(LedgerForkedError, match="entries-recorder"):
        EntryKeys.read(tmp_path, records=True)
    made = EntryKeys.generate()
    made.store(tmp_path)
    assert EntryKeys.read(tmp_path, records=False) == made
    assert EntryKeys.read(tmp_path, records=True) == EntryKeys(made.recorder)
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}
    (tmp_path / "entries-office").write_text("no key")
    with pytest.raises(LedgerForkedError, match="entries-office"):
        EntryKeys.read(tmp_path, records=False)


@pytest.mark.django_db(transaction=True)
def test_a_process_takes_no_older_entry_than_it_has_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the newest entry of a thing is taken away, its row is put back with it, and the program runs on."""
    monkeypatch.setattr(rollback_guard, "on_shrunk", lambda: None)
    monkeypatch.setattr(rollback_guard, "_newest", {})
    monkeypatch.setattr(rollback_guard, "_size", 0)
    row = station()
    with transaction.atomic():
        row.revoked_at = NOW
        row.save()
        newest = enter(CHANGED, actor="", subject="", record={}, at=NOW, row=row)
    assert guard.matching(Device.objects.all())
    with unguarded(), connection.cursor() as cursor:
        cursor.execute('DELETE FROM registers_entry WHERE "index" = %s', [newest])
    Device.objects.update(revoked_at=None)
    assert guard.matching(Device.objects.all()) == []


@pytest.mark.django_db(transaction=True)
def test_what_was_verified_is_read_again_once_an_act_about_such_a_thing_comes() -> None:
    """Not for acts about others, nor for an edit, which changes nothing; and never trusted in a transaction that may be undone."""
    row = station()
    reads: list[int] = []

    def read() -> list[str]:
        reads.append(1)
        return [one.name for one in guard.matching(Device.objects.all())]

    names = VerifiedOnce[list[str]](Device)

    def look() -> list[str]:
        return names.get("all", read)

    assert (look(), look(), len(reads)) == (["Kasa"], ["Kasa"], 1)
    Device.objects.update(name="Obcy")
    assert (look(), len(reads)) == (["Kasa"], 1)
    Device.objects.update(name="Kasa")
    with transaction.atomic():
        enter(CHANGED, actor="", subject="", record={}, at=NOW)
        assert (look(), len(reads)) == (["Kasa"], 2)
    assert (look(), len(reads)) == (["Kasa"], 2)
    with transaction.atomic():
        row.name = "Sekretariat"
        row.save()
        enter(CHANGED, actor="", subject="", record={}, at=NOW, row=row)
    assert (look(), len(reads)) == (["Sekretariat"], 3)


@pytest.mark.django_db
@isolate_apps()
def test_a_draft_needs_no_entry() -> None:
    """What no act tells of yet is as it should be while it says so itself."""

    class Draft(SignedStatement):
        """One that says of itself that it was not entered."""

        class Meta:
            proxy = True
            app_label = "office"

        def is_entered(self) -> bool:
            """Never."""
            return False

    assert guard.matching([Draft(pk=77, version=1, signed_on=date(2026, 1, 1), entered_at=NOW)])


def test_a_declaration_of_no_column_stops_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """A column that was renamed is not left unguarded unseen."""
    require_declared()
    monkeypatch.setattr(Device, "not_guarded", frozenset({"colour"}))
    with pytest.raises(ImproperlyConfigured, match="colour"):
        require_declared()
