"""Shapes of records that a subject expects of its acts: one of any other shape becomes a finding, never an exception.

A ledger outlives the programs that wrote it, and a row can be edited behind the program's back.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from rejent.kernel.intervals import Interval
from rejent.registers.queries import EnteredAct

Facts = Mapping[str, object]
"""The facts of a record."""
Looks = Callable[[object], bool]
Shape = Mapping[str, Looks]
"""The facts that a record must hold, each with how it must look; further ones do not matter."""

_NO_INSTANT = datetime.min.replace(tzinfo=UTC)
"""Of an act whose instant cannot be read."""


def text(fact: object) -> bool:
    """Text."""
    return isinstance(fact, str)


def whole(fact: object) -> bool:
    """A whole number."""
    return isinstance(fact, int) and not isinstance(fact, bool)


def instant(fact: object) -> bool:
    """An instant with its offset, ISO 8601."""
    try:
        return isinstance(fact, str) and datetime.fromisoformat(fact).tzinfo is not None
    except ValueError:
        return False


def texts(fact: object) -> bool:
    """A list of texts."""
    return isinstance(fact, list) and all(map(text, fact))


def stretches(fact: object) -> bool:
    """A list of pairs of instants, the later one second."""
    return isinstance(fact, list) and all(map(_stretch, fact))


def absent_or(looks: Looks) -> Looks:
    """Nothing, or what looks so."""
    return lambda fact: fact is None or looks(fact)


def legible(acts: Iterable[EnteredAct], shapes: Mapping[str, Shape], odd: list[int]) -> Iterator[EnteredAct]:
    """The acts; one whose record has not the shape of its name is told as if it were erased, and its index kept.

    Args:
        acts: of any names.
        shapes: by name; acts of other names pass as they are.
        odd: takes the indexes of those that are not as expected.
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


def _stretch(fact: object) -> bool:
    if not isinstance(fact, Sequence) or len(fact) != 2 or not all(map(instant, fact)):
        return False
    start, end = map(datetime.fromisoformat, fact)
    try:
        Interval(start, end)
    except ValueError:
        return False
    return True
