"""What may stand in a name that people read in registers, on pages and in letters."""

import unicodedata

_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Unicode's categories of control characters, formatting (such as turning the direction of writing), line ends."""


def is_plain(text: str) -> bool:
    """Whether every sign is one that a reader sees where it stands (Unicode 15, general categories)."""
    return not any(unicodedata.category(sign) in _UNSEEN for sign in text)
