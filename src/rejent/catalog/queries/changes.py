"""Version of the catalogue: whether looking again is worth while."""

from django.db import connection


def version() -> int | None:
    """Return a number that is another one after any other connection has written to the database.

    Only on one connection can two of them be compared. Nothing where the database cannot tell cheaply (PostgreSQL).

    Source: SQLite, ``PRAGMA data_version``.
    """
    if connection.vendor != "sqlite":
        return None
    with connection.cursor() as cursor:
        return int(cursor.execute("PRAGMA data_version").fetchone()[0])
