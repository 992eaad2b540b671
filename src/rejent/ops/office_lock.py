"""A part of the program that runs once in the whole office, on whichever machine: its slot is taken in the database.

On PostgreSQL it is an advisory lock of a session of its own (PostgreSQL manual, § 13.3.5), which the server frees as soon as
that session ends: at once after ``kill -9``, and after `_GONE_AFTER` where a machine vanishes without a word. An office on
SQLite has one machine, on which `FolderLock` holds the part. No pooler that shares sessions may stand before the database.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256

import structlog
from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from rejent.kernel.errors import ConflictError

log = structlog.get_logger()

_GONE_AFTER = {"idle": 5, "interval": 2, "count": 3}
"""Seconds and probes after which the server takes a machine that answers no more for gone: 11 s in all."""
_HOLDER = """
    SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid)
    WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND (classid::bigint << 32) | objid::bigint = %s
"""


class OfficeLock:
    """The slot of one part of the program; `take` it, and `keep` it from time to time."""

    def __init__(self, part: str) -> None:
        self._part = part
        self._key = int.from_bytes(sha256(f"rejent {part}".encode()).digest()[:8], "big", signed=True)
        self._session: BaseDatabaseWrapper = connection.copy()

    def take(self) -> None:
        """Take the slot. Raises ConflictError: another machine has it; DatabaseError: the database does not answer."""
        with self._session.cursor() as cursor:
            for name, value in _GONE_AFTER.items():
                cursor.execute(f"SET tcp_keepalives_{name} = {value}")
            cursor.execute("SET application_name = %s", [f"{self._part}@{socket.gethostname()}"[:63]])
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [self._key])
            if cursor.fetchone()[0]:
                return
            cursor.execute(_HOLDER, [self._key])
            holder = next(iter(cursor.fetchall()), ("?",))[0]
        raise ConflictError(
            "This office's {part} runs already: {holder}.",
            part=self._part,
            holder=holder,
            advice="Stop that one first; one machine records for an office.",
        )

    def keep(self) -> None:
        """See that the slot is still ours, and take it again after the database was away, whose absence stops nothing.

        Raises ConflictError: another machine has taken it meanwhile.
        """
        try:
            with self._session.cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseError:
            self.release()
            with suppress(DatabaseError):
                self.take()
                log.warning("program.slot-taken-again", part=self._part)

    def release(self) -> None:
        """Give the slot back; a second time does nothing."""
        self._session.close()


@contextmanager
def held_in_office(part: str) -> Iterator[OfficeLock | None]:
    """Hold the slot of a part; yields nothing where the database is a file. Raises ConflictError, DatabaseError."""
    if connection.vendor != "postgresql":
        yield None
        return
    lock = OfficeLock(part)
    try:
        lock.take()
        yield lock
    finally:
        lock.release()
