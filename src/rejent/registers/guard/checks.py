"""Guarded rows against the ledger, all of them: read piece by piece, so that memory does not grow with them."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import TextField
from django.db.models.functions import Cast

from rejent.kernel.acts import Act
from rejent.kernel.findings import Finding
from rejent.registers.damage import row_unreadable
from rejent.registers.guard.entries import noted_entries
from rejent.registers.guard.model import GuardedModel, kind_of, list_guarded_models, thing_name
from rejent.registers.guard.rows import Verdict, bound_columns, differing_keys, is_plain, mismatches
from rejent.registers.models import Entry

_ROWS = 500
_ENTRIES = 5000
_COUNT_LIVING = (
    "SELECT COUNT(*) FROM registers_entry e WHERE digest IS NOT NULL AND {of_kind} AND NOT EXISTS "
    '(SELECT 1 FROM registers_entry l WHERE l.thing = e.thing AND l."index" > e."index")'
)
_THINGS = (
    "SELECT DISTINCT thing FROM registers_entry WHERE digest IS NOT NULL AND {of_kind} AND thing > %s "
    "ORDER BY thing LIMIT %s"
)
_OF_KIND = {"sqlite": "thing GLOB '{kind}:*'", "postgresql": "thing LIKE '{kind}:%%'"}
"""What is true of the things of a kind; `GLOB` alone lets SQLite read those of the index and no others."""
_NEWEST = (
    "SELECT thing, act FROM registers_entry WHERE digest IS NOT NULL AND "
    '"index" IN (SELECT MAX("index") FROM registers_entry WHERE thing IN ({places}) GROUP BY thing)'
)


def require_declared() -> None:
    """See that each guarded model declares columns that it has, and that no two have one kind.

    Raises `ImproperlyConfigured`: one does not.
    """
    kinds: dict[str, type[GuardedModel]] = {}
    for model in list_guarded_models():
        columns = {field.attname for field in model._meta.concrete_fields}
        if unknown := model.not_guarded - columns:
            raise ImproperlyConfigured(f"{model.__name__} has no columns {sorted(unknown)}.")
        if kinds.setdefault(kind_of(model), model) is not model:
            raise ImproperlyConfigured(f"Two guarded models are called {kind_of(model)}.")


def guarded_rows(subject: str) -> Iterator[Finding]:
    """Yield every guarded row of a subject that is not what was entered, that no entry explains, or that is gone."""
    models = {kind_of(model): model for model in list_guarded_models() if model._meta.app_label == subject}
    kept = {kind: model for kind, model in models.items() if not model.may_vanish}
    for kind, model in models.items():
        entries = noted_entries(kind, signer=model.signer)
        for thing in sorted(thing for thing, entry in entries.items() if entry is None):
            yield _row_finding(subject, "entry-hidden", "The newest entry of {thing} was deleted or changed: its row may be an older one.", thing)  # fmt: skip
    bound = Counter[str]()
    for model in models.values():
        yield from _differing(subject, model, bound)
    whole = {kind for kind, model in kept.items() if is_plain(model) and bound[kind] == _count_living(kind)}
    if sought := {kind: model for kind, model in kept.items() if kind not in whole}:
        yield from _missing(subject, sought)


def _differing(subject: str, model: type[GuardedModel], bound: Counter[str]) -> Iterator[Finding]:
    """Yield what is wrong with rows of a model; of a plain one, count in ``bound`` the keys whose rows are as entered."""
    for keys in _to_compare(model, bound) if is_plain(model) else _keys(model):
        try:
            yield from _compared(subject, model, keys)
        except Exception:  # noqa: BLE001 - a planted value may provoke any; found below, by its row
            for key in keys:
                try:
                    yield from _compared(subject, model, [key])
                except Exception as error:  # noqa: BLE001 - the same
                    yield row_unreadable(subject, f"{kind_of(model)}:{key}", type(error).__name__)


def _to_compare(model: type[GuardedModel], bound: Counter[str]) -> Iterator[list[str]]:
    """Yield the keys of rows that must be read one by one: by their values alone they are not as the ledger says, or cannot be read."""
    columns, read, last = bound_columns(model), 0, None
    key = columns.index(model._meta.pk.attname)
    rows = model._base_manager.order_by("pk").values_list(*columns)
    try:
        each = rows.iterator(_ENTRIES)
        while held := {values[key]: values for values in islice(each, model.guard_piece)}:
            differing = differing_keys(model, held)
            read += len(held)
            bound[kind_of(model)] += len(held) - len(differing) - (last in held)
            last = next(reversed(held))
            if differing:
                yield differing
    except Exception:  # noqa: BLE001 - a planted value may provoke any
        yield from _keys(model, read)


def _keys(model: type[GuardedModel], first: int = 0) -> Iterator[list[str]]:
    """Yield the keys of all rows piece by piece, as text, which a planted one is as well; of those behind the first so many."""
    keys = model._base_manager.annotate(text_key=Cast("pk", TextField())).order_by("pk")
    each = islice(keys.values_list("text_key", flat=True).iterator(_ENTRIES), first, None)
    while piece := list(islice(each, model.guard_piece)):
        yield piece


def _compared(subject: str, model: type[GuardedModel], keys: Sequence[str]) -> list[Finding]:
    rows = model._base_manager.filter(pk__in=keys).defer(*model.not_guarded)
    found = []
    for thing, verdict in mismatches(rows):
        if verdict is Verdict.UNKNOWN:
            found.append(_row_finding(subject, "not-in-ledger", "The database holds {thing}, of which the ledger knows nothing.", thing))  # fmt: skip
        elif verdict is Verdict.DIFFERENT:
            found.append(_row_finding(subject, "differs-from-ledger", "The database does not hold what the ledger says of {thing}.", thing))  # fmt: skip
    return found


def _missing(subject: str, models: Mapping[str, type[GuardedModel]]) -> Iterator[Finding]:
    """Yield every thing whose newest entry is of a row that is not there."""
    for kind in models:
        last = ""
        while things := _rows_of_kind(_THINGS, kind, last, _ENTRIES):
            last = str(things[-1][0])
            for thing in _without_row([thing for (thing,) in things], models):
                yield _row_finding(subject, "row-missing", "The ledger tells of {thing}, but the database does not hold it.", thing)  # fmt: skip


def _count_living(kind: str) -> int:
    """Count the things of a plain kind whose newest entry is of a row: as many as rows that are as entered, where none is missing."""
    return int(_rows_of_kind(_COUNT_LIVING, kind)[0][0])


def _rows_of_kind(question: str, kind: str, *values: str | int) -> list[tuple[Any, ...]]:
    """Return the answer to a question of the entries about things of a kind."""
    with connection.cursor() as cursor:
        cursor.execute(question.format(of_kind=_OF_KIND[connection.vendor].format(kind=kind)), values)
        return list(cursor.fetchall())


def _without_row(things: Sequence[str], models: Mapping[str, type[GuardedModel]]) -> Iterator[str]:
    """Yield those of the things that have no row although their newest entry is of one."""
    for start in range(0, len(things), _ROWS):
        wanted: dict[type[GuardedModel], dict[str, str]] = {}
        for thing in things[start : start + _ROWS]:
            kind, _, key = thing.partition(":")
            if kind in models:
                wanted.setdefault(models[kind], {})[key] = thing
        for model, keys in wanted.items():
            rows = model._base_manager.filter(**{f"{model.guard_key}__in": list(keys)})
            held = {thing_name(model, key) for key in rows.values_list(model.guard_key, flat=True)}
            absent = [thing for thing in keys.values() if thing not in held]
            yield from (thing for thing, act in _live(absent) if act not in model.vanishes_after)


def missing_rows(model: type[GuardedModel], acts: Collection[Act], since: datetime, until: datetime) -> bool:
    """Return whether one of the rows that began with such an act in a time is not in its table any more."""
    entries = Entry.objects.filter(act__in=[act.name for act in acts], at__gte=since, at__lt=until)
    things = entries.filter(thing__startswith=f"{kind_of(model)}:").order_by("pk")
    each = things.values_list("thing", flat=True).iterator(_ENTRIES)
    while some := [thing for thing in islice(each, _ROWS) if thing]:
        if any(_without_row(some, {kind_of(model): model})):
            return True
    return False


def _live(things: Sequence[str]) -> list[tuple[str, str]]:
    """Return the things whose newest entry does not say that the row is gone, each with that entry's act."""
    if not things:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST.format(places=",".join(["%s"] * len(things))), list(things))
        rows: list[tuple[str, str]] = cursor.fetchall()
    return rows


def lasting(look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Yield what is found twice: acts and rows are read one after the other, and others write meanwhile."""
    first = list(look())
    if first:
        again = {_key(finding) for finding in look()}
        yield from (finding for finding in first if _key(finding) in again)


def _key(finding: Finding) -> tuple[str, str]:
    return finding.code, str(finding.facts["thing"])


def _row_finding(subject: str, code: str, template: str, thing: str) -> Finding:
    return Finding(subject, f"{subject}.{code}", template, {"thing": thing})
