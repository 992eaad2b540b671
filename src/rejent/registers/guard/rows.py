"""Rows that give power count only as the ledger's newest entry of them says.

A model that inherits `GuardedModel` declares which of its columns are bound. Whoever changes a row enters the change with it
(`services.enter`, ``row=``): the entry then carries the row's *thing*, such as ``viewing:7f3a…``, and a digest of its columns, salted
with the entry's own salt, and bears the tag that needs a key outside the database. Whoever lets a row give power loads it through
`verified`, `verified_many` or `matching`, which hold it against the newest entry of its thing. A row that was planted, altered, or put
back to what it once was has no such entry, or another digest.

Rows of other tables that belong to it are its *parts*. What is entered of them are those that were verified and what the act states to
change (`GuardedModel.state_parts`), as the program wrote it; never what the database says of them when the act is entered.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, TypeVar
from uuid import UUID

from django.db import models

from rejent.kernel.errors import NotFoundError
from rejent.registers.errors import LedgerMismatchError, UnverifiedRowError
from rejent.registers.guard.cells import kept_field
from rejent.registers.guard.conditions import is_selected
from rejent.registers.guard.digests import digest_of, encode
from rejent.registers.guard.entries import Bound, erased_at, newest_entries, noted_entries
from rejent.registers.guard.model import (
    GuardedModel,
    description_of,
    guarded_columns,
    kind_of,
    thing_name,
    thing_of,
)
from rejent.registers.guard.rollback import rollback_guard

_ATTEMPTS = 3
"""Readings of a row and its entry before they count as different: both may change in between."""


_Row = TypeVar("_Row", bound=GuardedModel)


class Verdict(Enum):
    """Reason that a row differs from the ledger."""

    UNKNOWN = "no entry tells of it"
    DIFFERENT = "it is not as its newest entry says, or that is no entry of the program's own"
    UNVERIFIABLE = "the record of its newest entry was erased"


def binding_of(row: GuardedModel, salt: bytes, *, gone: bool = False) -> tuple[str, bytes | None]:
    """Return what an entry carries of a row: its thing, and the digest of its columns unless it is gone.

    Raises:
        UnverifiedRowError: it was read from the database and not held against the ledger.
        LedgerMismatchError: the database has other parts than were verified and stated: somebody wrote meanwhile, or a trigger did.
    """
    thing = thing_of(row)
    if row._unverified:
        raise UnverifiedRowError("{thing} was to be entered anew without having been verified.", thing=thing)
    if gone:
        return thing, None
    for name, read in guarded_columns(type(row)):
        held = getattr(row, name)
        if (value := read(held)) is not held:
            setattr(row, name, value)
    if has_parts(type(row)) and encode(_read_parts(row)) != encode({**row.bound_parts}):
        raise mismatch(thing)
    return thing, _digest(row, row.bound_parts, salt)


def has_parts(model: type[GuardedModel]) -> bool:
    """Return whether rows of other tables are bound with those of a model."""
    return model.guarded_parts is not GuardedModel.guarded_parts


def _read_parts(row: GuardedModel) -> Mapping[str, object]:
    """Return the parts of a row as the database has them now, whatever was read of them before."""
    fields = description_of(type(row)).concrete_fields
    held = {field.attname: getattr(row, field.attname) for field in fields if field.attname in vars(row)}
    bare = type(row)(**held)
    return bare.guarded_parts()


def verified(row: _Row) -> _Row:
    """Return a row as the ledger's newest entry of it says it is; use what is returned.

    Raises `LedgerMismatchError` if it was planted or altered.
    """
    return verified_many([row])[0]


def verified_many(
    rows: Iterable[_Row], *, none_beyond: tuple[type[GuardedModel], object] | None = None
) -> list[_Row]:
    """Return rows of one model as the ledger says they are, with one question for all.

    Args:
        rows: as they were read.
        none_beyond: a model and a key that no row may have; where keys are consecutive, none was taken away then.

    Raises `LedgerMismatchError`: one of them was planted or altered, or there is one beyond.
    """
    right, wrong = _compared(list(rows))
    if none_beyond is not None and in_ledger(*none_beyond):
        wrong.append(thing_name(*none_beyond))
    if wrong:
        raise mismatch(wrong[0])
    return right


def first_verified(rows: models.QuerySet[_Row], absent: NotFoundError) -> _Row:
    """Return the first of some rows as the ledger says it is. Raises ``absent``: none; LedgerMismatchError: planted or altered."""
    row = rows.first()
    if row is None:
        raise absent
    return verified(row)


def mismatch(thing: str) -> LedgerMismatchError:
    """Return the error of a thing of which the database holds something else than the ledger says."""
    return LedgerMismatchError(
        "The database does not hold what the ledger says of {thing}.",
        thing=thing,
        advice="Run rejent fsck, and tell the data protection officer.",
    )


def matching(rows: Iterable[_Row]) -> list[_Row]:
    """Return those of the rows of one model that are as the ledger says they are."""
    return _compared(list(rows))[0]


def found_by_database(rows: Iterable[_Row]) -> list[_Row]:
    """Return rows whose selection stays the database's word: for what a page lists and searches, never for what permits or demands."""
    found = list(rows)
    for row in found:
        row._selected_by = None
    return found


def matching_or_erased(rows: Iterable[_Row]) -> list[_Row]:
    """Return the rows of one model that are as the ledger says, or whose newest record was erased; for what protects somebody."""
    held = list(rows)
    mismatched = {thing for thing, verdict in mismatches(held) if verdict is not Verdict.UNVERIFIABLE}
    return [row for row in held if thing_of(row) not in mismatched]


def mismatches(rows: Iterable[_Row]) -> Iterator[tuple[str, Verdict]]:
    """Yield the thing of each row that is not as the ledger says, with the reason, for `fsck`."""
    held = list(rows)
    _, wrong = _compared(held)
    entries = newest_entries(wrong)
    for thing in wrong:
        entry = entries.get(thing)
        if entry is None:
            yield thing, Verdict.UNKNOWN
        elif (
            entry.salt is None
            and entry.digest is not None
            and _counts(thing, entry, type(held[0]))
            and erased_at(entry.place)
        ):
            yield thing, Verdict.UNVERIFIABLE
        else:
            yield thing, Verdict.DIFFERENT


def is_plain(model: type[GuardedModel]) -> bool:
    """Return whether the columns of a row are all that the ledger binds of it, and each is entered and stays."""
    added = ("guarded_parts", "own_parts", "is_entered")
    named = model.guard_key == "pk" and description_of(model).pk.attname not in model.not_guarded
    return (
        named
        and not model.vanishes_after
        and all(getattr(model, name) is getattr(GuardedModel, name) for name in added)
    )


def bound_columns(model: type[GuardedModel]) -> list[str]:
    """Return the names of the columns that the ledger binds, in the order in which it does."""
    return [name for name, _ in guarded_columns(model)]


def differing_keys(model: type[GuardedModel], held: Mapping[Any, Sequence[object]]) -> list[str]:
    """Return the keys of those rows of a plain model that are not as the ledger says, by the values of their bound columns.

    One that was changed between the reading of its values and that of its entry is among them.
    """
    things = {thing_name(model, key): values for key, values in held.items()}
    entries = newest_entries(list(things))
    return [
        thing.partition(":")[2]
        for thing, values in things.items()
        if (entry := entries.get(thing)) is None
        or entry.salt is None
        or not _counts(thing, entry, model)
        or entry.digest != digest_of([*values, {}], entry.salt)
    ]


def in_ledger(model: type[GuardedModel], key: object) -> bool:
    """Return whether there is a row of this key by the word of the ledger, whatever the table holds.

    Raises `LedgerMismatchError`: its newest entry was hidden.
    """
    thing = thing_name(model, key)
    entry = newest_entries([thing]).get(thing)
    if entry is not None and _counts(thing, entry, model):
        return entry.digest is not None
    if rollback_guard.was_seen(thing, noted=model.place_noted):
        raise mismatch(thing)
    return False


def require_complete(model: type[GuardedModel]) -> None:
    """Raise `LedgerMismatchError` if a row of a noted model is gone without an act, or its newest entry is hidden."""
    missing = _missing(model)
    if missing and (
        still := missing & _missing(model)
    ):  # others enter acts between the two readings of one look
        raise mismatch(min(still))


def _missing(model: type[GuardedModel]) -> set[str]:
    entries = noted_entries(kind_of(model), signer=model.signer)
    keys = model._base_manager.values_list(model.guard_key, flat=True)
    present = {thing_name(model, key) for key in keys}
    return {
        thing
        for thing, entry in entries.items()
        if entry is None or (entry.digest is not None and thing not in present)
    }


def _compared(rows: list[_Row]) -> tuple[list[_Row], list[str]]:
    """Return the rows that are as the ledger says, in their order, and the things of the others."""
    found: dict[str, _Row] = {}
    waiting = {thing_of(row): row for row in rows}
    order = list(waiting)
    for attempt in range(_ATTEMPTS):
        if attempt:
            waiting = _read_anew(waiting)
        _read_parts_of(list(waiting.values()))
        entries = newest_entries(list(waiting))
        for thing, row in list(waiting.items()):
            if _matches(thing, row, entries.get(thing)):
                row._unverified = False
                found[thing] = waiting.pop(thing)
        if not waiting:
            break
    right = {thing: found[thing] for thing in order if thing in found and _is_selected(found[thing])}
    return list(right.values()), [thing for thing in order if thing not in right]


def _is_selected(row: GuardedModel) -> bool:
    """Return whether a verified row is what it was selected as; that is asked of it once, before anything is changed."""
    if row._selected_by is None:
        return True
    query, row._selected_by = row._selected_by, None
    return is_selected(row, query, _entered)


def _entered(row: models.Model) -> models.Model | None:
    """Return a row that another one names, as the ledger says it is; nothing of a model that is not guarded."""
    if not isinstance(row, GuardedModel):
        return None
    return verified(row) if row._unverified else row


def _read_parts_of(rows: Sequence[GuardedModel]) -> None:
    """Read rows of other tables that belong to these of one model, where that was not done with them."""
    if rows and type(rows[0]).part_relations:
        models.prefetch_related_objects(rows, *type(rows[0]).part_relations)


def _read_anew(rows: Mapping[str, _Row]) -> dict[str, _Row]:
    model = type(next(iter(rows.values())))
    by_uuid = isinstance(kept_field(description_of(model).pk), models.UUIDField)
    keys = [row.pk for row in rows.values() if isinstance(row.pk, UUID) or not by_uuid]
    anew = {thing_of(row): row for row in model._base_manager.filter(pk__in=keys)}
    for thing, row in anew.items():
        row._selected_by = rows[thing]._selected_by if thing in rows else None
    return anew


def _matches(thing: str, row: GuardedModel, entry: Bound | None) -> bool:
    if entry is None:
        return not row.is_entered() and not rollback_guard.was_seen(thing, noted=row.place_noted)
    if entry.salt is None or not _counts(thing, entry, type(row)):
        return False
    try:
        parts = row.guarded_parts()
        if entry.digest != _digest(row, parts, entry.salt):
            return False
    except (
        AttributeError,
        TypeError,
        ValueError,
    ):  # a cell that was left as it stands is no date or identifier
        return False
    row._bound_parts = parts
    return True


def _counts(thing: str, entry: Bound, model: type[GuardedModel]) -> bool:
    return entry.counts(thing, signer=model.signer, noted=model.place_noted)


def _digest(row: GuardedModel, parts: Mapping[str, object], salt: bytes) -> bytes:
    """Return the digest of a row's columns and parts: BLAKE2b keyed with the salt, so that no guess can be tested without it."""
    written: list[object] = [getattr(row, name) for name, _ in guarded_columns(type(row))]
    return digest_of([*written, {**row.own_parts(), **parts}], salt)
