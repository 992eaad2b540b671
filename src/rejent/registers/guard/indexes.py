"""Indexes, held against their tables: what is sought by one that lies is not found, and nothing tells of it."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.db import DatabaseError, connection, transaction

from rejent.kernel.findings import Finding

_MOST = 1000
"""Lines that SQLite writes of what it finds; each lying index takes one a row that it lacks."""
_LACKS = re.compile(r"(?:missing from|entries in|entry in) index (\S+)")
_BTREES = """
    SELECT x.indexrelid, i.relname, format('%%I.%%I', n.nspname, c.relname), pg_get_expr(x.indpred, x.indrelid),
        ARRAY(SELECT pg_get_indexdef(x.indexrelid, k, true) FROM generate_series(1, x.indnkeyatts) k),
        NOT EXISTS (SELECT 1 FROM pg_opclass o WHERE o.oid = ANY (x.indclass) AND NOT o.opcdefault)
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am m ON m.oid = i.relam
    WHERE m.amname = 'btree' AND x.indisvalid AND n.nspname = current_schema() ORDER BY i.relname
"""
_AMCHECK = """
    SELECT format('%I.bt_index_check', n.nspname) FROM pg_extension e
    JOIN pg_namespace n ON n.oid = e.extnamespace JOIN pg_proc p ON p.pronamespace = n.oid AND p.proname = 'bt_index_check'
    WHERE e.extname = 'amcheck' AND p.pronargs = 2 AND has_function_privilege(p.oid, 'EXECUTE')
"""
_DIGEST = "SELECT count(*), coalesce(sum(hashtext(one.ctid::text)::bigint), 0) FROM ({rows}) one"
_SCANS = ("seqscan", "sort", "incremental_sort", "bitmapscan", "indexscan", "indexonlyscan")
_BY_TABLE = ("indexscan", "indexonlyscan", "bitmapscan")
_BY_INDEX = ("seqscan", "sort", "incremental_sort", "bitmapscan")


def index_findings() -> Iterator[Finding]:
    """Yield each index that does not hold what its table holds, and what else SQLite's own check of its file finds."""
    yield from _on_sqlite() if connection.vendor == "sqlite" else _on_postgresql()


def _on_sqlite() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA integrity_check({_MOST})")
        lines = [str(line) for (line,) in cursor.fetchall() if line != "ok"]
    indexes = {lacking[1] for line in lines if (lacking := _LACKS.search(line))}
    yield from map(_lies, sorted(indexes))
    for line in lines:
        if not _LACKS.search(line):
            yield Finding(
                "registers",
                "registers.database-damaged",
                "The database's own check of its file says: {what}.",
                {"what": line},
            )


class _Index(NamedTuple):
    """A B-tree of PostgreSQL; ``sortable`` where its keys are in the order that ``ORDER BY`` gives them."""

    number: int
    name: str
    table: str
    condition: str | None
    keys: Sequence[str]
    sortable: bool


def _on_postgresql() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(_BTREES, [])
        indexes = [_Index(*row) for row in cursor.fetchall()]
        cursor.execute(_AMCHECK)
        amcheck = cursor.fetchone()
    for index in indexes:
        is_faithful = _passes(index, amcheck[0]) if amcheck else not index.sortable or _gives_the_table(index)
        if not is_faithful:
            yield _lies(index.name)


def _passes(index: _Index, check: str) -> bool:
    """Return whether `amcheck` finds the index sound, with every row of the table in it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT {check}(%s::oid::regclass, true)", [index.number])
    except DatabaseError:
        return False
    return True


def _gives_the_table(index: _Index) -> bool:
    """Return whether reading by an index gives the rows that reading its table gives; True where the server does not read by it."""
    condition = f" WHERE {index.condition}" if index.condition else ""
    rows = f"SELECT ctid FROM {index.table}{condition}"  # noqa: S608 - words of the server's own catalogue
    is_alone = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if is_alone:  # what others write between the two readings is in neither
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        by_index = f"{rows} ORDER BY {', '.join(index.keys)} OFFSET 0"
        found = []
        for question, off in ((rows, _BY_TABLE), (by_index, _BY_INDEX)):
            for scan in _SCANS:
                cursor.execute(f"SET LOCAL enable_{scan} = {'off' if scan in off else 'on'}")
            cursor.execute(f"EXPLAIN (FORMAT TEXT) {_DIGEST.format(rows=question)}")
            plan = " ".join(line for (line,) in cursor.fetchall())
            if question == by_index and not re.search(rf"using {re.escape(index.name)}\b", plan):
                return True
            cursor.execute(_DIGEST.format(rows=question))
            found.append(cursor.fetchone())
        transaction.set_rollback(True)
    return bool(found[0] == found[1])


def _lies(name: str) -> Finding:
    return Finding(
        "registers",
        "registers.index-differs",
        "The index {index} does not hold what its table holds: what is sought by it is not found, and what this check says rests on it. "
        "Stop the program, let the database make it anew (REINDEX), and run rejent fsck again.",
        {"index": name},
    )
