"""States of the test database that are made once in a run and put back, row by row, for every test that begins with them.

A state is known by its name and by the ledger that it was made on: leaves are salted, so that no two histories end alike. Where the
ledger stands elsewhere, the state is made as ever.
"""

import pickle
import sys
from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connection, transaction

from tests.guarded_rows import unguarded

Made = TypeVar("Made")
Rows = dict[str, set[tuple[Any, ...]]]

_REMEMBER_ROWS = ("rejent.access.", "rejent.content.", "rejent.registers.", "rejent.retention.")
_states: dict[tuple[Hashable, object], tuple[Rows, bytes]] = {}
_ledgers: set[object] = {None, (0, b"")}


def prepared(name: Hashable, make: Callable[[], Made]) -> Made:
    """Return what `make` gives, with the rows that it leaves.

    Args:
        name: of the state; whatever `make` depends on beside the database is part of it.
        make: adds to the database alone and gives a value that can be pickled.
    """
    before = _ledger()
    if (state := _states.get((name, before))) is not None:
        rows, value = state
        _put_back(rows)
        return pickle.loads(value)  # type: ignore[no-any-return]  # noqa: S301 - what we pickled ourselves
    old = _rows()
    made = make()
    if before in _ledgers:
        added = {table: kept for table, rows in _rows().items() if (kept := rows - old[table])}
        _states[name, before] = added, pickle.dumps(made)
        _ledgers.add(_ledger())
    return made


def _ledger() -> object:
    with connection.cursor() as cursor:
        cursor.execute("SELECT size, edge FROM registers_treehead")
        return cursor.fetchone()


def _rows() -> Rows:
    rows = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - a name of the schema
            rows[table] = set(cursor.fetchall())
    return rows


def _put_back(rows: Rows) -> None:
    with transaction.atomic(), unguarded(rows), connection.cursor() as cursor:
        for table, added in rows.items():
            into = f'INTO "{table}" VALUES ({", ".join(["%s"] * len(next(iter(added))))})'
            if connection.vendor == "sqlite":
                cursor.executemany(f"INSERT OR REPLACE {into}", added)
                continue
            cursor.execute(f'SELECT * FROM "{table}" LIMIT 0')  # noqa: S608 - a name of the schema
            columns = [column.name for column in cursor.description]
            changed = ", ".join(f'"{column}" = EXCLUDED."{column}"' for column in columns)
            conflict = f'ON CONFLICT ON CONSTRAINT "{table}_pkey" DO UPDATE SET {changed}'
            cursor.executemany(f"INSERT {into} {conflict}", added)
            if sequence := connection.introspection.get_sequences(cursor, table):
                number = f'(SELECT max("{sequence[0]["column"]}") FROM "{table}")'  # noqa: S608 - names of the schema
                cursor.execute(f"SELECT setval(%s, {number})", [sequence[0]["name"]])
    for function in _remembering(len(sys.modules)):
        function.cache_clear()


@lru_cache(1)
def _remembering(_loaded: int) -> list[Any]:
    """Return the functions that remember rows, of so many loaded modules."""
    return [
        function
        for name, module in list(sys.modules.items())
        if name.startswith(_REMEMBER_ROWS)
        for function in vars(module).values()
        if hasattr(function, "cache_parameters") and function.cache_parameters()["maxsize"]
    ]
