"""The contract between the pages and every kind of stream."""

from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from django.utils.functional import Promise

from rejent.kernel.stream_parts import StreamPart

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from rejent.access.views import ViewingView
    from rejent.cases.views import CaseView
    from rejent.catalog.views import SourceView
    from rejent.office.views import PersonView
    from rejent.web.people.duties import Line
    from rejent.web.requests.visitor import PersonRequest
    from rejent.web.supervision.week_report import Reading, Section

Words = Mapping[str, str | Promise]
"""Identifiers in the reader's language."""
Fact = tuple[str, tuple[str, ...]]
"""A label, and what stands beside it, line by line."""
Cause = tuple[str | Promise, str | Promise]
"""The words of a gap's cause, and what to do about it."""

T = TypeVar("T")

ANYONE = "anyone"
SIGNED_IN = "signed-in"
KNOWN = "known"
"""To whoever is signed in, and is known to be the person of the account."""
NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRoutes:
    """The routes of a kind's own pages: the module of their addresses, and the permission of each.

    ``showing`` are those with numbers or recordings behind them, or what was said of them.
    """

    urls: str
    permissions: Mapping[str, str]
    showing: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of a source, such as a call; its ``end`` and ``length_s`` are None while it goes on.

    ``when`` says its times in words, ``facts`` who took part as far as known, ``named`` its name given the source's, and
    ``first_texts`` the first texts of its protocol by field, given the source's name.
    """

    start: datetime
    end: datetime | None
    when: str
    length_s: float | None
    facts: tuple[Fact, ...]
    named: Callable[[str], str]
    first_texts: Callable[[str], dict[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewingWords:
    """Words of pages and papers for viewing a kind's recordings, and for its sources.

    ``source_on_paper``, ``item_time``, ``by``, ``at``, ``presented`` and ``signature`` are labels in protocols,
    ``opening`` is their first sentence; ``protocol`` is their title with ``%(number)s``. ``item`` and ``one_item`` are empty
    where sources have no items; ``kept_by_item`` is for the page of holds where items are held from their own page;
    ``copied`` says how a copy is made; ``counted`` words how many recordings were opened and how long what was seen is.
    """

    source: str | Promise
    source_on_paper: str | Promise
    every_source: str | Promise = ""
    item: str | Promise = ""
    one_item: str | Promise = ""
    item_time: str | Promise = ""
    find: str | Promise
    protocol: str | Promise
    act: str | Promise
    opening: str | Promise
    by: str | Promise
    at: str | Promise
    presented: str | Promise
    signature: str | Promise
    heading: str | Promise
    still_open: str | Promise
    go_on: str | Promise
    stop: str | Promise
    guests: str | Promise
    to_recording: str | Promise
    nobody_else: str | Promise
    ban: str | Promise
    copied: str | Promise
    kept_by_item: str | Promise = ""
    counted: Callable[[int, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A link of the side column, shown where ``shown`` returns true for the person.

    ``begins`` is the act that begins there; the start page links to it for whoever may.
    """

    route: str
    title: str | Promise
    icon: str
    shown: "Callable[[PersonView], bool]"
    begins: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPages:
    """A kind's part of the pages common to all streams.

    ``show`` renders an open viewing; ``finder`` and ``live`` are names of pages, ``live`` empty where nothing is watched live;
    ``asked_again`` returns the address at which a recording or item is requested anew; ``items`` returns items by
    identifier, destroyed or not; ``way_to_item`` the page of an item for a person, empty if it is not open to them.
    Recordings are opened and held by time if ``by_interval``, otherwise by item; an authorisation may name single sources if
    ``by_source``. ``report`` returns sections of the week's report, ``alarms`` the page and the words for each kind of alarm;
    ``waits`` returns what waits for a person on the kind's own pages, for the page they start on.
    """

    show: "Callable[[PersonRequest, ViewingView], HttpResponse]"
    finder: str
    asked_again: Callable[[str], str]
    words: ViewingWords
    group: str | Promise
    places: Sequence[Place]
    items: Callable[[Iterable[str]], Mapping[str, Item]] = lambda _: {}
    way_to_item: "Callable[[PersonRequest, str], str]" = lambda *_: ""
    live: str = ""
    by_interval: bool
    by_source: bool
    sources: "SourcePages"
    report: "Callable[[Reading], Iterator[Section]]" = lambda _: iter(())
    alarms: Mapping[str, tuple[str, str | Promise]] = field(default_factory=dict)
    waits: "Callable[[PersonView], Iterable[Line]]" = lambda _: ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePages:
    """A kind's part of the pages of sources.

    ``table``, ``facts`` and ``more`` are templates, which read what ``facts_of`` returns of a source; ``address`` returns the
    source's address as shown, ``finder`` that of the page to find its recordings. ``add`` names the page that adds a source
    with its words, ``change`` the one that changes an address. ``empty`` is title, text and icon for prescribed sources that
    are missing. Where recordings are not ``lasting``, neither how long they are nor a month of them is shown.
    """

    table: str
    facts: str
    more: str
    facts_of: "Callable[[SourceView], dict[str, Any]]"
    address: "Callable[[SourceView], str]"
    finder: Callable[[str], str]
    add: tuple[str, str | Promise] | None = None
    change: str = ""
    empty: tuple[str | Promise, str | Promise, str]
    lasting: bool = True


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


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRecording:
    """A recording that a stream ties to a person: from when, what it is in words, and the item by which viewings name it.

    ``source_id`` and ``day`` are what its term is counted from.
    """

    start: datetime
    words: str
    item: str
    source_id: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnData:
    """What a kind keeps about one person, as far as it knows.

    ``kept`` says what is recorded, ``unknown`` what the program does not know of whom it is; ``recordings`` are those that are
    tied to the person, the newest first, ``more`` whether there are others. ``viewings`` are those whose case is about the person,
    the newest first; the page tells them some time after they ended, with the kind's own remark on each, by its identifier.
    """

    kept: Sequence[str]
    unknown: Sequence[str]
    recordings: Sequence[OwnRecording] = ()
    more: bool = False
    viewings: "Sequence[ViewingView]" = ()
    remarks: "Mapping[UUID, str]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePanel:
    """A panel of a kind's own on the page of a case: its title, its template and what that reads."""

    title: str | Promise
    part: str
    context: Mapping[str, Any]


ROUTES: StreamPart[StreamRoutes] = StreamPart("routes")
PAGES: StreamPart[StreamPages] = StreamPart("pages")
WORDS: StreamPart[StreamWords] = StreamPart("words")
OWN_DATA: "StreamPart[Callable[[PersonView], OwnData]]" = StreamPart("own data")
"""Returns what is kept about a person, for the page of their own data."""
CASE_PANEL: "StreamPart[Callable[[PersonRequest, CaseView], CasePanel]]" = StreamPart("panel of a case")
"""Returns a panel for the page of a case; only for kinds that open recordings by a leave of their own."""


def with_streams(own: Mapping[str, T], words_of: Callable[[StreamWords], Mapping[str, T]]) -> Mapping[str, T]:
    """Return our own words for identifiers, with those of every kind of stream."""
    return {**own, **ChainMap(*(dict(words_of(words)) for _, words in WORDS.items()))}
