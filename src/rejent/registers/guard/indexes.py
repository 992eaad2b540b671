"""Indexes, held against their tables: what is sought by one that lies is not found, and nothing tells of it."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper

from rejent.kernel.findings import Finding

_MOST = 1000
"""Lines that SQLite writes of what it finds; each lying index takes one a row that it lacks."""
_LACKS = re.compile(r"(?:missing from|entries in|entry in) index (\S+)")
_BTREES = """
    SELECT x.indexrelid, i.relname, format('%%I.%%I', n.nspname, c.relname), pg_get_expr(x.indpred, x.indrelid),
        ARRAY(SELECT format('%%s USING OPERATOR(%%I.%%s)', pg_get_indexdef(x.indexrelid, k, true), s.nspname, p.oprname)
            FROM generate_series(1, x.indnkeyatts) k JOIN pg_opclass o ON o.oid = x.indclass[k - 1]
            JOIN pg_amop a ON a.amopfamily = o.opcfamily AND a.amopstrategy = 1
                AND a.amoplefttype = o.opcintype AND a.amoprighttype = o.opcintype
            JOIN pg_operator p ON p.oid = a.amopopr JOIN pg_namespace s ON s.oid = p.oprnamespace ORDER BY k)
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
    """A B-tree of PostgreSQL; each of its ``keys`` with the operator by which it orders them."""

    number: int
    name: str
    table: str
    condition: str | None
    keys: Sequence[str]

    @property
    def rows(self) -> str:
        """The question for the places of all rows that it should hold."""
        condition = f" WHERE {self.condition}" if self.condition else ""
        return f"SELECT ctid FROM {self.table}{condition}"  # noqa: S608 - words of the server's own catalogue

    @property
    def rows_in_order(self) -> str:
        """The same in its order."""
        return f"{self.rows} ORDER BY {', '.join(self.keys)} OFFSET 0"


def find_unchecked_indexes() -> list[str]:
    """Return the indexes that nothing here holds against their tables: PostgreSQL has no `amcheck`, and reads by another one of the same order."""
    if connection.vendor == "sqlite":
        return []
    indexes, amcheck = _btrees()
    if amcheck:
        return []
    with transaction.atomic(), connection.cursor() as cursor:
        unread = [index.name for index in indexes if not _is_read(cursor, index)]
        transaction.set_rollback(True)
    return unread


def _on_postgresql() -> Iterator[Finding]:
    indexes, amcheck = _btrees()
    for index in indexes:
        if not (_passes(index, amcheck) if amcheck else _gives_the_table(index)):
            yield _lies(index.name)


def _btrees() -> tuple[list[_Index], str]:
    """Return the B-trees, and the function of `amcheck` that checks one; nothing where it is not installed."""
    with connection.cursor() as cursor:
        cursor.execute(_BTREES, [])
        indexes = [_Index(*row) for row in cursor.fetchall()]
        cursor.execute(_AMCHECK)
        return indexes, next((str(name) for (name,) in cursor.fetchall()), "")


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
    is_alone = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if is_alone:  # what others write between the two readings is in neither
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        if not _is_read(cursor, index):
            return True
        cursor.execute(_DIGEST.format(rows=index.rows_in_order))
        by_index = cursor.fetchone()
        _switch_off(cursor, _BY_TABLE)
        cursor.execute(_DIGEST.format(rows=index.rows))
        by_table = cursor.fetchone()
        transaction.set_rollback(True)
    return bool(by_index == by_table)


def _is_read(cursor: CursorWrapper, index: _Index) -> bool:
    """Return whether the server reads by an index what is asked for in its order; it has nothing else to choose but another index."""
    _switch_off(cursor, _BY_INDEX)
    cursor.execute(f"EXPLAIN (FORMAT TEXT) {_DIGEST.format(rows=index.rows_in_order)}")
    plan = " ".join(line for (line,) in cursor.fetchall())
    return re.search(rf"using {re.escape(index.name)}\b", plan) is not None


def _switch_off(cursor: CursorWrapper, scans: Sequence[str]) -> None:
    """Let the server read by every way but some until the end of the transaction, and by one process."""
    cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
    for scan in _SCANS:
        cursor.execute(f"SET LOCAL enable_{scan} = {'off' if scan in scans else 'on'}")


def _lies(name: str) -> Finding:
    return Finding(
        "registers",
        "registers.index-differs",
        "The index {index} does not hold what its table holds: what is sought by it is not found, and what this check says rests on it. "
        "Stop the program, let the database make it anew (REINDEX), and run rejent fsck again.",
        {"index": name},
    )
