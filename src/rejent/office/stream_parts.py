"""Parts of a kind of stream that the office reads: the statute's rules of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rejent.kernel.stream_parts import StreamPart
from rejent.office.installation import Table
from rejent.office.regulation.demands import Demands
from rejent.office.regulation.gates import Condition, Gate
from rejent.office.regulation.law import Rule
from rejent.office.regulation.provisions import Regulation
from rejent.office.regulation.vocabulary import Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The statute's rules of one stream besides those of every one.

    Attributes:
        purposes: the rule that lists its purposes, or that demands a ground where none does.
        grounds: returns the closed list of its purposes by a regulation; nothing where no statute lists them.
        own_keys: keys that few streams have, of those that it has.
        period_may_wait: the office may set its retention later; it stays off until then.
    """

    demands: tuple[Demands, ...]
    purposes: Rule
    grounds: Callable[[Regulation], frozenset[Ground] | None]
    own_keys: frozenset[str] = frozenset()
    period_may_wait: bool = False
    conditions: Callable[[Gate], Iterator[Condition]] = lambda _: iter(())


SECTIONS: StreamPart[Section] = StreamPart("section")
SETTINGS: StreamPart[Callable[[Table], object]] = StreamPart("settings")
"""Reads the section of ``rejent.toml`` that bears the stream's name; raises `InputRefusedError` for what is misstated."""
