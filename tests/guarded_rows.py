"""Emptying tables whose rows the database refuses to delete, between tests that really commit.

Django empties every table after such a test. The triggers that guard the ledger stand aside for that moment only: on
SQLite they are dropped and put back, on PostgreSQL the session is told to act as a replica.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations


@contextmanager
def unguarded(adding_to: Collection[str] | None = None) -> Iterator[None]:
    """No trigger of the database fires meanwhile; on SQLite none of those that fire when rows are added to the named tables."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            yield
            cursor.execute("SET session_replication_role = DEFAULT")
            return
        cursor.execute("SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'trigger'")
        triggers = [
            (name, statement)
            for name, statement, table in cursor.fetchall()
            if adding_to is None or (table in adding_to and " INSERT ON " in statement)
        ]
        for name, _ in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        cursor.execute("PRAGMA recursive_triggers")
        (replacing_deletes,) = cursor.fetchone()
        cursor.execute("PRAGMA recursive_triggers = OFF")
        yield
        cursor.execute(f"PRAGMA recursive_triggers = {replacing_deletes}")
        for _, statement in triggers:
            cursor.execute(statement)


@pytest.fixture(scope="session", autouse=True)
def emptied_tables() -> Iterator[None]:
    """Let Django empty guarded tables after tests that commit."""
    plain = BaseDatabaseOperations.execute_sql_flush

    def flush(self: BaseDatabaseOperations, sql_list: list[str]) -> None:
        with unguarded():
            plain(self, sql_list)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush)
        yield
