"""Indexes that lie: whoever writes the schema makes one of some rows and calls it one of all."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.utils import CursorWrapper


@contextmanager
def lying(**lacking: str) -> Iterator[None]:
    """Let the database believe that indexes hold every row, though they lack those of a condition; put right afterwards by `REINDEX`."""
    with connection.cursor() as cursor:
        for name, condition in lacking.items():
            (_on_sqlite if connection.vendor == "sqlite" else _on_postgresql)(cursor, name, condition)
        yield
        for name in lacking:
            cursor.execute(f"REINDEX {'' if connection.vendor == 'sqlite' else 'INDEX '}{name}")


def _without(statement: str, condition: str) -> str:
    begun, _, also = statement.partition(" WHERE ")
    return f"{begun} WHERE NOT ({condition}){f' AND {also}' if also else ''}"


def _on_sqlite(cursor: CursorWrapper, name: str, condition: str) -> None:
    cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'index' AND name = %s", [name])
    (statement,) = cursor.fetchone()
    cursor.execute(f"DROP INDEX {name}")
    cursor.execute(_without(statement, condition))
    cursor.execute("PRAGMA writable_schema = ON")
    cursor.execute("UPDATE sqlite_master SET sql = %s WHERE name = %s", [statement, name])
    cursor.execute("PRAGMA writable_schema = RESET")


def _on_postgresql(cursor: CursorWrapper, name: str, condition: str) -> None:
    cursor.execute("SELECT pg_get_indexdef(%s::regclass)", [name])
    (statement,) = cursor.fetchone()
    cursor.execute(_without(statement.replace(f"INDEX {name} ", "INDEX lying "), condition))
    cursor.execute(
        "UPDATE pg_index SET indpred = (SELECT indpred FROM pg_index WHERE indexrelid = %s::regclass) "
        "WHERE indexrelid = 'lying'::regclass",
        [name],
    )
    cursor.execute(f"DROP INDEX {name}")
    cursor.execute(f"ALTER INDEX lying RENAME TO {name}")
