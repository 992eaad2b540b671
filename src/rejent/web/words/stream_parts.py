"""The contract between the words of pages and every kind of stream."""

from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.utils.functional import Promise

from rejent.kernel.stream_parts import StreamPart

Words = Mapping[str, str | Promise]
"""Identifiers in the reader's language."""
Fact = tuple[str, tuple[str, ...]]
"""A label, and what stands beside it, line by line."""
Cause = tuple[str | Promise, str | Promise]
"""The words of a gap's cause, and what to do about it."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamWords:
    """Words for a kind's identifiers: its acts, facts, causes of gaps and conditions of a start.

    ``peoples_own`` are beginnings of the names of acts by people; ``values``, ``several`` and ``lists`` word facts by name: one
    identifier, several, or a list; ``planned`` are the causes that are no fault.
    """

    name: str | Promise
    nouns: Words = field(default_factory=dict)
    peoples_own: tuple[str, ...] = ()
    fact_names: Words = field(default_factory=dict)
    values: Mapping[str, Words] = field(default_factory=dict)
    several: Mapping[str, Words] = field(default_factory=dict)
    lists: Mapping[str, Callable[[Sequence[Any]], str]] = field(default_factory=dict)
    causes: Mapping[str, Cause] = field(default_factory=dict)
    planned: frozenset[str] = frozenset()
    conditions: Words = field(default_factory=dict)


WORDS: StreamPart[StreamWords] = StreamPart("words")


def with_streams(own: Mapping[str, T], words_of: Callable[[StreamWords], Mapping[str, T]]) -> Mapping[str, T]:
    """Return our own words for identifiers, with those of every kind of stream."""
    return {**own, **ChainMap(*(dict(words_of(words)) for _, words in WORDS.items()))}
