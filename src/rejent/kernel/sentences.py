"""Sentences as values: an English template and its facts, rendered in the reader's language by whoever shows them.

Pure subjects cannot translate. A page, a document or a command renders a `Sentence` with its own translations and dates,
so that „poniedziałek, 23 listopada 2026 r.” and "Monday, 23 November 2026" come from one value.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, Union

Fact = Union[str, int, date, "Sentence"]
"""A value for a named place; a nested sentence is rendered in the same language."""


class Language(Protocol):
    """A language's translations, plural forms and dates."""

    def gettext(self, message: str) -> str:
        """Return the translated message."""

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Return the form of the message that belongs to the number."""

    def day(self, day: date) -> str:
        """Return a civil date, with its weekday, in words."""


class PlainEnglish:
    """The language of logs and of the command: templates as they stand."""

    def gettext(self, message: str) -> str:
        """Return the message itself."""
        return message

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Return the English form for the number."""
        return singular if number == 1 else plural

    def day(self, day: date) -> str:
        """Return for example ``Monday, 23 November 2026``."""
        return f"{_WEEKDAYS[day.weekday()]}, {day.day} {_MONTHS[day.month - 1]} {day.year}"


_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

PLAIN_ENGLISH = PlainEnglish()


@dataclass(frozen=True, slots=True)
class Sentence:
    """One translatable sentence; with ``plural``, the form for other numbers than one, ``facts["count"]`` decides between the two."""

    template: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    plural: str = ""

    def render(self, language: Language = PLAIN_ENGLISH) -> str:
        """Return the sentence in a language."""
        if self.plural:
            count = self.facts["count"]
            if not isinstance(count, int):
                raise TypeError("a sentence with a plural form counts something")
            text = language.ngettext(self.template, self.plural, count)
        else:
            text = language.gettext(self.template)
        return text.format(**{name: _render_fact(fact, language) for name, fact in self.facts.items()})

    def __str__(self) -> str:
        return self.render()


def _render_fact(fact: Fact, language: Language) -> str:
    if isinstance(fact, Sentence):
        return fact.render(language)
    if isinstance(fact, date):
        return language.day(fact)
    return str(fact)
