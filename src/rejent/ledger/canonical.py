"""Canonical JSON (RFC 8785): one byte sequence for one value, so that it can be hashed."""

import math
from collections.abc import Mapping
from decimal import Decimal
from json.encoder import encode_basestring

from rejent.ledger.errors import RecordRefusedError

LARGEST_INTEGER = 2**53 - 1
"""RFC 7493 §2.2: beyond it integers are not the same everywhere."""


def canonical(value: object) -> str:
    """The canonical text of a JSON value, to be encoded as UTF-8.

    Accepts ``None``, booleans, integers up to ±(2⁵³ - 1), finite floats, strings, lists, tuples and mappings with
    string keys.

    Raises:
        RecordRefusedError: anything else, at any depth, or text with half a surrogate pair.
    """
    text = _written(value)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise RecordRefusedError("A record holds text that is not Unicode.") from error
    return text


def _written(value: object) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Mapping):
        return (
            "{"
            + ",".join(f"{encode_basestring(key)}:{_written(value[key])}" for key in _ordered(value))
            + "}"
        )
    return _array(value)


def _array(value: object) -> str:
    if not isinstance(value, list | tuple):
        raise RecordRefusedError("A record cannot hold a value of type {kind}.", kind=type(value).__name__)
    return "[" + ",".join(map(_written, value)) + "]"


def _ordered(value: Mapping[object, object]) -> list[str]:
    """RFC 8785 §3.2.3: by UTF-16 code units, which for ASCII is the plain order."""
    keys = [key for key in value if isinstance(key, str)]
    if len(keys) != len(value):
        raise RecordRefusedError("A record has a key that is not text.")
    if all(map(str.isascii, keys)):
        return sorted(keys)
    return sorted(keys, key=lambda key: key.encode("utf-16-be", "surrogatepass"))


def _integer(value: int) -> str:
    if abs(value) > LARGEST_INTEGER:
        raise RecordRefusedError("A record holds an integer beyond 2^53 - 1.", advice="Write it as text.")
    return str(int(value))


def _number(value: float) -> str:
    """RFC 8785 §3.2.2.3: as ECMAScript writes a number, from the shortest digits that read back the same."""
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
