"""Indexes that lie: whoever writes the schema of SQLite makes one of some rows and calls it one of all."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def lying(**lacking: str) -> Iterator[None]:
    """Let the database believe that indexes hold every row, though they lack those of a condition; put right afterwards, as `REINDEX` does."""
    with connection.cursor() as cursor:
        for name, condition in lacking.items():
            cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'index' AND name = %s", [name])
            (statement,) = cursor.fetchone()
            cursor.execute(f'DROP INDEX "{name}"')
            begun, _, also = statement.partition(" WHERE ")
            cursor.execute(f"{begun} WHERE NOT ({condition}){f' AND {also}' if also else ''}")
            cursor.execute("PRAGMA writable_schema = ON")
            cursor.execute("UPDATE sqlite_master SET sql = %s WHERE name = %s", [statement, name])
            cursor.execute("PRAGMA writable_schema = RESET")
        yield
        for name in lacking:
            cursor.execute(f'REINDEX "{name}"')
