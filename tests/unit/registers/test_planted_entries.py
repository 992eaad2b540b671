"""Entries that somebody writes into the table past the program change nothing that the program does."""

from pathlib import Path

import pytest
from django.db import connection, transaction

from rejent.devices.models import Device
from rejent.ledger.location import LedgerLocation
from rejent.registers import services
from rejent.registers.acts import ENTRIES_ACCEPTED
from rejent.registers.errors import OlderDatabaseError
from rejent.registers.guard import rows as guard
from rejent.registers.guard.memory import VerifiedOnce
from rejent.registers.services import enter
from rejent.registers.signing.restoring import continue_published, require_continuation
from tests.unit.registers.test_guard import CHANGED, NOW, station
from tests.unit.registers.test_restoring import CLOCK, entered, put_back

pytestmark = pytest.mark.django_db(transaction=True)


def plant(index: int, act: str) -> None:
    """Insert an entry without the program's tag."""
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO registers_entry ("index", at, act, actor, subject, leaf, tag) '
            "VALUES (%s, %s, %s, '', '', %s, %s)",
            [index, NOW, act, bytes(32), bytes(32)],
        )


def test_an_entry_far_beyond_the_ledger_freezes_no_memory() -> None:
    """A station that is struck off counts no more, though the newest entry in the table is somebody else's."""
    row, names = station(), VerifiedOnce[list[str]](Device)

    def listed() -> list[str]:
        rows = Device.objects.filter(revoked_at=None)
        return names.get("all", lambda: [each.name for each in guard.matching(rows)])

    assert listed() == ["Kasa"]
    plant(1 << 62, "x")
    assert listed() == ["Kasa"]
    with transaction.atomic():
        row.revoked_at = NOW
        row.save()
        enter(CHANGED, actor="", subject="", record={}, at=NOW, row=row)
    assert listed() == []


def test_nobody_else_accepts_an_older_database(tmp_path: Path) -> None:
    """Only an act of the program's own lets it go on after entries were lost."""
    place = LedgerLocation(tmp_path / "ledger", tmp_path / "key", "rejent/test")
    put_back(place)
    continue_published(place, clock=CLOCK)
    entered(1)
    services.checkpoint(place, clock=CLOCK)
    plant(900_000, ENTRIES_ACCEPTED.name)
    with pytest.raises(OlderDatabaseError):
        require_continuation(place)
