"""The signs that the fonts of documents can show, and text made of them alone."""

import unicodedata

REPLACEMENT = "\ufffd"
"""Replaces a character that cannot be shown, so that a reader sees that something is missing."""

SHOWN = (
    range(0x20, 0x7F),
    range(0xA0, 0xAD),
    range(0xAE, 0x180),
    range(0x218, 0x21C),
    range(0x391, 0x3A2),
    range(0x3A3, 0x3AA),
    range(0x3B1, 0x3CA),
    range(0x400, 0x460),
    range(0x1E00, 0x1E97),
    range(0x1E9E, 0x1E9F),
    range(0x1EA0, 0x1EFA),
    range(0x2010, 0x2023),
    range(0x2026, 0x2027),
    range(0x2030, 0x2031),
    range(0x2032, 0x2034),
    range(0x2039, 0x203B),
    range(0x20AC, 0x20AD),
    range(0x2116, 0x2117),
    range(0x2122, 0x2123),
    range(0x2190, 0x2194),
    range(0x2212, 0x2213),
    range(0x2260, 0x2261),
    range(0x2264, 0x2266),
)
"""Latin with its accents, Greek, Cyrillic, and the signs of ordinary writing; soft hyphens are left out."""


def printable(text: str) -> str:
    """Return the text on one line, composed (Unicode NFC), with `REPLACEMENT` for each character that cannot be shown."""
    composed = unicodedata.normalize("NFC", " ".join(text.split("\n")))
    return "".join(map(_show_sign, composed))


def _show_sign(sign: str) -> str:
    if any(ord(sign) in signs for signs in SHOWN):
        return sign
    return " " if sign.isspace() else REPLACEMENT
