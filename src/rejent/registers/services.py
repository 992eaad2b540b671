"""Entering acts, taking numbers, erasing records: all inside the transaction of the change they belong to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any

from django.db import OperationalError, connection, transaction

from rejent.kernel.acts import Act
from rejent.ledger.canonical import canonical_json
from rejent.ledger.commitment import canonical_record, commitment_of, new_salts
from rejent.ledger.merkle import RightEdge, leaf_hash
from rejent.registers.acts import ENTRY_ERASED
from rejent.registers.checkpoints import checkpoint, stamp
from rejent.registers.errors import AlreadyErasedError, NoSuchEntryError, NotInTransactionError
from rejent.registers.models import Entry, TreeHead

__all__ = ["Deed", "checkpoint", "enter", "enter_many", "erase", "stamp", "take_number"]

_INSERT = (
    'INSERT INTO registers_entry ("index", at, act, actor, subject, facts, salt, leaf) '
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
)
_HEAD = "SELECT size, edge FROM registers_treehead WHERE id = 1"
_NEXT_NUMBER = "UPDATE registers_series SET last = last + 1 WHERE name = %s AND year = %s RETURNING last"
_FIRST_NUMBER = (
    "INSERT INTO registers_series (name, year, last) VALUES (%s, %s, 1) "
    "ON CONFLICT (name, year) DO UPDATE SET last = registers_series.last + 1 RETURNING last"
)


class Growth:
    """Notices that an older database was put back under a running program, before an act entered in it forks the ledger.

    Attributes:
        on_shrunk: called once the ledger is shorter than it was; nothing where nobody watches.
        published: how long it is by its published files, for what other processes committed; 0 where they cannot be read.
    """

    def __init__(self) -> None:
        self.on_shrunk: Callable[[], None] | None = None
        self.published: Callable[[], int] = int
        self._size = 0

    def demand(self, size: int) -> None:
        """See that the ledger is no shorter than after the last act that this process committed, or as it was published.

        Raises:
            OperationalError: it is; the act is not entered.
        """
        if self.on_shrunk is not None and size < max(self._size, self.published()):
            self.on_shrunk()
            raise OperationalError

    def note(self, size: int) -> None:
        """The ledger has this size once the transaction commits."""
        if self.on_shrunk is not None:
            transaction.on_commit(partial(self._committed, size))

    def _committed(self, size: int) -> None:
        self._size = max(self._size, size)


growth = Growth()
"""Of this process."""


@dataclass(frozen=True, slots=True)
class Deed:
    """An act about to be entered.

    Attributes:
        act: which kind of act.
        actor: identifier of the person who did it, never a name; empty for the system itself.
        subject: identifier of what it was done to, such as ``source:7f3a``.
        record: the facts, as JSON values; they can be erased later.
        at: the instant.
    """

    act: Act
    actor: str
    subject: str
    record: Mapping[str, object]
    at: datetime


def enter(act: Act, *, actor: str, subject: str, record: Mapping[str, object], at: datetime) -> int:
    """Enter one act and give its index in the ledger; see `enter_many`."""
    return enter_many([Deed(act, actor, subject, record, at)]).start


def enter_many(deeds: Sequence[Deed]) -> range:
    """Enter acts one after another, in the transaction of the changes that they describe.

    They are in the ledger when that transaction commits, and not at all when it does not. Other writers wait from here
    until then, so enter last.

    Returns:
        The indexes in the ledger, without a gap to what stood there before.

    Raises:
        NotInTransactionError: there is no transaction.
        RecordRefusedError: a record is not JSON.
    """
    _demand_transaction()
    if not deeds:
        return range(0)
    edge = _locked_edge()
    growth.demand(edge.size)
    columns = range(edge.size, edge.size + len(deeds)), deeds, new_salts(len(deeds))
    rows = [_row(index, deed, salt) for index, deed, salt in zip(*columns, strict=True)]
    grown = edge.appended(leaf_hash(row[-1]) for row in rows)
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, rows)
        cursor.execute(
            "UPDATE registers_treehead SET size = %s, edge = %s WHERE id = 1", [grown.size, grown.packed()]
        )
    growth.note(grown.size)
    return range(edge.size, grown.size)


def take_number(series: str, year: int) -> int:
    """The next number of a book in a year, from 1.

    The number is given back when the transaction does not commit; others who want one wait until it ends.

    Raises:
        NotInTransactionError: there is no transaction.
    """
    _demand_transaction()
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_NUMBER, [series, year])
        row = cursor.fetchone()
        if row is None:
            cursor.execute(_FIRST_NUMBER, [series, year])
            row = cursor.fetchone()
        return int(row[0])


def erase(index: int, *, actor: str, reason: str, at: datetime) -> int:
    """Erase the readable record and the salt of an entry; its commitment and every proof of it stay.

    Returns:
        The index of the act that tells of the erasure.

    Raises:
        NotInTransactionError: there is no transaction.
        NoSuchEntryError: there is no such entry.
        AlreadyErasedError: it was erased before.
    """
    _demand_transaction()
    erased = Entry.objects.filter(pk=index, facts__isnull=False).update(facts=None, salt=None)
    if not erased:
        known = Entry.objects.filter(pk=index).exists()
        raise (AlreadyErasedError if known else NoSuchEntryError)(
            "Entry {index} has been erased before." if known else "There is no entry {index}.", index=index
        )
    return enter(
        ENTRY_ERASED, actor=actor, subject=f"entry:{index}", record={"index": index, "reason": reason}, at=at
    )


def _row(index: int, deed: Deed, salt: bytes) -> tuple[Any, ...]:
    facts, name = canonical_json(deed.record), deed.act.name
    record = canonical_record(act=name, actor=deed.actor, subject=deed.subject, at=deed.at, facts=facts)
    leaf = commitment_of(salt, record)
    return index, _stored(deed.at.astimezone(UTC)), name, deed.actor, deed.subject, facts, salt, leaf


@lru_cache(maxsize=16)
def _stored(utc: datetime) -> Any:
    """The instant as the database takes it; acts entered together share theirs."""
    return connection.ops.adapt_datetimefield_value(utc)


def _demand_transaction() -> None:
    if not connection.in_atomic_block:
        raise NotInTransactionError(
            "An act must be entered in the transaction of the change that it describes.",
            advice="Call it inside transaction.atomic().",
        )


def _locked_edge() -> RightEdge:
    """The right edge, locked until the transaction ends.

    SQLite takes its only write lock when the transaction begins; PostgreSQL locks the row.
    """
    while (held := _locked_head()) is None:
        TreeHead.objects.bulk_create([TreeHead()], ignore_conflicts=True)
    return RightEdge.unpacked(held[0], bytes(held[1]))


def _locked_head() -> tuple[int, bytes] | None:
    with connection.cursor() as cursor:
        cursor.execute(_HEAD + (" FOR UPDATE" if connection.features.has_select_for_update else ""))
        found: tuple[int, bytes] | None = cursor.fetchone()
        return found
