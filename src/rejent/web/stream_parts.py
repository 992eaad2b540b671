"""The contract between the pages and every kind of stream."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise

from rejent.access import queries as access
from rejent.access.supervision.weeks import Week
from rejent.access.views import SecondRequestView
from rejent.catalog import queries as catalog
from rejent.catalog.views import SourceView
from rejent.kernel.intervals import Interval
from rejent.kernel.stream_parts import StreamPart
from rejent.web.desk import Desk
from rejent.web.words.acts import Names
from rejent.web.words.stream_parts import Fact

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from rejent.access.views import ViewingView
    from rejent.cases.views import CaseView
    from rejent.office.views import PersonView
    from rejent.web.requests.visitor import PersonRequest
    from rejent.web.route_permissions import Page


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
    ``sought`` asks which sources may hold what an application is about; ``open`` is the button that opens what was found;
    ``copied`` says how a copy is made; ``listed`` is the label in
    protocols of recordings of which only a line of a list was shown; ``counted`` words how many recordings were opened and how long what was seen is.
    """

    source: str | Promise
    source_on_paper: str | Promise
    every_source: str | Promise = ""
    item: str | Promise = ""
    one_item: str | Promise = ""
    item_time: str | Promise = ""
    sought: str | Promise
    find: str | Promise
    open: str | Promise
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
    listed: str | Promise = ""
    kept_by_item: str | Promise = ""
    counted: Callable[[int, str], str]


def not_barred(act: str, stream: str) -> "Callable[[PersonView], bool]":
    """Return what says whether nothing but an authorisation may keep a person from an act on a stream's recordings."""
    return lambda person: access.barring_refusal(person, act, stream, clock=settings.CLOCK) is None


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


MOST_LINES = 200
"""Lines of one section; the rest are counted."""


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One line of the report: its subject, sentences, the page behind it, and a state of `rejent.web.words.states` with its words."""

    subject: str
    words: str
    address: str = ""
    state: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under a heading, of which ``more`` are left out; ``name`` is for addresses, ``empty`` stands in place of no lines."""

    name: str
    title: str
    lines: list[ReportLine]
    empty: str
    more: int = 0


def section(name: str, title: str, lines: Iterator[ReportLine], empty: str) -> Section:
    """Return a section of as many lines as one reads."""
    found = list(lines)
    return Section(name, title, found[:MOST_LINES], empty, max(0, len(found) - MOST_LINES))


@dataclass(frozen=True, slots=True)
class Reading:
    """The week under report, the instant of reading, and the names; secret places (R-VID-6) only ``with_secret_places``."""

    week: Week
    now: datetime
    with_secret_places: bool
    names: Names = field(default_factory=Names)
    sources: dict[str, SourceView] = field(default_factory=dict)

    @classmethod
    def of(cls, week: Week, *, with_secret_places: bool) -> "Reading":
        """Read the names once."""
        known = catalog.sources(removed=True, with_secret_places=with_secret_places)
        return cls(week, settings.CLOCK.now(), with_secret_places, sources={one.id: one for one in known})

    @property
    def span(self) -> Interval:
        """The week's interval."""
        return self.week.interval

    def placed(self, source_id: str) -> str:
        """Return a source's name, and where it is as far as the reader may know."""
        source = self.sources.get(source_id)
        if source is None:
            return source_id
        where = ", ".join(source.where)
        return f"{source.name} ({where})" if where else source.name

    def named(self, source_id: str) -> str:
        """Return a source's name."""
        source = self.sources.get(source_id)
        return source.name if source else source_id

    def stream(self, source_id: str) -> str:
        """Return a source's stream; empty for an unknown source."""
        source = self.sources.get(source_id)
        return source.stream if source else ""

    def rows(self, page: str, **chosen: str) -> str:
        """Return the address of a page's rows of this week."""
        return f"{reverse(page)}?{urlencode({'week': str(self.week), **chosen})}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPages:
    """A kind's part of the pages common to all streams.

    ``show`` renders an open viewing; ``finder`` and ``live`` are names of pages, ``live`` empty where nothing is watched live;
    ``asked_again`` returns the address at which a recording or item is requested anew; ``items`` returns items by
    identifier, destroyed or not; ``way_to_item`` the page of an item for a person, empty if it is not open to them.
    Recordings are opened and held by time if ``by_interval``, otherwise by item; an authorisation may name single sources if
    ``by_source``. ``report`` returns sections of the week's report, ``alarms`` the page and the words for each kind of alarm;
    ``desk`` is the kind's part of the start page; ``scope_of`` says to a second person what a request opens, besides its time.
    """

    show: "Callable[[PersonRequest, ViewingView], HttpResponse]"
    finder: str
    asked_again: Callable[[str], str]
    words: ViewingWords
    group: str | Promise
    places: Sequence[Place]
    items: Callable[[Iterable[str]], Mapping[str, Item]] = lambda _: {}
    way_to_item: "Callable[[PersonRequest, str], str]" = lambda _, __: ""
    live: str = ""
    by_interval: bool
    by_source: bool
    sources: "SourcePages"
    report: Callable[[Reading], Iterator[Section]] = lambda _: iter(())
    alarms: Mapping[str, tuple[str, str | Promise]] = field(default_factory=dict)
    desk: Desk = field(default_factory=Desk)
    scope_of: Callable[[SecondRequestView], Sequence[Fact]] = lambda _: ()


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
    the newest first; the page shows them some time after they ended, with the kind's own remark on each, by its identifier.
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


ROUTES: "StreamPart[Sequence[Page]]" = StreamPart("routes")
"""The pages of a kind's own."""
SOCKETS: "StreamPart[Mapping[str, Callable[..., Awaitable[None]]]]" = StreamPart("sockets")
"""ASGI applications for WebSockets by their address; each decides itself whom it answers."""
PAGES: StreamPart[StreamPages] = StreamPart("pages")
OWN_DATA: "StreamPart[Callable[[PersonView], OwnData]]" = StreamPart("own data")
"""Returns what is kept about a person, for the page of their own data."""
CASE_PANEL: "StreamPart[Callable[[PersonRequest, CaseView], CasePanel]]" = StreamPart("panel of a case")
"""Returns a panel for the page of a case; only for kinds that open recordings by a leave of their own."""
