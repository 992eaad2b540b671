"""What the pages need of every kind of stream."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

from rejent.kernel.stream_parts import StreamPart

if TYPE_CHECKING:
    from django.http import HttpResponse

    from rejent.access.views import ViewingView
    from rejent.web.visitor import PersonRequest

Words = Mapping[str, str | Promise]
"""Identifiers in the reader's language."""
Cause = tuple[str | Promise, str | Promise]
"""The words of a gap's cause, and what to do about it."""

ANYONE = "anyone"
SIGNED_IN = "signed-in"
KNOWN = "known"
"""To whoever is signed in, and is known to be the person of the account."""
NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRoutes:
    """The addresses of a kind's own pages.

    Attributes:
        urls: the module that lists them.
        permissions: to whom each opens, as in `rejent.web.route_permissions`.
        showing: those behind which numbers or recordings stand, or what was said of them.
    """

    urls: str
    permissions: Mapping[str, str]
    showing: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPages:
    """What a kind's pages are to the pages of every stream.

    Attributes:
        show: shows the recording of an open viewing.
        finder: the name of the page on which recordings are found.
    """

    show: "Callable[[PersonRequest, ViewingView], HttpResponse]"
    finder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamWords:
    """What a kind's identifiers are called.

    Attributes:
        name: the kind of stream itself.
        nouns: its acts.
        peoples_own: the beginnings of the names of those acts that people did, not the program.
        fact_names: the facts of its acts' records.
        values: by a fact's name, what its identifiers are called.
        several: the same of facts that are several identifiers.
        lists: by a fact's name, what makes one text of a list.
        causes: why it was not recorded.
        planned: those causes that are no fault.
        conditions: what its start may wait for.
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


ROUTES: StreamPart[StreamRoutes] = StreamPart("routes")
PAGES: StreamPart[StreamPages] = StreamPart("pages")
WORDS: StreamPart[StreamWords] = StreamPart("words")
