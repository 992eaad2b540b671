"""What the pages need of every kind of stream."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

from rejent.kernel.stream_parts import StreamPart

if TYPE_CHECKING:
    from django.http import HttpResponse

    from rejent.access.views import ViewingView
    from rejent.catalog.views import SourceView
    from rejent.office.views import PersonView
    from rejent.web.requests.visitor import PersonRequest
    from rejent.web.supervision.week_report import Reading, Section

Words = Mapping[str, str | Promise]
"""Identifiers in the reader's language."""
Fact = tuple[str, tuple[str, ...]]
"""A label, and what stands beside it, line by line."""
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
class Item:
    """One item of a source, such as a call, as pages tell of it.

    Attributes:
        end: nothing while it goes on.
        when: its times in words.
        length_s: seconds, as `when` says them; nothing while it goes on.
        facts: who took part, where that is still known.
        named: returns its name, given the source's.
        first_texts: returns what a protocol of it begins with by field, given the source's name.
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
    """How pages and papers speak of seeing a kind's recordings, and of its sources.

    Attributes:
        source: one source; ``source_on_paper`` in protocols.
        every_source: what an authorisation covers that names none.
        item, one_item: one item; empty where sources have none.
        item_time: the time of an item, on paper.
        find: finding a recording.
        protocol: the title of a protocol, with ``%(number)s``.
        act: the act, in the register of protocols.
        opening: the first sentence of a protocol on paper.
        by, at, parts, seen: who saw it, when, and which parts, as labels.
        signature: under a protocol on paper.
        heading, still_open, go_on, stop: of an open viewing, on the page of its protocol.
        guests, to_recording, nobody_else: on the page of guests.
        ban: what may not be done with what is shown, in an authorisation.
        kept_by_item: on the page of holds, where an item is held from its own page.
        counted: returns how many recordings were opened, and how long what was seen is, in words.
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
    parts: str | Promise
    seen: str | Promise
    signature: str | Promise
    heading: str | Promise
    still_open: str | Promise
    go_on: str | Promise
    stop: str | Promise
    guests: str | Promise
    to_recording: str | Promise
    nobody_else: str | Promise
    ban: str | Promise
    kept_by_item: str | Promise = ""
    counted: Callable[[int, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A page to go to, as the side column shows it.

    Attributes:
        route: its name.
        icon: its icon.
        shown: returns whether it has anything for a person whose role opens it.
        begins: what somebody may do there; the start page leads there for who may.
    """

    route: str
    title: str | Promise
    icon: str
    shown: "Callable[[PersonView], bool]"
    begins: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPages:
    """What a kind's pages are to the pages of every stream.

    Attributes:
        show: shows the recording of an open viewing.
        finder: the name of the page on which recordings are found.
        asked_again: returns the address at which a recording or item of a source is asked for anew.
        words: how its recordings are spoken of.
        group: what its places are called together.
        places: its own pages.
        items: returns items of its sources by their identifiers, destroyed or not.
        way_to_item: returns the page that opens an item for a person; empty to who may not open it.
        live: the name of the page on which its sources are watched live; empty where there is none.
        by_interval: whether recordings are opened and held by time; otherwise items are.
        by_source: whether an authorisation may be of single sources.
        sources: what the pages of sources say of its sources.
        report: returns its sections of what is due in the week's report.
        alarms: by kind of alarm, the page that tells more and what the start page says.
    """

    show: "Callable[[PersonRequest, ViewingView], HttpResponse]"
    finder: str
    asked_again: Callable[[str], str]
    words: ViewingWords
    group: str | Promise
    places: Sequence[Place]
    items: Callable[[Iterable[str]], Mapping[str, Item]]
    way_to_item: "Callable[[PersonRequest, str], str]"
    live: str = ""
    by_interval: bool
    by_source: bool
    sources: "SourcePages"
    report: "Callable[[Reading], Iterator[Section]]"
    alarms: Mapping[str, tuple[str, str | Promise]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePages:
    """What the pages of sources say of a kind's sources.

    Attributes:
        table: the template of the table of its sources, which has its ``rows``.
        facts, more: templates of the page of one source: facts among those of every source, and what stands below.
        told: returns what those templates and the table need of a source.
        address: returns its address as it is shown.
        finder: returns the address at which a source's recordings are found.
        add: the name of the page that adds one and the words of the way there; nothing where pages add none.
        change: the name of the page that changes a source's address; empty where there is none.
        empty: title, text and icon where none is there though the regulation prescribes them.
    """

    table: str
    facts: str
    more: str
    told: "Callable[[SourceView], dict[str, Any]]"
    address: "Callable[[SourceView], str]"
    finder: Callable[[str], str]
    add: tuple[str, str | Promise] | None = None
    change: str = ""
    empty: tuple[str | Promise, str | Promise, str]


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
