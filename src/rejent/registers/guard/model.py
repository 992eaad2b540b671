"""Models whose rows the ledger binds: what is bound of each, and what the ledger calls it."""

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar, Self, TypeVar
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models.query import ModelIterable
from django.db.models.sql import Query

from rejent.ledger.entry_keys import Role

_Any = TypeVar("_Any", bound=models.Model)


class _Selected(ModelIterable):  # type: ignore[type-arg]  # Django's own takes none
    """Rows that know by which conditions they were selected, however they are handed on."""

    def __iter__(self) -> Iterator[Any]:
        query = self.queryset.query
        for row in super().__iter__():
            row._selected_by = query
            yield row


class GuardedRows(models.QuerySet[_Any]):
    """A selection of guarded rows; its conditions are decided again on each that is verified."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._iterable_class = _Selected


class GuardedModel(models.Model):
    """A row whose columns the ledger binds.

    Attributes:
        guard_key: the column that names the row; it never changes.
        not_guarded: columns that the ledger does not bind, since they change without an act and give no power.
        may_vanish: rows are removed without an act once they are of no use.
        vanishes_after: acts after which a row is removed without another act, by their names.
        signer: whose word is enough for such a row.
        place_noted: the place of its newest entry is noted outside the database, so that hiding that entry brings no earlier state back.
        guard_piece: how many are checked together; fewer where many rows of other tables belong to each.
        part_relations: rows of other tables that `guarded_parts` reads; they are read once for many rows, and kept with each: what is shown of a
            verified row is what was verified. A `Prefetch` keeps them in a list of its own, at a third of the cost.
    """

    guard_key: ClassVar[str] = "pk"
    not_guarded: ClassVar[frozenset[str]] = frozenset()
    may_vanish: ClassVar[bool] = False
    vanishes_after: ClassVar[frozenset[str]] = frozenset()
    signer: ClassVar[Role] = Role.OFFICE
    place_noted: ClassVar[bool] = False
    guard_piece: ClassVar[int] = 500
    part_relations: ClassVar["tuple[str | models.Prefetch[Any], ...]"] = ()
    _unverified = False
    _selected_by: Query | None = None
    _bound_parts: Mapping[str, object] = MappingProxyType({})

    objects = GuardedRows.as_manager()

    class Meta:
        """No table is made of it."""

        abstract = True

    @classmethod
    def from_db(cls, *columns: Any, **kwargs: Any) -> Self:
        """Read a row; it is entered anew only once it was held against the ledger."""
        row: Self = super().from_db(*columns, **kwargs)
        row._unverified = True
        return row

    def is_entered(self) -> bool:
        """Return whether an act names the row already; one that is a draft so far none does."""
        return True

    def take_entry(self, index: int) -> None:
        """Note the place of the entry that is about to be made of this row, in a column that is bound with the others."""

    def own_parts(self) -> Mapping[str, object]:
        """Return what is bound of the row besides its columns and follows from them alone, as JSON values."""
        return {}

    def guarded_parts(self) -> Mapping[str, object]:
        """Return the rows of other tables bound with this one, as the database has them: JSON values in an order of their own."""
        return {}

    @property
    def bound_parts(self) -> Mapping[str, Any]:
        """Return the parts as they were verified, with what was stated since; nothing of a row that was not verified."""
        return self._bound_parts

    def state_parts(self, **parts: object) -> None:
        """State what an act changes of the parts, each whole and as the program wrote it; all others stay as they were verified."""
        self._bound_parts = {**self._bound_parts, **parts}
        vars(self).pop("_prefetched_objects_cache", None)
        for relation in self.part_relations:
            vars(self).pop(str(getattr(relation, "to_attr", "")), None)


def kind_of(model: type[GuardedModel]) -> str:
    """Return what the things of a model are called."""
    return str(description_of(model).model_name)


def thing_of(row: GuardedModel) -> str:
    """Return what the ledger calls a row."""
    return thing_name(type(row), getattr(row, row.guard_key))


def thing_name(model: type[GuardedModel], key: object) -> str:
    """Return what the ledger calls the row of a key."""
    return f"{kind_of(model)}:{key.hex if isinstance(key, UUID) else key}"


def list_guarded_models() -> Iterator[type[GuardedModel]]:
    """Return every model that is guarded."""
    return (model for model in apps.get_models() if issubclass(model, GuardedModel))


@cache
def guarded_columns(model: type[GuardedModel]) -> tuple[tuple[str, Any], ...]:
    """Return the guarded columns in the order of their names, each with what reads its values."""
    fields = sorted(description_of(model).concrete_fields, key=lambda field: field.attname)
    return tuple(
        (field.attname, field.to_python) for field in fields if field.attname not in model.not_guarded
    )


def description_of(model: type[models.Model]) -> Any:
    """Return Django's description of a model, which it documents as the way to its columns."""
    return model._meta
