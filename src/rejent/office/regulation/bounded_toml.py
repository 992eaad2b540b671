"""TOML from outside, read within bounds of what it nests.

``tomllib`` walks from the top for each part of a key, and calls itself for each bracket: both are counted before it reads.
"""

import re
import tomllib
from typing import Any, Final

from rejent.kernel.sentences import Sentence

LONGEST_FILE: Final = 256 * 1024
"""Characters; a regulation is a few pages, an installation's file is one."""
DEEPEST: Final = 16
"""Parts of a key, and brackets within brackets; a regulation has four."""

_QUOTED: Final = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+(?:"{3,5})?'
    r"|'''(?:[^']|'(?!''))*+(?:'{3,5})?"
    r'|"(?:[^"\\\n]|\\[^\n])*+"?'
    r"|'[^'\n]*+'?"
    r"|#[^\n]*+",
    re.DOTALL,
)
"""Strings of four kinds, and comments (TOML 1.0); one that does not end is where ``tomllib`` ends, too."""
_STRUCTURE: Final = re.compile(r"[.\[\]{}\n=,]")
_PLACE: Final = re.compile(r"\(at line ([0-9]{1,9}), column [0-9]{1,9}\)")


class NotTomlError(ValueError):
    """A text that is no TOML, is too long, or nests too deeply: its line, counted from one, and why.

    Args:
        line: the line.
        sentence: why, for readers of any language.
        why: what ``tomllib`` says of it, where that read it.
    """

    def __init__(self, line: int, sentence: Sentence, why: str = "") -> None:
        super().__init__(why or f"line {line}: {sentence}")
        self.line = line
        self.sentence = sentence


def read_toml(text: str) -> dict[str, Any]:
    """Return the table of a text. Raises `NotTomlError`."""
    if len(text) > LONGEST_FILE:
        raise NotTomlError(
            1, Sentence("The file is longer than {longest} characters.", {"longest": LONGEST_FILE})
        )
    line = _first_too_deep(text)
    if line is not None:
        raise NotTomlError(
            line,
            Sentence(
                "The line has more than {deepest} parts or brackets in one another.", {"deepest": DEEPEST}
            ),
        )
    try:
        return tomllib.loads(text)
    except ValueError as refused:  # no TOML, or a number of thousands of digits
        found = _PLACE.search(str(refused))
        at_end = text.count("\n") + 1 if "end of document" in str(refused) else 1
        line = int(found[1]) if found else at_end
        raise NotTomlError(
            line, Sentence("This is not TOML: the line cannot be read."), str(refused)
        ) from None


def _first_too_deep(text: str) -> int | None:
    plain = _QUOTED.sub(lambda found: "\n" * found[0].count("\n"), text)
    line, parts, brackets = 1, 1, 0
    for found in _STRUCTURE.finditer(plain):
        sign = found[0]
        parts = parts + 1 if sign == "." else 1
        brackets = max(brackets + (sign in "[{") - (sign in "]}"), 0)
        if max(parts, brackets) > DEEPEST:
            return line
        line += sign == "\n"
    return None
