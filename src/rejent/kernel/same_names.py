"""Plain values made of what has attributes of the same names, such as a row of the database."""

from dataclasses import fields
from typing import Any, TypeVar, cast

T = TypeVar("T")


def of_same_names(kind: type[T], source: object, /, **given: object) -> T:
    """Return a dataclass whose fields are attributes of ``source`` but for those that are ``given``; what it lacks has its default."""
    names = (each.name for each in fields(cast("Any", kind)))
    found = {name: getattr(source, name) for name in names if name not in given and hasattr(source, name)}
    return kind(**found, **given)
