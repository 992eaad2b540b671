"""Stretches of the ledger, read by places: no other name, no other subject and no index that lies hides an act in them."""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from itertools import starmap
from typing import Any

from django.db import connection

from rejent.registers import queries
from rejent.registers.guard.entries import is_tagged
from rejent.registers.guard.rollback import rollback_guard
from rejent.registers.models import Entry
from rejent.registers.queries import EnteredAct, StoredEntry

_HEADS = (
    'SELECT "index", leaf, thing, digest, act, subject, tag FROM registers_entry '
    'WHERE "index" >= %s AND "index" < %s ORDER BY "index"'
)
_PIECE = 900
"""Entries that are read at once; SQLite takes at most 999 values in a query."""


def first_place_since(instant: datetime) -> int:
    """Return a place before which nothing was entered since an instant, while the clock ran on without being set back.

    The instants of some twenty entries are looked at, each as the ledger commits to it; one that is not known counts as later.
    """
    low, high = 0, queries.tree_head().size
    while low < high:
        middle = (low + high) // 2
        row = Entry.objects.filter(pk=middle).first()
        if row is not None and queries.is_as_entered(row) and row.at < instant:
            low = middle + 1
        else:
            high = middle
    return low


class Stretch:
    """Acts of some names on some subjects, from a place on; what is read once is remembered.

    Attributes:
        acts: those that are wanted, by their places.
        unreadable: places in which no entry of the program stands, or one of these names and subjects without its record; the last
            one of all where the entries do not end with the size that the database says the ledger has.

    Args:
        first: the place.
        stop: the place before which it ends; None lets it grow with the ledger.
        names, subjects: of the acts.
        wanted: says of an act that is read whether it is kept.
    """

    def __init__(
        self,
        first: int,
        stop: int | None = None,
        *,
        names: Collection[str],
        subjects: Collection[str],
        wanted: Callable[[EnteredAct], bool],
    ) -> None:
        self.first, self._stop, self._next = first, stop, first
        self._names, self._subjects, self._wanted = frozenset(names), frozenset(subjects), wanted
        self._last: bytes | None = None
        self.acts: dict[int, EnteredAct] = {}
        self.unreadable: set[int] = set()

    def read_on(self) -> None:
        """Read what has come, and once more what could not be read; all of it where the ledger is another one by now.

        Raises `OperationalError`: the ledger is shorter than this process, or whoever reads what was published, knows it to be.
        """
        if self._last is not None and self._last != _leaf_at(self._next - 1):
            self._next, self.acts, self.unreadable = self.first, {}, set()
        again = sorted(place for place in self.unreadable if place < self._next)
        self.unreadable.clear()
        for place in again:
            self._read(place, place + 1)
        stop = self._end() if self._stop is None else self._stop
        for start in range(self._next, stop, _PIECE):
            self._read(start, min(stop, start + _PIECE))
        if self._next < stop:
            self._next, self._last = stop, _leaf_at(stop - 1)

    def _end(self) -> int:
        """Return the place at which the ledger ends; where its entries do not end there, the last one counts as unreadable."""
        last = Entry.objects.order_by("-pk").values_list("pk", flat=True).first()
        size = queries.tree_head().size  # read after the last entry: others may enter meanwhile
        rollback_guard.demand(size)
        stop = 0 if last is None else last + 1
        if stop > size or (stop < size and not _leaf_at(size - 1)):
            self.unreadable.add(max(stop, size) - 1)
        return min(stop, size)

    def _read(self, start: int, stop: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_HEADS, [start, stop])
            heads = cursor.fetchall()
        ours = {head[0]: head for head in heads if _is_tagged(head)}
        self.unreadable.update(range(start, stop) if not ours else set(range(start, stop)) - ours.keys())
        sought = [
            place for place, head in ours.items() if head[4] in self._names and head[5] in self._subjects
        ]
        for act in _acts_at(sought):
            if act.facts is None:
                self.unreadable.add(act.index)
            elif self._wanted(act):
                self.acts[act.index] = act


def _acts_at(places: list[int]) -> Iterator[EnteredAct]:
    rows = Entry.objects.filter(pk__in=places).order_by("pk").values_list(*StoredEntry.__slots__)
    return map(queries.act_of, starmap(StoredEntry, rows))


def _leaf_at(place: int) -> bytes:
    """Return the commitment at a place; nothing where there is none."""
    return bytes(Entry.objects.filter(pk=place).values_list("leaf", flat=True).first() or b"")


def _is_tagged(head: tuple[Any, ...]) -> bool:
    return is_tagged(head[:-1], head[-1])
