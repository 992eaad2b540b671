"""Numbers that come from outside: what Python's own readers take goes past what protocols write.

``int`` and ``float`` take signs, blanks, underscores and the digits of every script; ``int`` raises over 4 300 digits, and
``str.isdigit`` says yes to "²", which ``int`` refuses. `tools/mypy_numbers.py` finds text
that reaches them past this module.
"""

import re
from typing import Final

LARGEST_ID: Final = 2**63 - 1
"""Of a row: what both databases number with (bigint)."""
_DIGITS: Final = {10: re.compile(r"[0-9]+"), 16: re.compile(r"[0-9A-Fa-f]+")}
_DECIMAL: Final = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,15})?")  # a float keeps 15 digits


def read_number(text: str | bytes, *, most: int, least: int = 0, base: int = 10) -> int | None:
    """Return the number that ``text`` writes in ASCII digits alone, or None where it is not one from ``least`` to ``most``.

    Args:
        text: what was received; leading zeros count for nothing, and a sign or a blank is no digit.
        most: the largest number that is taken; text with more digits is refused before it is converted.
        least: the smallest number that is taken.
        base: 10, or 16 without a prefix.
    """
    written = text.decode("latin-1") if isinstance(text, bytes) else text
    if _DIGITS[base].fullmatch(written) is None:
        return None
    significant = written.lstrip("0") or "0"
    if len(significant) > len(str(most)):
        return None
    number = int(significant, base)
    return number if least <= number <= most else None


def read_decimal(text: str | bytes, *, most: float, least: float = 0.0) -> float | None:
    """Return the decimal fraction that ``text`` writes ("12", "0.5"), or None where it is not one from ``least`` to ``most``."""
    written = text.decode("latin-1") if isinstance(text, bytes) else text
    if _DECIMAL.fullmatch(written) is None:
        return None
    number = float(written)
    return number if least <= number <= most else None
