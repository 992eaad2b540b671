"""Writing a regulation as TOML: what a form or an office's first evening changed, in the keys that `loading` reads."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from rejent.office.regulation.toml_lines import Path


def write_regulation(document: Mapping[str, Any]) -> str:
    """Return a document as TOML: values first, then the tables, in the order in which they stand."""
    return "\n".join(_lines(document, ())).strip() + "\n"


def _lines(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    tables = {
        key: value for key, value in table.items() if isinstance(value, Mapping) or _holds_tables(value)
    }
    for key, value in table.items():
        if key not in tables:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in tables.items():
        within = (*path, key)
        name = ".".join(map(_key, within))
        if isinstance(value, Mapping):
            yield from ("", f"[{name}]")
            yield from _lines(value, within)
        else:
            for each in value:
                yield from ("", f"[[{name}]]")
                yield from _lines(each, within)


def _holds_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def _key(key: str) -> str:
    plain = bool(key) and all(sign.isascii() and (sign.isalnum() or sign in "-_") for sign in key)
    return key if plain else _value(key)


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def value_at(document: Mapping[str, Any], path: Path) -> Any:
    """Return the value at a path of keys; None where there is none."""
    found: Any = document
    for part in path:
        if isinstance(found, Mapping):
            found = found.get(str(part))
        elif isinstance(found, list) and isinstance(part, int) and part < len(found):
            found = found[part]
        else:
            return None
    return found


def set_value(document: dict[str, Any], path: Iterable[str], value: Any) -> None:
    """Set the value at a path of keys, making tables on the way; None takes the key out."""
    *tables, last = path
    table = document
    for key in tables:
        table = table.setdefault(key, {})
    if value is None:
        table.pop(last, None)
    else:
        table[last] = value
