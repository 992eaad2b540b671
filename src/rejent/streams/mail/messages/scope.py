"""Which messages a case is about: people, words and a period; pure."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from rejent.kernel.intervals import Interval

MOST_LISTED = 40
"""Addresses, and words, of one scope."""
_ADDRESS = re.compile(r"[^\s@,;<>]{0,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
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
        addresses: whole ones, and domains as ``@domain``, in small letters; any of them among senders and receivers.
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


def folded(text: str) -> str:
    """Return a text as it is compared: small letters without marks, words parted by one blank."""
    return _BETWEEN.sub(" ", plain_letters(text)).strip()


def plain_letters(text: str) -> str:
    """Return a text in small letters without marks."""
    lower = text.casefold()
    if lower.isascii():
        return lower
    return _MARKS.sub("", unicodedata.normalize("NFKD", lower.replace("ł", "l")))


def read_addresses(written: str) -> tuple[list[str], list[str]]:
    """Return the addresses and domains of a list by commas, blanks or lines, and what is none."""
    found = list(dict.fromkeys(re.split(r"[\s,;]+", written.strip().lower()))) if written.strip() else []
    return [one for one in found if _ADDRESS.fullmatch(one)], [
        one for one in found if not _ADDRESS.fullmatch(one)
    ]


def read_words(written: str) -> list[str]:
    """Return the words or phrases of a list by commas or lines, folded."""
    found = (folded(one) for one in re.split(r"[,;\n]+", written))
    return [one for one in dict.fromkeys(found) if one]
