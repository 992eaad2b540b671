"""Names of the acts entered in the ledger, each with its sentence in the reader's language.

Every subject lists its acts as constants in its ``acts.py``; a name is given once in the whole program.
"""

from collections.abc import Mapping
from typing import Protocol, TypedDict

from rejent.kernel.clock import Clock


class Template(Protocol):
    """A template with ``{named}`` places, possibly translated when it is read."""

    def __str__(self) -> str:
        """Return the template in the reader's language."""


class Acting(TypedDict):
    """Arguments of every service that enters an act: the program's clock, and who acts."""

    clock: Clock
    actor: str


_ACTS: dict[str, "Act"] = {}


class Act:
    """One kind of act, named ``subject.what-happened``, which stands in the ledger for ever.

    ``with_fact`` has the templates used instead of ``sentence`` for records that hold a fact, or all of several with blanks between their names;
    the first that fits. Of an act that is not ``by_recorder`` an entry without the office's tag counts for nothing.
    """

    __slots__ = ("by_recorder", "name", "sentence", "with_fact")

    def __init__(
        self,
        name: str,
        sentence: Template,
        *,
        with_fact: Mapping[str, Template] | None = None,
        by_recorder: bool = False,
    ) -> None:
        if name in _ACTS:
            raise ValueError(f"two acts are named {name}")
        self.name = name
        self.sentence = sentence
        self.with_fact = with_fact or {}
        self.by_recorder = by_recorder
        _ACTS[name] = self

    def has_template_for(self, fact: str) -> bool:
        """Return whether there is a template for records that hold a fact."""
        return any(fact in facts.split() for facts in self.with_fact)

    def __repr__(self) -> str:
        return f"Act({self.name!r})"

    def describe(self, record: Mapping[str, object]) -> str:
        """Return the filled sentence; a place that the record lacks stays visible as ``{place}``."""
        fitting = (each for facts, each in self.with_fact.items() if all(map(record.get, facts.split())))
        return str(next(fitting, self.sentence)).format_map(_KeepMissing(record))


class _KeepMissing:
    """A record as templates read it: a place that it lacks stands for itself."""

    def __init__(self, record: Mapping[str, object]) -> None:
        self._record = record

    def __getitem__(self, place: str) -> object:
        return self._record.get(place, "{" + place + "}")


def is_by_recorder(name: str) -> bool:
    """Return whether a recorder may enter acts of this name; nobody may enter one that is not defined."""
    return name in _ACTS and _ACTS[name].by_recorder


def all_acts() -> Mapping[str, Act]:
    """Return every act defined so far, by name."""
    return dict(_ACTS)
