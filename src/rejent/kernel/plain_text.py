"""Rules for names that people read in registers, on pages and in letters."""

import unicodedata
from collections.abc import Iterator

_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Control characters, formatting (such as turning the direction of writing) and line ends."""


def is_plain(text: str) -> bool:
    """Return True if every sign is visible where it stands (Unicode 15, general categories)."""
    return not any(unicodedata.category(sign) in _UNSEEN for sign in text)


def is_of_one_script(text: str) -> bool:
    """Return True if each word's letters are of one script: no Cyrillic letter passes for a Latin one (Unicode TS 39 §5)."""
    return all(len(set(_scripts(word))) <= 1 for word in text.split())


def _scripts(word: str) -> Iterator[str]:
    return (unicodedata.name(sign, "?").partition(" ")[0] for sign in word if sign.isalpha())
