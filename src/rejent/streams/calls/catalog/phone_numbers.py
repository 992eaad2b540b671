"""The last signs of a telephone number, by which an index finds it from its end."""

import re
import unicodedata
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import unquote

import phonenumbers
from django.db.models import CharField, Func

SIGNS = 4
"""The fewest a number is looked for by its ending; a shorter one is looked for whole."""


class NumberSuffix(Func):
    """The last `SIGNS` signs of a text, or all of a shorter one; written out, so that SQLite sees the index of the same words."""

    function = "RIGHT"
    template = f"%(function)s(%(expressions)s, {SIGNS})"
    arity = 1
    output_field = CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """SQLite's substring counts from the end where the start is negative."""
        template = f"%(function)s(%(expressions)s, -{SIGNS})"
        return self.as_sql(compiler, connection, function="SUBSTR", template=template, **context)

    def in_python(self, text: str) -> str:
        """Return the same of a text that was read."""
        return text[-SIGNS:]


HOME = "PL"
_REMEMBERED = 32_768
"""Size of the cache of canonical numbers: a session may name thousands of addresses, each needed at every message."""
LONGEST = 40
_SCHEME = re.compile(r"^(sips?|tel):", re.IGNORECASE)
_FORMATTING = re.compile(r"[\s().\-/\u2010-\u2015\u00a0]+")
_HIDING = re.compile(r"(?:[*#]31#|\*67)(?=[+\d])")
"""Dialled prefixes that hide or show the caller's own number (3GPP TS 22.030 § 6.5.2)."""
_TRUNK_IN_BRACKETS = re.compile(r"^((?:\+|00)\s*\d[\d\s]{0,4})\(0\)")
"""``+48 (0) 75``: a nought that is dialled only within the country."""
_TRUNK_BEHIND_CODE = re.compile(r"(?:\+|00)480(?=\d{9}$)", re.ASCII)
"""The same without the brackets, as some exchanges put it together."""
_DIALLED = re.compile(r"^(\+?\d+)#+$", re.ASCII)
"""With the sign behind it by which an exchange knows that no digit follows."""
_OLD_TRUNK_PREFIX = re.compile(r"0[1-9]\d{8}")
_SHORTEST_PUBLIC = 7
"""Digits; fewer are an extension of the office or a short service number, and stay as they are."""
_HOME_CODE = "+48"
_WHOLE = re.compile(r"(?:\+48)?([1-9]\d{8})", re.ASCII)
"""A number of this country, as most are: nothing is to be found out about it."""
_SHORTEST_BEGINNING = 5
_NOBODY = frozenset(
    {"anonymous", "unavailable", "restricted", "unknown", "private", "withheld", "zastrzeżony", "nieznany"}
)
_ENDING = re.compile(rf"\d{{{SIGNS},8}}", re.ASCII)
"""Digits that are too few for a number of this country, which has nine."""


@lru_cache(maxsize=_REMEMBERED)
def canonical_number(written: str) -> str:
    """Return one number, as written by a person or as a SIP or tel address, as it is kept and looked for.

    A public number becomes E.164 (``+48751234567``, ITU-T E.164 §6), an extension or a short number stays digits, an
    account's name stays a name in small letters, a withheld number becomes empty. Unprintable characters go: an address
    may spell any (``%00``), and PostgreSQL keeps no NUL in a text.
    """
    whole = unicodedata.normalize("NFKC", unquote(written)).strip()
    user = _SCHEME.sub("", whole).partition("@")[0].partition(";")[0].strip()
    shown = _TRUNK_IN_BRACKETS.sub(r"\1", _HIDING.sub("", user, count=1).strip())
    plain = "".join(filter(str.isprintable, _FORMATTING.sub("", shown)))
    plain = (
        _TRUNK_BEHIND_CODE.sub(_HOME_CODE, _DIALLED.sub(r"\1", plain))
        if plain[:1] in "+0123456789"
        else plain
    )
    if not re.fullmatch(r"\+?\d+", plain, re.ASCII):
        return "" if plain.lower() in _NOBODY else plain.lower()[:LONGEST]
    if len(plain.lstrip("+")) < _SHORTEST_PUBLIC:
        return plain
    if _OLD_TRUNK_PREFIX.fullmatch(plain):
        plain = plain[1:]
    if ours := _WHOLE.fullmatch(plain):
        return f"{_HOME_CODE}{ours[1]}"
    try:
        number = phonenumbers.parse(plain, HOME)
    except phonenumbers.NumberParseException:
        return plain[:LONGEST]
    if not phonenumbers.is_possible_number(number):
        return plain[:LONGEST]
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_number(written: str) -> bool:
    """Return True if a person wrote a telephone number, or an extension."""
    digits = canonical_number(written).lstrip("+")
    return digits.isascii() and digits.isdigit()


def begins_with(number: str, prefix: str) -> bool:
    """Return True if a canonical number begins with a prefix.

    A prefix of digits alone stands for a number of this country or, where they are few, for an extension: 12 is no
    number of the whole of Kraków.
    """
    if prefix.startswith("+"):
        return number.startswith(prefix)
    if number.startswith("+"):
        return len(prefix) >= _SHORTEST_BEGINNING and number.startswith(_HOME_CODE + prefix)
    return number.startswith(prefix)


class SearchTerm(NamedTuple):
    """A whole number, or an ending, that numbers are compared with."""

    number: str
    ending: bool


def search_term(written: str) -> SearchTerm:
    """Return how a written number is looked for: four to eight digits may be the ending of a longer one."""
    plain = _FORMATTING.sub("", _SCHEME.sub("", written.strip()))
    if _ENDING.fullmatch(plain):
        return SearchTerm(plain, ending=True)
    return SearchTerm(canonical_number(written), ending=False)
