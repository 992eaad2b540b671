"""Remove from the database's own files what rows no longer hold: numbers, names and records that were erased.

SQLite overwrites free pages (``secure_delete``), but its write-ahead log keeps former pages until it is folded into the
database and truncated. PostgreSQL keeps former versions of a row until they are vacuumed, and their bytes in the page until something
is written over them: a small table is rewritten, of a larger one the bytes stay that long. PostgreSQL's own write-ahead log, which
it recycles at its checkpoints, archives and replicas are out of a program's reach.
"""

from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.db import OperationalError, connection

from rejent.kernel.clock import Clock
from rejent.registers.models import Entry

BUSY_MS = 200
"""Milliseconds to wait for readers of the write-ahead log or of a table, while others wait for us."""
VACUUM_EVERY_S = 30.0
"""Least time in seconds between two vacuums of a PostgreSQL table."""
REWRITTEN_BYTES = 16 * 1024 * 1024
"""A table with its indexes up to this size is rewritten, which takes a tenth of a second."""
_vacuumed: dict[str, float] = {}
_cleaned: dict[str, int] = {}
"""How many rows of a table had been changed or removed when it was vacuumed last."""


def remove_traces(*, clock: Clock) -> int:
    """Fold and truncate the write-ahead log, or vacuum what was erased from; return 1 if nothing stood in the way.

    What a reader holds up is done in the next round. Nothing is done within a transaction.
    """
    if connection.in_atomic_block:
        return 0
    if connection.vendor == "sqlite":
        return _truncated()
    now, free = clock.monotonic(), True
    for table in _erasing():
        if now - _vacuumed.get(table, float("-inf")) >= VACUUM_EVERY_S:
            if _vacuum(table):
                _vacuumed[table] = now
            else:
                free = False
    return int(free)


def _truncated() -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            is_busy, *_ = cursor.fetchone()
        finally:
            waiting_ms = round(1000 * float(settings.DATABASES["default"]["OPTIONS"]["timeout"]))
            cursor.execute(f"PRAGMA busy_timeout = {waiting_ms}")
    return int(not is_busy)


def _erasing() -> Iterator[str]:
    """Yield the tables of rows that lose columns or records without being deleted."""
    for model in apps.get_models():
        if model is Entry or getattr(model, "forgotten", None):
            yield str(model._meta.db_table)  # noqa: SLF001 - Django documents it as the way to a model's table


def _vacuum(table: str) -> bool:
    """Vacuum a table of which rows were changed or removed; False where somebody else holds it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n_tup_upd + n_tup_del, pg_total_relation_size(relid) FROM pg_stat_user_tables WHERE relname = %s",
            [table],
        )
        changed, size = cursor.fetchone() or (0, 0)
        if changed == _cleaned.get(table, 0):
            return True
        cursor.execute(f"SET lock_timeout = {BUSY_MS}")
        try:
            how = "(FULL) " if size <= REWRITTEN_BYTES else ""
            cursor.execute(f"VACUUM {how}{connection.ops.quote_name(table)}")
        except OperationalError:
            return False
        finally:
            cursor.execute("RESET lock_timeout")
    _cleaned[table] = changed
    return True
