"""Telephone numbers as people read them: in groups."""

import re

import phonenumbers

_HOME = "PL"
_NUMBER = re.compile(r"(?<![\w+])(\+\d{8,15}|[1-9]\d{8})(?!\w)", re.ASCII)
"""A whole number in a text: of any country with its code, or the nine digits of one of this country."""
_UNGROUPED = re.compile(r"\+48 ?(\d{2})(\d{3})(\d{2})(\d{2})", re.ASCII)
"""A number of this country in an area that no plan of numbers has."""


def readable_number(number: str) -> str:
    """Return a number as it is kept, in groups: ``+48 22 555 01 23``; one of this country as it was written, with or without its code.

    Anything else, such as an extension, stays as it is.
    """
    if not _NUMBER.fullmatch(number):
        return number
    try:
        parsed = phonenumbers.parse(number, _HOME)
    except phonenumbers.NumberParseException:
        return number
    grouped = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    grouped = _UNGROUPED.sub(r"+48 \1 \2 \3 \4", grouped)
    return grouped if number.startswith("+") else grouped.removeprefix("+48 ")


def group_numbers(text: str) -> str:
    """Return a text with each telephone number in it in groups."""
    return _NUMBER.sub(lambda found: readable_number(found[0]), text)
