"""States of the test database that are made once in a run and put back, row by row, for every test that begins with them.

A state is known by its name and by the ledger that it was made on: leaves are salted, so that no two histories end alike. Where the
ledger stands elsewhere, and on PostgreSQL, the state is made as ever.
"""

import pickle
import sys
from collections.abc import Callable, Hashable
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
    if connection.vendor != "sqlite":
        return make()
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
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%%'")
        tables = [name for (name,) in cursor.fetchall()]
        return {table: set(cursor.execute(f'SELECT * FROM "{table}"')) for table in tables}  # noqa: S608 - a name of the schema


def _put_back(rows: Rows) -> None:
    with transaction.atomic(), unguarded(), connection.cursor() as cursor:
        for table, added in rows.items():
            places = ", ".join(["%s"] * len(next(iter(added))))
            cursor.executemany(f'INSERT OR REPLACE INTO "{table}" VALUES ({places})', added)  # noqa: S608 - a name of the schema
    for module in [module for name, module in sys.modules.items() if name.startswith(_REMEMBER_ROWS)]:
        for function in vars(module).values():
            if hasattr(function, "cache_parameters") and function.cache_parameters()["maxsize"]:
                function.cache_clear()
