"""Cells in the one spelling that Django writes on SQLite, where any column takes a value of any type in any spelling.

SQL compares what stands in the cell, Python what was read of it: ``2`` is true to SQLite and was not to Python, the same day in other
digits is another text, and a text kept as bytes is equal to none. So a cell counts as what it means only where it stands exactly as Django
writes it; every other one is left as it stands, a text, number or bytes, of which the guard's digest is another one than of any value.
PostgreSQL's columns hold nothing else, so that nothing is asked there.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db.models import Field, ForeignKey

FUNCTION = "rejent_is_canonical"
"""The function of a connection to SQLite that asks `is_canonical`."""

_WHOLE = ("AutoField", "BigAutoField", "BigIntegerField", "IntegerField", "SmallIntegerField", "PositiveIntegerField",
          "PositiveSmallIntegerField", "PositiveBigIntegerField")  # fmt: skip
_STORED: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(_WHOLE, "'integer'"),
        "CharField": "'text'",
        "TextField": "'text'",
        "FloatField": "'real'",
        "BinaryField": "'blob'",
    }
)
"""By the type of a column whose cells are values as they are, the type by which SQLite keeps them."""
_UTC = "+00:00"
_NO_JSON = "\0"
"""Begins what is no JSON, so that Django leaves it as text: it differs from whatever was entered."""


def kept_field(field: "Field[Any, Any]") -> "Field[Any, Any]":
    """Return the field whose values a column holds: of a foreign key, that which it names."""
    while isinstance(field, ForeignKey):
        field = field.target_field
    return field


def is_canonical(kind: str, cell: object) -> bool:
    """Return whether a cell of SQLite, as the module `sqlite3` gives it, stands as Django writes a value of such a column."""
    if cell is None or kind == "JSONField":
        return cell is None or _is_canonical_json(cell)
    return READERS[kind](cell, None, None) is not cell


def condition_of_odd(field: "Field[Any, Any]", column: str) -> str:
    """Return what is true in SQL, on SQLite, of a cell that does not stand as Django writes it; empty where any will do."""
    kind = kept_field(field).get_internal_type()
    if kind in READERS:
        return f"({column} IS NOT NULL AND NOT {FUNCTION}('{kind}', {column}))"
    return f"typeof({column}) NOT IN ('null', {_STORED[kind]})" if kind in _STORED else ""


def _reader_of(
    parse: Callable[[str], Any], write: Callable[[Any], str]
) -> Callable[[Any, object, object], Any]:
    """Return what reads a cell by ``parse``, which raises ValueError; the cell itself where ``write`` gives another one."""

    def read(cell: Any, _expression: object, _connection: object) -> Any:
        if type(cell) is str:
            try:
                value = parse(cell)
            except ValueError:
                return cell
            if write(value) == cell:
                return value
        return cell

    return read


def read_truth(cell: Any, _expression: object, _connection: object) -> Any:
    """Return True for 1, False for 0; the cell itself where it is neither."""
    return cell == 1 if type(cell) is int and cell in {0, 1} else cell


def read_json(cell: Any, _expression: object, _connection: object) -> Any:
    """Return the JSON of a cell, for Django to read; what it leaves as text where it is not as Django writes it."""
    if cell is None or _is_canonical_json(cell):
        return cell
    return f"{_NO_JSON}{cell!r}"


def _is_canonical_json(cell: object) -> bool:
    if type(cell) is not str:
        return False
    try:
        return json.dumps(json.loads(cell)) == cell
    except (ValueError, RecursionError):
        return False


READERS: Mapping[str, Callable[[Any, object, object], Any]] = MappingProxyType(
    {
        "DateTimeField": _reader_of(
            lambda cell: datetime.fromisoformat(f"{cell}{_UTC}"),
            lambda instant: instant.isoformat(" ").removesuffix(_UTC),
        ),
        "DateField": _reader_of(date.fromisoformat, str),
        "BooleanField": read_truth,
        "UUIDField": _reader_of(UUID, lambda identifier: identifier.hex),
        "JSONField": read_json,
    }
)
"""By the type of a column, what makes a value of a cell, as Django's own converters do."""
