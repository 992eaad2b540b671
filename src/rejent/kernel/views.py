"""Views of rows: immutable values that pages and other subjects get in place of a row of the database."""

from dataclasses import MISSING, fields
from functools import cache
from typing import Any, TypeVar

V = TypeVar("V")


def view_of(kind: type[V], /, *rows: object, **other: object) -> V:
    """Return a view whose fields are the columns of the same names, of the first row that has one; ``other`` fields are given.

    A field with a default that no row has keeps it. Raises AttributeError: a field without one is nowhere.
    """
    dataclass: Any = kind
    given = {
        name: found
        for name, has_default in _fields(dataclass)
        if name not in other and (found := _column(rows, name, has_default=has_default)) is not MISSING
    }
    return kind(**given, **other)


def _column(rows: tuple[object, ...], name: str, *, has_default: bool) -> object:
    for row in rows[:-1]:
        if hasattr(row, name):
            return getattr(row, name)
    return getattr(rows[-1], name, MISSING) if has_default else getattr(rows[-1], name)


@cache
def _fields(kind: Any) -> tuple[tuple[str, bool], ...]:
    return tuple(
        (each.name, each.default is not MISSING or each.default_factory is not MISSING)
        for each in fields(kind)
    )
