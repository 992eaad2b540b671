"""Shapes of records that a subject expects of its acts: one of any other shape becomes a finding, never an exception.

A ledger outlives the programs that wrote it, and a row can be edited behind the program's back.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from rejent.registers.queries import EnteredAct

Facts = Mapping[str, object]
"""The facts of a record."""
Shape = Mapping[str, Callable[[object], bool]]
"""The facts that a record must hold, each with how it must look; further ones do not matter."""

_NO_INSTANT = datetime.min.replace(tzinfo=UTC)
"""Of an act whose instant cannot be read."""


def text(fact: object) -> bool:
    """Return whether a fact is text."""
    return isinstance(fact, str)


def whole(fact: object) -> bool:
    """Return whether a fact is a whole number."""
    return isinstance(fact, int) and not isinstance(fact, bool)


def texts(fact: object) -> bool:
    """Return whether a fact is a list of texts."""
    return isinstance(fact, list) and all(map(text, fact))


def legible(acts: Iterable[EnteredAct], shapes: Mapping[str, Shape], odd: list[int]) -> Iterator[EnteredAct]:
    """Yield the acts; one whose record has not the shape of its name as if it were erased, its index kept in `odd`.

    Args:
        acts: of any names.
        shapes: by name; acts of other names pass as they are.
        odd: filled with the indexes of those that are not as expected.
    """
    for act in acts:
        if (
            act.at is not None
            and not act.changed
            and (act.facts is None or _fits(act.facts, shapes.get(act.act, {})))
        ):
            yield act
        else:
            odd.append(act.index)
            yield replace(act, facts=None, at=act.at or _NO_INSTANT)


def _fits(facts: Mapping[str, object], shape: Shape) -> bool:
    return all(name in facts and looks(facts[name]) for name, looks in shape.items())
