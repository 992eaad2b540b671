"""What fsck finds of indexes that lie and of a schema that is not the program's, by its name."""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from rejent.registers.guard.indexes import find_unchecked_indexes, index_findings
from rejent.registers.guard.schema import schema_findings
from tests.lying_index import lying
from tests.unit.registers.conftest import happen

pytestmark = pytest.mark.django_db(transaction=True)


def shapes() -> set[tuple[str, str]]:
    """Return what is wrong with the schema: how, and of what."""
    return {(one.code.removeprefix("registers.schema-"), str(one.facts["what"])) for one in schema_findings()}


def changed(*statements: str) -> Iterator[set[tuple[str, str]]]:
    """Yield what is wrong with the schema after some statements, which are undone."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        yield shapes()
        transaction.set_rollback(True)


def test_what_the_migrations_made_is_as_they_make_it() -> None:
    """Nothing is found of a database that nobody touched."""
    assert shapes() == set()
    assert list(index_findings()) == []


CHANGES: dict[str, tuple[tuple[str, ...], tuple[str, str]]] = {
    "an index dropped": (
        ("DROP INDEX hold_by_source_start",),
        ("missing", "index hold_by_source_start on retention_hold"),
    ),
    "an index of fewer rows": (
        (
            "DROP INDEX hold_by_source_start",
            "CREATE INDEX hold_by_source_start ON retention_hold (source_id, start) WHERE item = ''",
        ),
        ("changed", "index hold_by_source_start on retention_hold"),
    ),
    "another predicate": (
        (
            "DROP INDEX destruction_unfinished",
            "CREATE INDEX destruction_unfinished ON retention_destruction (stage) WHERE stage = 'done'",
        ),
        ("changed", "index destruction_unfinished on retention_destruction"),
    ),
    "an index planted": (
        ("CREATE INDEX planted ON retention_hold (number)",),
        ("foreign", "index planted on retention_hold"),
    ),
    "a table planted": (("CREATE TABLE planted (id integer)",), ("foreign", "table planted")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_schema_that_somebody_changed_is_found(change: str) -> None:
    """Each index, table and predicate is compared with what the migrations make."""
    statements, expected = CHANGES[change]
    for found in changed(*statements):
        assert expected in found
    assert shapes() == set()


def test_a_column_that_was_planted_is_found() -> None:
    """As a part of its table on SQLite, by its own name on PostgreSQL."""
    for found in changed("ALTER TABLE retention_hold ADD COLUMN planted integer"):
        on_sqlite = ("changed", "table retention_hold")
        expected = on_sqlite if connection.vendor == "sqlite" else ("foreign", "column planted of retention_hold")  # fmt: skip
        assert found == {expected}


def test_a_constraint_that_was_dropped_is_found() -> None:
    """PostgreSQL alone lets one go without making its table anew."""
    if connection.vendor != "postgresql":
        pytest.skip("a statement of the other database")
    for found in changed("ALTER TABLE retention_hold DROP CONSTRAINT hold_not_empty"):
        assert found == {("missing", "constraint hold_not_empty on retention_hold")}


def test_an_index_that_lies_is_named() -> None:
    """Also one that lacks some rows alone, and is called as the migrations call it; once it is made anew nothing is found."""
    with transaction.atomic():
        for _ in range(5):
            happen("seen")
    with lying(entry_by_act='"index" = 2', entry_by_subject="true"):
        assert shapes() == set()
        found = list(index_findings())
        assert {one.code for one in found} == {"registers.index-differs"}
        assert sorted(one.facts["index"] for one in found) == ["entry_by_act", "entry_by_subject"]
    assert list(index_findings()) == []


def test_amcheck_looks_at_every_index() -> None:
    """Where PostgreSQL has it no index is left unread, and one that lies is named by it: `tests/contract/databases/test_amcheck.py`."""
    if connection.vendor != "postgresql":
        pytest.skip("an extension of the other database")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'amcheck'")
        if cursor.fetchone() is None:
            pytest.skip("this server brings no amcheck")
    with transaction.atomic():
        happen("seen")
    assert find_unchecked_indexes()
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION amcheck")
    try:
        assert (find_unchecked_indexes(), list(index_findings())) == ([], [])
        with lying(entry_by_act="true"):
            assert [one.facts["index"] for one in index_findings()] == ["entry_by_act"]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP EXTENSION amcheck")
