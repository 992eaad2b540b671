"""What may stand in a name that people read in registers, on pages and in letters."""

import unicodedata
from collections.abc import Iterator

_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Unicode's categories of control characters, formatting (such as turning the direction of writing), line ends."""


def is_plain(text: str) -> bool:
    """Whether every sign is one that a reader sees where it stands (Unicode 15, general categories)."""
    return not any(unicodedata.category(sign) in _UNSEEN for sign in text)


def is_of_one_script(text: str) -> bool:
    """Whether the letters of each word are of one script: no Cyrillic letter passes for a Latin one (Unicode TS 39, section 5)."""
    return all(len(set(_scripts(word))) <= 1 for word in text.split())


def _scripts(word: str) -> Iterator[str]:
    """The script of each letter, as the first word of its Unicode name tells it."""
    return (unicodedata.name(sign, "?").partition(" ")[0] for sign in word if sign.isalpha())
