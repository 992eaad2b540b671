"""Memory of verified rows, valid until the ledger has another act about such things.

Rows that give power change with an entry and never without one. So what was read of them, and verified, is read again only once an
entry about a thing of the same kind has come: one question for what is new in the ledger, by its own key, stands for all of them.
Who edits a row meanwhile changes nothing. Inside a transaction everything is read, for it may be undone.
"""

import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db import connection

from rejent.ledger.entry_keys import Role
from rejent.registers.guard.entries import is_tagged
from rejent.registers.guard.model import GuardedModel, kind_of

_COLUMNS = 'SELECT "index", leaf, thing, digest, tag, act, subject FROM registers_entry'
_SINCE = f'{_COLUMNS} WHERE "index" >= %s ORDER BY "index" LIMIT 5000'
_LAST = f'{_COLUMNS} ORDER BY "index" DESC LIMIT 1'
_MOST = 4096
"""Values that one memory keeps."""
_looked: ContextVar[bool] = ContextVar("looked", default=False)
_Value = TypeVar("_Value")


def may_be_undone() -> bool:
    """Return True if what is read now may be taken back by the end of a transaction."""
    return connection.in_atomic_block


class _LedgerTail:
    """Entries seen of each kind of thing since this process began to look."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: tuple[int, bytes] | None = None
        self._epoch = 0
        self._seen = Counter[str]()
        self._noted: Mapping[str, int] = {}

    def look(self) -> None:
        """Read what has come since the last look.

        Where the ledger is another one by now, or holds an entry that the program did not make, everything counts as changed.
        """
        with self._lock, connection.cursor() as cursor:
            places = settings.NEWEST_PLACES
            self._noted = {} if places is None else places.taken()
            if self._last is not None:
                cursor.execute(_SINCE, [self._last[0]])
                rows = cursor.fetchall()
                if rows and (rows[0][0], bytes(rows[0][1])) == self._last and all(map(_is_ours, rows[1:])):
                    self._seen.update(row[2].partition(":")[0] for row in rows[1:] if row[2])
                    self._last = (rows[-1][0], bytes(rows[-1][1]))
                    return
            cursor.execute(_LAST)
            last = cursor.fetchone()
            self._last = (last[0], bytes(last[1])) if last is not None and _is_ours(last) else None
            self._epoch += 1

    def state(self, kinds: tuple[str, ...]) -> tuple[int, ...]:
        """Return what changes with every entry about a thing of these kinds, and with every note of one that is hidden."""
        return (self._epoch, *(self._seen[kind] + self._noted.get(kind, 0) for kind in kinds))


def _is_ours(row: tuple[Any, ...]) -> bool:
    index, leaf, thing, digest, tag, act, subject = row
    return is_tagged((index, leaf, thing, digest, act, subject), tag, signer=Role.RECORDER)


_tail = _LedgerTail()


@contextmanager
def one_look() -> Iterator[None]:
    """Let the ledger be asked once for all that the block reads, as it stands when it begins."""
    if not may_be_undone() and not _looked.get():
        _tail.look()
    token = _looked.set(True)
    try:
        yield
    finally:
        _looked.reset(token)


class VerifiedOnce(Generic[_Value]):
    """Values that were read of verified rows.

    Args:
        models: of the rows that a value is read of.
        most: values kept; with one more all of them are read anew.
    """

    def __init__(self, *models: type[GuardedModel], most: int = _MOST) -> None:
        self._kinds = tuple(map(kind_of, models))
        self._most = most
        self._held: dict[Hashable, tuple[tuple[int, ...], _Value]] = {}

    def get(self, key: Hashable, read: Callable[[], _Value]) -> _Value:
        """Return the value of a key; it is read where it was not, or where an entry about such things came since.

        Args:
            key: what it is the value of.
            read: reads and verifies it; what it raises is raised, and nothing is kept.
        """
        if may_be_undone():
            return read()
        if not _looked.get():
            _tail.look()
        state = _tail.state(self._kinds)
        held = self._held.get(key)
        if held is not None and held[0] == state:
            return held[1]
        value = read()
        if len(self._held) >= self._most and key not in self._held:
            self._held.clear()
        self._held[key] = (state, value)
        return value
