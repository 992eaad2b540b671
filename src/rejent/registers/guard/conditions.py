"""Conditions of a selection, decided again on a row that was verified.

The database chose the row: by an index that may lie, by what stood in it before others changed it, by a row of another table that it names.
What a row must be to give power is decided on what the ledger says of it, and of those that its foreign keys name.
"""

import operator
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import ForeignKey, Lookup, Model
from django.db.models.expressions import Col
from django.db.models.sql import AND, OR, Query
from django.db.models.sql.where import WhereNode

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        "exact": operator.eq,
        "gt": operator.gt,
        "gte": operator.ge,
        "lt": operator.lt,
        "lte": operator.le,
        "in": lambda value, some: value in some,
        "range": lambda value, ends: ends[0] <= value <= ends[1],
        "contains": lambda value, part: part in value,
        "startswith": lambda value, part: value.startswith(part),
        "endswith": lambda value, part: value.endswith(part),
    }
)


def is_selected(row: Model, query: Query, entered: Callable[[Model], Model | None]) -> bool:
    """Return whether the conditions of a query hold of a row by the values that it has now; what only limits or orders is no condition.

    Args:
        row: as it was verified.
        query: by which it was selected; its conditions may reach rows that foreign keys name.
        entered: verifies such a row; nothing where it cannot be.

    Raises `ImproperlyConfigured`: a condition names other rows, or is of a kind that cannot be decided here.
    """
    return _Decision(row, query, entered).of(query.where) is True


class _Decision:
    """Conditions of a query on one row, in the three values of SQL: None is unknown (ISO 9075-2 § 8)."""

    def __init__(self, row: Model, query: Query, entered: Callable[[Model], Model | None]) -> None:
        self._rows: dict[str | None, Model | None] = {query.get_initial_alias(): row}
        self._query, self._entered = query, entered

    def of(self, node: object) -> bool | None:
        """Return what a condition is."""
        if isinstance(node, WhereNode):
            return _of_several(node, [self.of(child) for child in node.children])
        if isinstance(node, Lookup):
            held, kind = self._value(node.lhs), str(node.lookup_name)
            if kind == "isnull":
                return (held is None) is bool(node.rhs)
            asked = self._value(node.rhs) if hasattr(node.rhs, "resolve_expression") else node.rhs
            if kind == "in" and isinstance(asked, list):
                asked = _make_set(node, asked)
            if kind in _COMPARISONS:
                return None if held is None or asked is None else _COMPARISONS[kind](held, asked)
        return bool(self._value(node))

    def _value(self, expression: object) -> Any:
        """Return the value of a column, or of a function of one that says how it is reckoned (``in_python``)."""
        if isinstance(expression, Col):
            row = self._row(expression.alias)
            return None if row is None else getattr(row, expression.target.attname)
        if hasattr(expression, "in_python"):
            (inner,) = expression.get_source_expressions()  # type: ignore[attr-defined]  # an expression of Django's
            return expression.in_python(self._value(inner))
        raise _undecidable(expression)

    def _row(self, alias: str | None) -> Model | None:
        """Return the row of a table of the query: that which was selected, or one that foreign keys name from there, verified."""
        if alias not in self._rows:
            join = self._query.alias_map[str(alias)]
            field = getattr(join, "join_field", None)
            if not isinstance(field, ForeignKey):
                raise _undecidable(alias)
            before = self._row(join.parent_alias)
            named = None if before is None else getattr(before, field.name)
            self._rows[alias] = None if named is None else self._entered(named)
            if named is not None and self._rows[alias] is None:
                raise _undecidable(alias)
        return self._rows[alias]


def _make_set(node: "Lookup[Any]", listed: list[Any]) -> Collection[Any]:
    """Return what a value is looked for among, as a set that is made once for all rows of the query; a list of what has no hash as it is."""
    if "_set_of_rhs" not in vars(node):
        try:
            vars(node)["_set_of_rhs"] = frozenset(listed)
        except TypeError:
            vars(node)["_set_of_rhs"] = listed
    found: Collection[Any] = vars(node)["_set_of_rhs"]
    return found


def _of_several(node: WhereNode, parts: list[bool | None]) -> bool | None:
    if node.connector not in {AND, OR}:
        raise _undecidable(node.connector)
    settles = node.connector == OR
    joined = settles if settles in parts else None if None in parts else not settles
    return joined if joined is None or not node.negated else not joined


def _undecidable(what: object) -> ImproperlyConfigured:
    return ImproperlyConfigured(
        f"Whether {what!r} holds cannot be decided on a verified row; select by its own columns."
    )
