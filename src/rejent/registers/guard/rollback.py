"""Noticing that older rows were put back, before the program acts on them: by what this process saw, and by what all have noted."""

from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.db import OperationalError, transaction

_MOST = 100_000
"""Things whose newest entry is remembered; what was seen first is forgotten first."""


class RollbackGuard:
    """The ledger's size and the newest entry of each thing that this process has seen.

    Attributes:
        on_shrunk: called once the ledger is shorter than it was; nothing where nobody watches, and then nothing is remembered.
        published: how long it is by its published files, for what other processes committed; 0 where they cannot be read.
    """

    def __init__(self) -> None:
        self.on_shrunk: Callable[[], None] | None = None
        self.published: Callable[[], int] = int
        self._size = 0
        self._newest: dict[str, int] = {}

    def demand(self, size: int) -> None:
        """See that the ledger is no shorter than after the last act that this process committed, or as it was published.

        Raises `OperationalError`: it is; the act is not entered.
        """
        if self.on_shrunk is not None and size < max(self._size, self.published()):
            self.on_shrunk()
            raise OperationalError

    def note_size(self, size: int) -> None:
        """Remember the ledger's size once the transaction commits."""
        if self.on_shrunk is not None:
            transaction.on_commit(partial(self._committed, size))

    def is_newest(self, thing: str, index: int, *, noted: bool = False) -> bool:
        """Return whether no later entry of a thing was ever seen, and remember this one once the transaction commits.

        Of things that are ``noted`` what any process of the office saw counts, before it ended, too.
        """
        if index < self._last_seen(thing, noted=noted):
            return False
        self.remember(thing, index, noted=noted)
        return True

    def was_seen(self, thing: str, *, noted: bool = False) -> bool:
        """Return whether an entry of a thing was ever seen."""
        return self._last_seen(thing, noted=noted) >= 0

    def remember(self, thing: str, index: int, *, noted: bool = False) -> None:
        """Remember an entry of a thing once the transaction commits."""
        if self.on_shrunk is not None:
            transaction.on_commit(partial(self._seen, thing, index))
        if noted and (places := settings.NEWEST_PLACES) is not None and places.of(thing) != index:
            transaction.on_commit(partial(places.note, thing, index))

    def _last_seen(self, thing: str, *, noted: bool) -> int:
        places = settings.NEWEST_PLACES if noted else None
        known = places.of(thing) if places is not None else None
        return max(self._newest.get(thing, -1), -1 if known is None else known)

    def _committed(self, size: int) -> None:
        self._size = max(self._size, size)

    def _seen(self, thing: str, index: int) -> None:
        before = self._newest.pop(thing, -1)
        self._newest[thing] = max(index, before)
        if len(self._newest) > _MOST:
            del self._newest[next(iter(self._newest))]


rollback_guard = RollbackGuard()
"""Of this process."""
