"""Entering acts, taking numbers, erasing records: all inside the transaction of the change they belong to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from rejent.kernel.acts import Act
from rejent.ledger.canonical import canonical_json
from rejent.ledger.commitment import canonical_record, commitment_of, new_salts
from rejent.ledger.entry_keys import EntryKeys, Tagged
from rejent.ledger.merkle import RightEdge, leaf_hash
from rejent.registers.acts import ENTRY_ERASED
from rejent.registers.errors import AlreadyErasedError, NoSuchEntryError, NotInTransactionError
from rejent.registers.guard.entries import head_of
from rejent.registers.guard.model import GuardedModel, thing_of
from rejent.registers.guard.rollback import rollback_guard
from rejent.registers.guard.rows import binding_of
from rejent.registers.models import Entry, TreeHead
from rejent.registers.signing.checkpoints import checkpoint, stamp

__all__ = ["PendingEntry", "checkpoint", "enter", "enter_many", "erase", "stamp", "take_number"]

_INSERT = (
    'INSERT INTO registers_entry ("index", at, act, actor, subject, facts, salt, thing, digest, leaf, tag) '
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_LEAF = -2
"""Its place among the columns."""
_HEAD = "SELECT size, edge FROM registers_treehead WHERE id = 1"
_NEXT_NUMBER = "UPDATE registers_series SET last = last + 1 WHERE name = %s AND year = %s RETURNING last"
_FIRST_NUMBER = (
    "INSERT INTO registers_series (name, year, last) VALUES (%s, %s, 1) "
    "ON CONFLICT (name, year) DO UPDATE SET last = registers_series.last + 1 RETURNING last"
)


@dataclass(frozen=True, slots=True)
class PendingEntry:
    """An act about to be entered.

    Attributes:
        actor: identifier of the person who did it, never a name; empty for the system itself.
        subject: identifier of what it was done to, such as ``source:7f3a``.
        record: the facts, as JSON values; they can be erased later.
        row: the guarded row that it describes, as it is stored after the act.
        gone: whether that row exists no more after the act.
    """

    act: Act
    actor: str
    subject: str
    record: Mapping[str, object]
    at: datetime
    row: GuardedModel | None = None
    gone: bool = False


def enter(
    act: Act,
    *,
    actor: str,
    subject: str,
    record: Mapping[str, object],
    at: datetime,
    row: GuardedModel | None = None,
    gone: bool = False,
) -> int:
    """Enter one act and return its index in the ledger; see `enter_many`."""
    return enter_many([PendingEntry(act, actor, subject, record, at, row, gone)]).start


def enter_many(entries: Sequence[PendingEntry]) -> range:
    """Enter acts one after another, in the transaction of the changes that they describe.

    They are in the ledger when that transaction commits, and not at all when it does not. Other writers wait from here
    until then, so enter last.

    Returns:
        The indexes in the ledger, without a gap to what stood there before.

    Raises:
        NotInTransactionError: there is no transaction.
        RecordRefusedError: a record is not JSON.
        UnverifiedRowError: a row was read from the database and not held against the ledger before it was changed.
    """
    _require_transaction()
    if not entries:
        return range(0)
    edge = _locked_edge()
    rollback_guard.demand(edge.size)
    columns = range(edge.size, edge.size + len(entries)), entries, new_salts(len(entries))
    keys = settings.ENTRY_KEYS
    rows = [_row(keys, index, entry, salt) for index, entry, salt in zip(*columns, strict=True)]
    grown = edge.appended(leaf_hash(row[_LEAF]) for row in rows)
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, rows)
        cursor.execute(
            "UPDATE registers_treehead SET size = %s, edge = %s WHERE id = 1", [grown.size, grown.packed()]
        )
    rollback_guard.note_size(grown.size)
    for index, entry in enumerate(entries, edge.size):
        if entry.row is not None and entry.row.place_noted:
            rollback_guard.remember(thing_of(entry.row), index, noted=True)
    return range(edge.size, grown.size)


def take_number(series: str, year: int) -> int:
    """The next number of a book in a year, from 1.

    The number is given back when the transaction does not commit; others who want one wait until it ends. Raises
    `NotInTransactionError` if there is no transaction.
    """
    _require_transaction()
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
        The index of the erasure's act.

    Raises:
        NotInTransactionError: there is no transaction.
        NoSuchEntryError: there is no such entry.
        AlreadyErasedError: it was erased before.
    """
    _require_transaction()
    row = Entry.objects.filter(pk=index, facts__isnull=False).first()
    if row is None:
        known = Entry.objects.filter(pk=index).exists()
        raise (AlreadyErasedError if known else NoSuchEntryError)(
            "Entry {index} has been erased before." if known else "There is no entry {index}.", index=index
        )
    tag = bytes(row.tag) + settings.ENTRY_KEYS.erasure_tag(index, head_of(row))
    Entry.objects.filter(pk=index).update(facts=None, salt=None, tag=tag)
    return enter(
        ENTRY_ERASED, actor=actor, subject=f"entry:{index}", record={"index": index, "reason": reason}, at=at
    )


def _row(keys: EntryKeys, index: int, entry: PendingEntry, salt: bytes) -> tuple[Any, ...]:
    """Return the columns of a new entry in the order of `_INSERT`."""
    facts, name = canonical_json(entry.record), entry.act.name
    if keys.office is None and not entry.act.by_recorder:
        raise ImproperlyConfigured(f"A recorder may not enter {name}.")
    thing, digest = None, None
    if entry.row is not None:
        entry.row.take_entry(index)
        thing, digest = binding_of(entry.row, salt, gone=entry.gone)
    record = canonical_record(
        act=name,
        actor=entry.actor,
        subject=entry.subject,
        at=entry.at,
        facts=facts,
        thing=thing,
        digest=digest,
    )
    leaf = commitment_of(salt, record)
    tag = keys.tag(Tagged(index, leaf, thing, digest, name, entry.subject))
    at = _stored(entry.at.astimezone(UTC))
    return index, at, name, entry.actor, entry.subject, facts, salt, thing, digest, leaf, tag


@lru_cache(maxsize=16)
def _stored(utc: datetime) -> Any:
    """The instant as the database takes it; acts entered together share theirs."""
    return connection.ops.adapt_datetimefield_value(utc)


def _require_transaction() -> None:
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
