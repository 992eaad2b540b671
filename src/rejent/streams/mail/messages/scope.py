"""Which messages a case is about: people, words and a period; pure."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from rejent.kernel.intervals import Interval
from rejent.streams.mail.messages.addresses import read_address, read_domain

MOST_LISTED = 40
"""Addresses, and words, of one scope."""
_ENTRY = re.compile(r'(?:"(?:[^"\\]|\\.)*+"|[^\s,;])++')
"""An entry of a list of addresses; within quotes a local part holds blanks and commas."""
_MARKS = re.compile("[\u0300-\u036f]+")
_BETWEEN = re.compile(r"\W+")


class Question(StrEnum):
    """What is to be weighed before an employee's letters are read (Bărbulescu v. Romania, 61496/08, §121)."""

    NOTIFIED = "notified"
    EXTENT = "extent"
    REASONS = "reasons"
    LESS_INTRUSIVE = "less_intrusive"
    CONSEQUENCES = "consequences"
    SAFEGUARDS = "safeguards"


class Ground(StrEnum):
    """On whose word messages are opened."""

    AUTHORITY = "authority"
    INTERNAL = "internal"


@dataclass(frozen=True)
class Scope:
    """What a case may open.

    Attributes:
        addresses: whole ones, and domains as ``@domain``, in normal form; any of them among senders and receivers.
        words: beginnings of words as `folded`; any of them in subject or text. Nothing stated asks for nothing.
    """

    interval: Interval
    addresses: tuple[str, ...] = field(repr=False)
    words: tuple[str, ...] = field(repr=False)

    def covers_people(self, people: Collection[str]) -> bool:
        """Return whether one of the addresses of a message belongs to it."""
        if not self.addresses:
            return True
        exact, domains = self._parted
        return any(one in exact or one[one.rfind("@") :] in domains for one in people)

    def covers_text(self, text: str) -> bool:
        """Return whether a folded text has one of its words."""
        return not self.words or self._pattern.search(text) is not None

    @cached_property
    def _parted(self) -> tuple[frozenset[str], frozenset[str]]:
        exact = frozenset(one for one in self.addresses if not one.startswith("@"))
        return exact, frozenset(self.addresses) - exact

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(r"\b(?:" + "|".join(map(re.escape, self.words)) + ")")


_POLISH = tuple(zip("ąćęłńóśźż", "acelnoszz", strict=True))
"""Replaced before all others: most letters have no more, and Unicode takes ``ł`` for a letter without a mark."""


def folded(text: str) -> str:
    """Return a text as it is compared: small letters without marks, words parted by one blank."""
    return _BETWEEN.sub(" ", plain_letters(text)).strip()


def plain_letters(text: str) -> str:
    """Return a text in small letters without marks."""
    lower = text.casefold()
    if not lower.isascii():
        for letter, plain in _POLISH:
            lower = lower.replace(letter, plain)
    if lower.isascii():
        return lower
    return _MARKS.sub("", unicodedata.normalize("NFKD", lower))


def read_addresses(written: str) -> tuple[list[str], list[str]]:
    """Return the addresses and domains of a list by commas, blanks or lines, in normal form, and what is none."""
    found: dict[str, None] = {}
    wrong: dict[str, None] = {}
    for entry in _ENTRY.findall(written):
        domain = read_domain(entry[1:]) if entry.startswith("@") else None
        if (one := f"@{domain}" if domain else read_address(entry)) is not None:
            found[one] = None
        else:
            wrong[entry] = None
    return list(found), list(wrong)


def read_words(written: str) -> list[str]:
    """Return the words or phrases of a list by commas or lines, folded."""
    found = (folded(one) for one in re.split(r"[,;\n]+", written))
    return [one for one in dict.fromkeys(found) if one]
