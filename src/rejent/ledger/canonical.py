"""Canonical JSON (RFC 8785): one byte sequence for one value, so that it can be hashed."""

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from rejent.ledger.errors import RecordRefusedError

LARGEST_INTEGER = 2**53 - 1
"""Largest integer that is the same everywhere (RFC 7493 §2.2)."""


def canonical_json(value: object) -> str:
    """Return the canonical text of a JSON value, to be encoded as UTF-8.

    Accepts ``None``, booleans, integers up to ±(2⁵³ - 1), finite floats, strings, lists, tuples and mappings with
    string keys. Raises `RecordRefusedError` if the value holds anything else, or half a surrogate pair.
    """
    text = _written(value)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise RecordRefusedError("A record holds text that is not Unicode.") from error
    return text


def _written(value: object) -> str:
    write = _WRITERS.get(type(value))
    if write is not None:
        return write(value)
    for kind, write in _WRITERS.items():
        if isinstance(value, kind):
            return write(value)
    raise RecordRefusedError("A record cannot hold a value of type {kind}.", kind=type(value).__name__)


def _array(value: Sequence[object]) -> str:
    return "[" + ",".join(map(_written, value)) + "]"


def _object(value: Mapping[str, object]) -> str:
    return (
        "{" + ",".join([f"{encode_basestring(key)}:{_written(value[key])}" for key in _ordered(value)]) + "}"
    )


def _ordered(value: Mapping[str, object]) -> list[str]:
    """Sort keys by UTF-16 code units (RFC 8785 §3.2.3), which for ASCII is the plain order."""
    try:
        keys = sorted(value)
        if "".join(keys).isascii():
            return keys
    except TypeError:
        raise RecordRefusedError("A record has a key that is not text.") from None
    return sorted(keys, key=lambda key: key.encode("utf-16-be", "surrogatepass"))


def _integer(value: int) -> str:
    if abs(value) > LARGEST_INTEGER:
        raise RecordRefusedError("A record holds an integer beyond 2^53 - 1.", advice="Write it as text.")
    return str(int(value))


def _number(value: float) -> str:
    """Write a number as ECMAScript does, from the shortest digits that read back the same (RFC 8785 §3.2.2.3)."""
    if not math.isfinite(value):
        raise RecordRefusedError("A record holds a number that is not finite.")
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    text = "".join(map(str, digits))
    point = len(text) + int(exponent)
    if len(text) <= point <= 21:
        body = text + "0" * (point - len(text))
    elif 0 < point <= 21:
        body = f"{text[:point]}.{text[point:]}"
    elif -6 < point <= 0:
        body = "0." + "0" * -point + text
    else:
        body = f"{text[0]}{'.' if text[1:] else ''}{text[1:]}e{point - 1:+d}"
    return "-" + body if sign else body


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: encode_basestring,
    bool: lambda value: "true" if value else "false",
    int: _integer,
    float: _number,
    dict: _object,
    list: _array,
    tuple: _array,
    type(None): lambda _: "null",
    Mapping: _object,
}
"""Writers by type; a boolean stands before the integer it also is."""
