"""Charsets that messages name: those of text alone, none that takes longer than its text is long."""

import codecs
import re

_OF_TEXT = re.compile(r"ascii|utf|iso8859|iso2022|cp\d|koi8|mac|gb|hz|big5|euc|shift|johab|tis|ptcp|kz")
"""Beginnings of the names that Python gives to charsets; ``punycode`` and ``idna``, which are quadratic, are none of them."""


def codec_of(charset: str) -> str:
    """Return the name of a charset by which text may be decoded; UTF-8 for one that is unknown or no charset of text."""
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):
        return "utf-8"
    return name if _OF_TEXT.match(name) else "utf-8"
