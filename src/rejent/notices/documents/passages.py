"""Passages that an office may word itself: each has a name, its own wording, and the placeholders that any wording must hold."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Formatter

from django.utils.functional import Promise
from django.utils.translation import gettext

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of the documents. ``name`` stands in the ledger; ``wording`` is the program's own, with placeholders in braces."""

    name: str
    title: Words
    wording: Words

    @property
    def placeholders(self) -> frozenset[str]:
        """Return the names that stand in braces in the program's own wording."""
        return frozenset(placeholders_in(str(self.wording)))


def placeholders_in(text: str) -> Iterator[str]:
    """Yield the name of each placeholder of a text; raises ValueError for a brace that belongs to none."""
    for _, name, form, conversion in Formatter().parse(text):
        if name is not None:
            if not name.isidentifier() or form or conversion:
                raise ValueError(name)
            yield name


PASSAGES: dict[str, Passage] = {}
"""Every passage of the program, by name."""


def passage(name: str, title: Words, wording: Words) -> Passage:
    """Return a passage and make it known; raises ValueError for a name that is taken."""
    if name in PASSAGES:
        raise ValueError(f"two passages are named {name}")
    PASSAGES[name] = Passage(name, title, wording)
    return PASSAGES[name]


def purpose_passage(purpose_id: str, text: Words) -> Passage:
    """Return the passage of a purpose: the regulation's own words of it."""
    return Passage(f"purpose-{purpose_id}"[:40], gettext("Purpose"), text)


def filled(each: Passage, wordings: Mapping[str, str], **values: str) -> str:
    """Return what is said: the office's own wording where there is one, filled with values."""
    return (wordings.get(each.name) or str(each.wording)).format_map(values)
