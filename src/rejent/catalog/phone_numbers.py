"""One spelling for each telephone number, however a PBX, a SIP address or a person writes it."""

import re
from typing import NamedTuple
from urllib.parse import unquote

import phonenumbers

from rejent.catalog.endings import SIGNS

HOME = "PL"
"""Where a number without a country code belongs."""
LONGEST = 40
"""Characters kept of a number."""
_SCHEME = re.compile(r"^(sips?|tel):", re.IGNORECASE)
_FORMATTING = re.compile(r"[\s().\-/\u2010-\u2015\u00a0]+")
_OLD_TRUNK_PREFIX = re.compile(r"0[1-9]\d{8}")
_SHORTEST_PUBLIC = 7
"""Digits; fewer are an extension of the office or a short service number, and stay as they are."""
_NOBODY = frozenset(
    {"anonymous", "unavailable", "restricted", "unknown", "private", "withheld", "zastrzeżony", "nieznany"}
)
_ENDING = re.compile(rf"\d{{{SIGNS},8}}", re.ASCII)
"""Digits that are too few for a number of this country, which has nine."""


def canonical_number(written: str) -> str:
    """One number as it is kept and looked for.

    A public number becomes E.164 (``+48751234567``, ITU-T E.164 §6), an extension or a short number stays digits, the
    name of an account stays a name in small letters; a withheld number becomes empty.

    Args:
        written: as a person writes it, or a SIP or tel address (RFC 3261 §19.1, RFC 3966) with or without parameters.
    """
    user = _SCHEME.sub("", unquote(written.strip())).partition("@")[0].partition(";")[0]
    plain = _FORMATTING.sub("", user)
    if not re.fullmatch(r"\+?\d+", plain, re.ASCII):
        return "" if plain.lower() in _NOBODY else plain.lower()[:LONGEST]
    if len(plain.lstrip("+")) < _SHORTEST_PUBLIC:
        return plain
    if _OLD_TRUNK_PREFIX.fullmatch(plain):
        plain = plain[1:]
    try:
        number = phonenumbers.parse(plain, HOME)
    except phonenumbers.NumberParseException:
        return plain[:LONGEST]
    if not phonenumbers.is_possible_number(number):
        return plain[:LONGEST]
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class Sought(NamedTuple):
    """What a number is compared with: the whole of it, or how it ends."""

    number: str
    ending: bool


def sought(written: str) -> Sought:
    """How a number is looked for that a person writes: from four to eight digits may be the ending of a longer one."""
    plain = _FORMATTING.sub("", _SCHEME.sub("", written.strip()))
    if _ENDING.fullmatch(plain):
        return Sought(plain, ending=True)
    return Sought(canonical_number(written), ending=False)


def readable_number(number: str) -> str:
    """A number as it is kept, in groups: ``+48 22 555 01 23``; anything else as it is."""
    try:
        return phonenumbers.format_number(
            phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL
        )
    except phonenumbers.NumberParseException:
        return number
