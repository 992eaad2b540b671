"""The week's report of supervision: sections of sentences, the same on the page and on paper.

It holds names, counts, seconds, purposes and cases, no content; secret places only for readers with the right to them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from rejent.access.supervision import queries as supervision
from rejent.access.supervision.weeks import Week
from rejent.catalog import queries as catalog
from rejent.catalog.views import SourceView
from rejent.kernel.clock import civil_date
from rejent.kernel.intervals import Interval
from rejent.office import queries as office
from rejent.web.stream_parts import PAGES
from rejent.web.words import wording
from rejent.web.words.acts import Names
from rejent.web.words.identifiers import in_words

MOST_LINES = 200
"""Lines of one section; the rest are counted."""
_MOST_NAMED = 12
"""Cases, sources and purposes named in one line; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Line:
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
    lines: list[Line]
    empty: str
    more: int = 0


def section(name: str, title: str, lines: Iterator[Line], empty: str) -> Section:
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


@dataclass(frozen=True, slots=True)
class Totals:
    """The week in numbers."""

    viewings: int
    seen_s: float
    people: int
    watched_s: float
    refused: int


def who_saw(reading: Reading) -> tuple[list[Section], Totals]:
    """Return the sections on viewing, live watching and refusals, and their totals."""
    uses = supervision.uses(reading.span)
    watchings = supervision.watchings(reading.span, reading.now)
    refusals = supervision.refusals(reading.span)
    sections = [
        section(
            "people",
            gettext("Who opened recordings, and why"),
            _by_person(reading, uses),
            gettext("Nobody opened a recording in this week."),
        ),
        section(
            "sources",
            gettext("What was opened"),
            _by_source(reading, uses),
            gettext("No recording of any source was opened in this week."),
        ),
        *_live(reading, watchings),
        section(
            "refused",
            gettext("Refused attempts"),
            _refused(reading, refusals),
            gettext("Nobody was refused in this week."),
        ),
    ]
    seen = {use.person_id for use in uses} | {one.person_id for one in watchings}
    viewings, seen_s = sum(use.viewings for use in uses), sum(use.seen_s for use in uses)
    watched_s = sum(one.watched_s for one in watchings)
    return sections, Totals(viewings, seen_s, len(seen), watched_s, refusals.count)


def _live(reading: Reading, watchings: list[supervision.Watching]) -> list[Section]:
    """Return the section on live watching, where there are cameras or somebody watched."""
    live = {stream for stream, pages in PAGES.items() if pages.live}
    if not watchings and live.isdisjoint(office.streams(civil_date(reading.now))):
        return []
    return [
        section(
            "live",
            gettext("Who watched live pictures"),
            _by_watcher(reading, watchings),
            gettext("Nobody watched live pictures in this week."),
        )
    ]


def listed(parts: Sequence[str], count: int | None = None) -> str:
    """Return the parts with commas; where they are many, the first of them and how many more."""
    more = max(0, (len(parts) if count is None else count) - _MOST_NAMED)
    first = ", ".join(parts[:_MOST_NAMED])
    if not more:
        return first
    return f"{first} {ngettext('and %(n)s more', 'and %(n)s more', more) % {'n': wording.number(more)}}"


def _of(cases: supervision.Cases | None) -> str:
    return listed(cases.named, cases.count) if cases else ""


def _counted(reading: Reading, uses: list[supervision.Use]) -> str:
    """Return how often and how long recordings of each kind of stream were seen or heard."""
    kinds: dict[str, list[supervision.Use]] = {}
    for use in uses:
        kinds.setdefault(reading.stream(use.source_id), []).append(use)
    return " ".join(
        PAGES.of(stream).words.counted(
            sum(use.viewings for use in kinds[stream]),
            wording.duration_words(sum(use.seen_s for use in kinds[stream])),
        )
        for stream in PAGES
        if stream in kinds
    )


def _by_person(reading: Reading, uses: list[supervision.Use]) -> Iterator[Line]:
    cases = supervision.cases(reading.span, _MOST_NAMED)
    of_person: dict[str, list[supervision.Use]] = {}
    for use in uses:
        of_person.setdefault(str(use.person_id), []).append(use)
    for person, theirs in sorted(of_person.items(), key=lambda item: -sum(use.viewings for use in item[1])):
        purposes, sources = _summed(theirs, "purpose"), _summed(theirs, "source_id")
        words = [
            _counted(reading, theirs),
            gettext("Purposes: %(purposes)s.")
            % {"purposes": listed([_times(reading.names.purpose(one), count) for one, count in purposes])},
            gettext("Cases: %(cases)s.") % {"cases": _of(cases.get(theirs[0].person_id))},
            gettext("Sources: %(sources)s.")
            % {"sources": listed([_times(reading.named(one), count) for one, count in sources])},
        ]
        name = reading.names.person(person)
        yield Line(name, " ".join(words), reading.rows("viewings", person=person))


def _by_source(reading: Reading, uses: list[supervision.Use]) -> Iterator[Line]:
    for source_id, _ in _summed(uses, "source_id"):
        of_source = [use for use in uses if use.source_id == source_id]
        people = sorted({reading.names.person(str(use.person_id)) for use in of_source})
        words = [_counted(reading, of_source), gettext("By: %(people)s.") % {"people": listed(people)}]
        yield Line(reading.placed(source_id), " ".join(words), reading.rows("viewings", source=source_id))


def _by_watcher(reading: Reading, watchings: list[supervision.Watching]) -> Iterator[Line]:
    for one in sorted(watchings, key=lambda each: -each.watched_s):
        counted = ngettext(
            "%(n)s time, %(length)s altogether.", "%(n)s times, %(length)s altogether.", one.watches
        )
        numbers = {"n": wording.number(one.watches), "length": wording.duration_words(one.watched_s)}
        sources = listed(sorted(reading.named(source) for source in one.source_ids))
        words = f"{counted % numbers} {gettext('Sources: %(sources)s.') % {'sources': sources}}"
        person = str(one.person_id)
        yield Line(reading.names.person(person), words, reading.rows("watches", person=person))


def _refused(reading: Reading, refusals: supervision.Refusals) -> Iterator[Line]:
    days = {"first": wording.day_digits(reading.week.first), "last": wording.day_digits(reading.week.last)}
    chosen = {**days, "kind": "access.refused"}
    for rule, person, count in refusals.by_rule:
        words = gettext("Rule: %(rule)s.") % {"rule": in_words("rule", rule) or rule}
        times = ngettext("%(n)s attempt.", "%(n)s attempts.", count) % {"n": wording.number(count)}
        address = f"{reverse('ledger')}?{urlencode({**chosen, 'person': person})}"
        yield Line(reading.names.person(person), f"{times} {words}", address)
    if refusals.left_out:
        words = ngettext("%(n)s entry more.", "%(n)s entries more.", refusals.left_out)
        counted = words % {"n": wording.number(refusals.left_out)}
        yield Line(gettext("Older attempts"), counted, f"{reverse('ledger')}?{urlencode(chosen)}")
    for person, count in refusals.sign_ins:
        words = ngettext("%(n)s refused sign-in.", "%(n)s refused sign-ins.", count)
        name = reading.names.person(person) if person else gettext("Names that are no account")
        address = f"{reverse('ledger')}?{urlencode({**days, 'kind': 'session.refused'})}"
        yield Line(name, words % {"n": wording.number(count)}, address)


def _summed(uses: list[supervision.Use], by: str) -> list[tuple[str, int]]:
    """Return the number of viewings by purpose or source, the most first."""
    counts: dict[str, int] = {}
    for use in uses:
        counts[getattr(use, by)] = counts.get(getattr(use, by), 0) + use.viewings
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _times(name: str, count: int) -> str:
    return f"{name} ({wording.number(count)})"
