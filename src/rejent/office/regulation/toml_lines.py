"""Lines of the keys of a valid TOML text; ``tomllib`` reads values only.

Only structure is read (TOML 1.0: keys, tables, arrays of tables, strings of four kinds, inline tables).
"""

import re

Path = tuple[str | int, ...]
"""Keys from the top; an index for each element of an array."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\r\n]*")
_BLANK = re.compile(r"[ \t]*")
_BLANK_LINES = re.compile(r"(?:[ \t\r\n]|#[^\r\n]*)*")
_TRIPLE = {
    '"""': re.compile(r'(?:[^"\\]|\\.|"(?!""))*"{3,5}', re.DOTALL),
    "'''": re.compile(r"(?:[^']|'(?!''))*'{3,5}", re.DOTALL),
}
_SINGLE = {'"': re.compile(r'(?:[^"\\]|\\.)*"'), "'": re.compile(r"[^']*'")}
_ESCAPE = re.compile(r'\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[btnfr"\\])')
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}


def lines_of_keys(text: str) -> dict[Path, int]:
    """Return the line, counted from one, of every key, table and array element of a valid TOML text."""
    return _Scan(text).keys()


def line_of(path: Path, lines: dict[Path, int]) -> int:
    """Return the line of a path or its nearest parent that has one; 1 for what is nowhere."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return 1


class _Scan:
    """A walk over the text; the position is always at the next thing to read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._counted_to = 0
        self._lines: dict[Path, int] = {}
        self._lengths: dict[Path, int] = {}

    def keys(self) -> dict[Path, int]:
        table: Path = ()
        self._skip(_BLANK_LINES)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK_LINES)
        return self._lines

    def _skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise ValueError("not valid TOML")
        self._at = found.end()
        return found[0]

    def _mark(self, path: Path) -> None:
        self._line += self._text.count("\n", self._counted_to, self._at)
        self._counted_to = self._at
        for depth in range(1, len(path) + 1):
            self._lines.setdefault(path[:depth], self._line)

    def _header(self) -> Path:
        of_array = self._text.startswith("[[", self._at)
        start = self._at
        self._at += 2 if of_array else 1
        path: Path = ()
        parts = self._key()
        for depth, part in enumerate(parts):
            path = (*path, part)
            last = depth == len(parts) - 1
            if of_array and last:
                self._lengths[path] = self._lengths.get(path, 0) + 1
            if path in self._lengths:
                path = (*path, self._lengths[path] - 1)
        self._at += 2 if of_array else 1
        end, self._at = self._at, start
        self._mark(path)
        self._at = end
        return path

    def _key(self) -> list[str]:
        parts = []
        while True:
            self._skip(_BLANK)
            quote = self._text[self._at]
            if quote in _SINGLE:
                self._at += 1
                raw = self._skip(_SINGLE[quote])[:-1]
                parts.append(_ESCAPE.sub(_unescaped, raw) if quote == '"' else raw)
            else:
                parts.append(self._skip(_BARE_KEY))
            self._skip(_BLANK)
            if self._text[self._at] != ".":
                return parts
            self._at += 1

    def _pair(self, table: Path) -> None:
        start = self._at
        path = (*table, *self._key())
        end, self._at = self._at, start
        self._mark(path)
        self._at = end + 1
        self._skip(_BLANK)
        self._value(path)

    def _value(self, path: Path) -> None:
        triple = self._text[self._at : self._at + 3]
        first = triple[:1]
        if triple in _TRIPLE:
            self._at += 3
            self._skip(_TRIPLE[triple])
        elif first in _SINGLE:
            self._at += 1
            self._skip(_SINGLE[first])
        elif first == "[":
            self._array(path)
        elif first == "{":
            self._inline_table(path)
        else:
            self._skip(_SCALAR)

    def _array(self, path: Path) -> None:
        self._at += 1
        index = 0
        self._skip(_BLANK_LINES)
        while self._text[self._at] != "]":
            self._mark((*path, index))
            self._value((*path, index))
            index += 1
            self._skip(_BLANK_LINES)
            if self._text[self._at] == ",":
                self._at += 1
                self._skip(_BLANK_LINES)
        self._at += 1

    def _inline_table(self, path: Path) -> None:
        self._at += 1
        self._skip(_BLANK)
        while self._text[self._at] != "}":
            self._pair(path)
            self._skip(_BLANK)
            if self._text[self._at] == ",":
                self._at += 1
                self._skip(_BLANK)
        self._at += 1


def _unescaped(found: re.Match[str]) -> str:
    code = found[1]
    return _ESCAPED[code] if code in _ESCAPED else chr(int(code[1:], 16))  # type: ignore[outside-number]  # `_ESCAPE` bounds it
