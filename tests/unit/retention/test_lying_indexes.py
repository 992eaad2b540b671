"""Every index by which something is proved, made of no row: none of them lets `fsck` call an office clean."""

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper

from rejent.registers.guard.indexes import find_unchecked_indexes, index_findings
from rejent.retention import services
from tests.lying_index import lying
from tests.unit.retention.office import MINUTE, RecordingOffice
from tests.unit.retention.test_edited_rows import NOON, hold

TABLES = (
    "registers_entry", "catalog_source", "catalog_daykey", "catalog_segment", "catalog_gap", "retention_hold",
)  # fmt: skip
"""Entries of the ledger, guarded rows, what was recorded and what was not, holds."""
LEAST = {
    "entry_by_time", "entry_by_act", "entry_by_subject", "entry_by_thing",
    "segment_by_source_start", "segment_living_by_day", "gap_by_source_start", "hold_by_source_start",
}  # fmt: skip
"""Those that are looked at on either database, amcheck or not."""
OF_TABLE = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = %s",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND NOT EXISTS "
    "(SELECT 1 FROM pg_constraint WHERE conindid = indexname::regclass)",
}


def indexes(table: str) -> list[str]:
    """Return the indexes of a table that no constraint needs, and that should hold one of its rows."""
    with connection.cursor() as cursor:
        cursor.execute(OF_TABLE[connection.vendor], [table])
        found = [
            (name, definition.partition(" WHERE ")[2] or "true") for name, definition in cursor.fetchall()
        ]
        return [name for name, condition in found if _count(cursor, table, condition)]


def _count(cursor: CursorWrapper, table: str, condition: str) -> int:
    cursor.execute(f"SELECT count(*) FROM {table} WHERE {condition}")  # noqa: S608 - words of the database's own
    return int(cursor.fetchone()[0])


@pytest.mark.usefixtures("as_after_a_restart", "newest_places")
@pytest.mark.django_db(transaction=True)
def test_every_index_of_what_is_proved_is_held_against_its_table(elblag: RecordingOffice) -> None:
    """One after another says that it holds all rows and holds none: each is named, or said not to have been looked at, which no index of SQLite is."""
    camera = elblag.add_camera("Hall")
    elblag.record(camera, NOON, b"held")
    elblag.record(camera, NOON + 5 * MINUTE, b"gone")
    hold(elblag, camera)
    elblag.go_to(NOON + 30 * MINUTE)
    assert services.keep_once(elblag.keeping).failed == []
    looked_at = []
    for table in TABLES:
        with connection.cursor() as cursor:
            assert _count(cursor, table, "true"), table
        for name in indexes(table):
            with lying(**{name: "true"}):
                named = {str(one.facts["index"]) for one in index_findings()}
                passed_over = [] if name in named else find_unchecked_indexes()
            assert name in named or name in passed_over, name
            looked_at += [name] if name in named else []
    assert set(looked_at) >= LEAST
    assert connection.vendor == "postgresql" or not find_unchecked_indexes()
    assert list(index_findings()) == []
