"""A part of the program that runs once in the whole office, on whichever machine: its slot is taken in the database.

On PostgreSQL it is an advisory lock of a session of its own (PostgreSQL manual, § 13.3.5), which the server frees as soon as
that session ends: at once after ``kill -9``, and after `_GONE_AFTER` where a machine vanishes without a word. An office on
SQLite has one machine, on which `FolderLock` holds the part. No pooler that shares sessions may stand before the database.

Any role that may connect can take any advisory lock. So a session proves in its name that it is the program's: by a tag under the
office's key over what the server itself says of it, its process and its beginning, which no other session can have. Who holds the slot
without that proof keeps nobody from recording; keepers raise an alarm.
"""

import socket
from base64 import b85encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from rejent.kernel.errors import ConflictError
from rejent.ledger.entry_keys import TAG_BYTES, Tagged

log = structlog.get_logger()

RECORDER = "recorder"
"""The one part that runs once in an office."""
_GONE_AFTER = {"idle": 5, "interval": 2, "count": 3}
"""Seconds and probes after which the server takes a machine that answers no more for gone: 11 s in all."""
_LONGEST_NAME = 42
"""Of part and machine; with the tag a name has the 63 bytes that PostgreSQL keeps (``NAMEDATALEN``)."""
_SESSIONS = """
    SELECT pid, usename, application_name, extract(epoch from backend_start)::text, pid = pg_backend_pid(), EXISTS (
        SELECT 1 FROM pg_locks WHERE pg_locks.pid = one.pid AND locktype = 'advisory' AND granted AND objsubid = 1
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (classid::bigint << 32) | objid::bigint = %s)
    FROM pg_stat_activity one WHERE datname = current_database() ORDER BY backend_start, pid
"""


@dataclass(frozen=True, slots=True)
class Session:
    """A session of the office's database; its ``start`` is empty where the server does not show it to us."""

    pid: int
    role: str
    name: str
    start: str
    ours: bool
    holds: bool

    def is_proven(self, part: str) -> bool:
        """Return whether it is one of the program's, of this part."""
        tag = self.name[-len(b85encode(bytes(TAG_BYTES))) :]
        return bool(self.start) and tag == _proof(part, self.pid, self.start)


class OfficeLock:
    """The slot of one part of the program; `take` it, and `keep` it from time to time."""

    def __init__(self, part: str) -> None:
        self._part = part
        self._session: BaseDatabaseWrapper = connection.copy()
        self._held = False

    def take(self) -> bool:
        """Take the slot and return True; where somebody holds it who is not the program, go on without it.

        Raises ConflictError: another machine has it, or has waited longer for it; DatabaseError: the database does not answer.
        """
        with self._session.cursor() as cursor:
            self._say_who(cursor)
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_key(self._part)])
            if cursor.fetchone()[0]:
                self._held = True
                return True
            sessions = _sessions(cursor, self._part)
        before = next(index for index, one in enumerate(sessions) if one.ours)
        for index, one in enumerate(sessions):
            if one.is_proven(self._part) and not one.ours and (one.holds or index < before):
                raise ConflictError(
                    "This office's {part} runs already: {holder}.",
                    part=self._part,
                    holder=one.name.partition(" ")[0],
                    advice="Stop that one first; one machine records for an office.",
                )
        log.error("program.slot-held-by-a-stranger", part=self._part)
        return False

    def keep(self) -> None:
        """See that the slot is still ours, and take it again after the database was away, whose absence stops nothing.

        Raises ConflictError: another machine has taken it meanwhile.
        """
        try:
            with self._session.cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseError:
            self.release()
        if not self._held:
            with suppress(DatabaseError):
                if self.take():
                    log.warning("program.slot-taken-again", part=self._part)

    def release(self) -> None:
        """Give the slot back; a second time does nothing."""
        self._held = False
        self._session.close()

    def _say_who(self, cursor: CursorWrapper) -> None:
        """Give the session the name that proves it, before it asks for the slot: whoever sees it there knows whose it is."""
        for name, value in _GONE_AFTER.items():
            cursor.execute(f"SET tcp_keepalives_{name} = {value}")
        (own,) = (one for one in _sessions(cursor, self._part) if one.ours)
        called = f"{self._part}@{socket.gethostname()}".replace(" ", "-")[:_LONGEST_NAME]
        cursor.execute("SET application_name = %s", [f"{called} {_proof(self._part, own.pid, own.start)}"])


def find_unproven_holder(part: str) -> Session | None:
    """Return the session that holds a slot and is not the program's; None where there is none, or the database is a file.

    Raises DatabaseError: the database does not answer.
    """
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        return next(
            (one for one in _sessions(cursor, part) if one.holds and not one.is_proven(part)),
            None,
        )


@contextmanager
def hold_in_office(part: str) -> Iterator[OfficeLock | None]:
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


def _sessions(cursor: CursorWrapper, part: str) -> list[Session]:
    """Return the sessions of the database, oldest first; who holds the slot is one of them."""
    cursor.execute(_SESSIONS, [_key(part)])
    return [
        Session(pid, role or "", name or "", start or "", ours, holds)
        for pid, role, name, start, ours, holds in cursor.fetchall()
    ]


def _key(part: str) -> int:
    return int.from_bytes(sha256(f"rejent {part}".encode()).digest()[:8], "big", signed=True)


def _proof(part: str, pid: int, start: str) -> str:
    """Return what stands at the end of a session's name: the office's tag of it, which no recorder can make."""
    tag = settings.ENTRY_KEYS.tag(Tagged(pid, b"", f"slot:{part}", act=start))
    return b85encode(tag[:TAG_BYTES]).decode("ascii")
