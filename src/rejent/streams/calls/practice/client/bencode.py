"""Bencode (BEP 3), the encoding of rtpengine's ng protocol."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Value: TypeAlias = "bytes | int | list[Value] | dict[bytes, Value]"
MAX_DEPTH = 32


def encoded(value: str | bytes | int | Sequence[object] | Mapping[str, object]) -> bytes:
    """Encode a value: text as UTF-8, keys sorted; TypeError for an unsupported type."""
    match value:
        case str():
            return encoded(value.encode())
        case bytes():
            return b"%d:%s" % (len(value), value)
        case int():
            return b"i%de" % value
        case Mapping():
            inside = b"".join(encoded(key) + encoded(value[key]) for key in sorted(value))  # type: ignore[arg-type] # checked as it is encoded
            return b"d" + inside + b"e"
        case Sequence():
            return b"l" + b"".join(map(encoded, value)) + b"e"  # type: ignore[arg-type] # likewise
    raise TypeError(type(value).__name__)


def decoded(text: bytes) -> Value:
    """Decode a value; ValueError where it is malformed, or has trailing bytes."""
    value, end = _value(text, 0, 0)
    if end != len(text):
        raise ValueError("something follows the value")
    return value


def _value(text: bytes, at: int, depth: int) -> tuple[Value, int]:
    if depth > MAX_DEPTH:
        raise ValueError("nested too deeply")
    sign = text[at : at + 1]
    if sign == b"i":
        end = text.index(b"e", at)
        return int(text[at + 1 : end]), end + 1
    if sign == b"l":
        return _list(text, at + 1, depth + 1)
    if sign == b"d":
        parts, end = _list(text, at + 1, depth + 1)
        keys, values = parts[::2], parts[1::2]
        if len(keys) != len(values) or not all(isinstance(key, bytes) for key in keys):
            raise ValueError("a key is none, or has no value")
        return {
            bytes(key): value for key, value in zip(keys, values, strict=True) if isinstance(key, bytes)
        }, end
    colon = text.index(b":", at)
    if not text[at:colon].isdigit():
        raise ValueError("a length is none")
    end = colon + 1 + int(text[at:colon])
    if end > len(text):
        raise ValueError("a text is cut short")
    return text[colon + 1 : end], end


def _list(text: bytes, at: int, depth: int) -> tuple[list[Value], int]:
    found: list[Value] = []
    while text[at : at + 1] != b"e":
        value, at = _value(text, at, depth)
        found.append(value)
    return found, at + 1
