"""The week's report of supervision: sections of sentences, the same on the page and on paper.

It holds names, counts, seconds, purposes and cases, no content; secret places only for readers with the right to them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from rejent.access.supervision import queries as supervision
from rejent.kernel.clock import civil_date
from rejent.office import queries as office
from rejent.web.stream_parts import PAGES, Reading, ReportLine, Section, section
from rejent.web.words import wording
from rejent.web.words.identifiers import in_words

_MOST_NAMED = 12
"""Cases, sources and purposes named in one line; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Totals:
    """The week in numbers.

    Attributes:
        seen_s, lasting: how much of recordings was handed to browsers; whether any of what was opened lasts a time.
        viewers, watchers: how many people opened recordings, and live pictures.
        live, live_s: whether the office has live pictures, and for how long they were open.
    """

    viewings: int
    viewers: int
    lasting: bool
    seen_s: float
    live: bool
    watchers: int
    live_s: float
    refused: int


def who_saw(reading: Reading) -> tuple[list[Section], Totals]:
    """Return the sections on viewing, live watching and refusals, and their totals."""
    uses = supervision.uses(reading.span)
    watchings = supervision.watchings(reading.span, reading.now)
    refusals = supervision.refusals(reading.span)
    there = set(office.verified_streams(civil_date(reading.now))) | {
        reading.stream(use.source_id) for use in uses
    }
    live = bool(watchings) or any(PAGES.of(stream).live for stream in PAGES if stream in there)
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
        *(_live(reading, watchings) if live else ()),
        section(
            "refused",
            gettext("Refused attempts"),
            _refused(reading, refusals),
            gettext("Nobody was refused in this week."),
        ),
    ]
    lasting = [use for use in uses if PAGES.of(reading.stream(use.source_id)).sources.lasting]
    totals = Totals(
        viewings=sum(use.viewings for use in uses),
        viewers=len({use.person_id for use in uses}),
        lasting=bool(lasting),
        seen_s=sum(use.seen_s for use in lasting),
        live=live,
        watchers=len({one.person_id for one in watchings}),
        live_s=sum(one.watched_s for one in watchings),
        refused=refusals.count,
    )
    return sections, totals


def _live(reading: Reading, watchings: list[supervision.Watching]) -> list[Section]:
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


def _by_person(reading: Reading, uses: list[supervision.Use]) -> Iterator[ReportLine]:
    cases = supervision.cases(reading.span, _MOST_NAMED)
    of_person: dict[str, list[supervision.Use]] = {}
    for use in uses:
        of_person.setdefault(str(use.person_id), []).append(use)
    for person, theirs in sorted(of_person.items(), key=lambda item: -sum(use.viewings for use in item[1])):
        purposes, sources = _summed(theirs, lambda use: [use.purpose]), _summed(theirs, _sources_of)
        words = [
            _counted(reading, theirs),
            gettext("Purposes: %(purposes)s.")
            % {"purposes": listed([_times(reading.names.purpose(one), count) for one, count in purposes])},
            gettext("Cases: %(cases)s.") % {"cases": _of(cases.get(theirs[0].person_id))},
            gettext("Sources: %(sources)s.")
            % {"sources": listed([_times(reading.named(one), count) for one, count in sources])},
        ]
        name = reading.names.person(person)
        yield ReportLine(name, " ".join(words), reading.rows("viewings", person=person))


def _by_source(reading: Reading, uses: list[supervision.Use]) -> Iterator[ReportLine]:
    for source_id, _ in _summed(uses, _sources_of):
        of_source = [use for use in uses if source_id in use.source_ids]
        people = sorted({reading.names.person(str(use.person_id)) for use in of_source})
        words = [_counted(reading, of_source), gettext("By: %(people)s.") % {"people": listed(people)}]
        yield ReportLine(
            reading.placed(source_id), " ".join(words), reading.rows("viewings", source=source_id)
        )


def _by_watcher(reading: Reading, watchings: list[supervision.Watching]) -> Iterator[ReportLine]:
    for one in sorted(watchings, key=lambda each: -each.watched_s):
        counted = ngettext(
            "%(n)s time, %(length)s altogether.", "%(n)s times, %(length)s altogether.", one.watches
        )
        numbers = {"n": wording.number(one.watches), "length": wording.duration_words(one.watched_s)}
        sources = listed(sorted(reading.named(source) for source in one.source_ids))
        words = f"{counted % numbers} {gettext('Sources: %(sources)s.') % {'sources': sources}}"
        person = str(one.person_id)
        yield ReportLine(reading.names.person(person), words, reading.rows("watches", person=person))


def _refused(reading: Reading, refusals: supervision.Refusals) -> Iterator[ReportLine]:
    days = {"first": wording.day_digits(reading.week.first), "last": wording.day_digits(reading.week.last)}
    chosen = {**days, "kind": "access.refused"}
    for rule, person, count in refusals.by_rule:
        words = gettext("Rule: %(rule)s.") % {"rule": in_words("rule", rule) or rule}
        times = ngettext("%(n)s attempt.", "%(n)s attempts.", count) % {"n": wording.number(count)}
        address = f"{reverse('ledger')}?{urlencode({**chosen, 'person': person})}"
        yield ReportLine(reading.names.person(person), f"{times} {words}", address)
    if refusals.left_out:
        words = ngettext("%(n)s entry more.", "%(n)s entries more.", refusals.left_out)
        counted = words % {"n": wording.number(refusals.left_out)}
        yield ReportLine(gettext("Older attempts"), counted, f"{reverse('ledger')}?{urlencode(chosen)}")
    for person, count in refusals.sign_ins:
        words = ngettext("%(n)s refused sign-in.", "%(n)s refused sign-ins.", count)
        name = reading.names.person(person) if person else gettext("Names that are no account")
        address = f"{reverse('ledger')}?{urlencode({**days, 'kind': 'session.refused'})}"
        yield ReportLine(name, words % {"n": wording.number(count)}, address)


def _sources_of(use: supervision.Use) -> tuple[str, ...]:
    return use.source_ids


def _summed(
    uses: list[supervision.Use], by: Callable[[supervision.Use], Iterable[str]]
) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for use in uses:
        for one in by(use):
            counts[one] = counts.get(one, 0) + use.viewings
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _times(name: str, count: int) -> str:
    return f"{name} ({wording.number(count)})"
