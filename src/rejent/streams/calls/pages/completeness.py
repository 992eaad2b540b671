"""Completeness of calls: what exchanges reported and left, against what was recorded, of one day."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import InputRefusedError
from rejent.office.regulation.vocabulary import StreamName
from rejent.streams.calls.catalog import searching
from rejent.streams.calls.catalog.queries import pbx
from rejent.streams.calls.catalog.queries.lengths import LengthDifference, length_differences
from rejent.streams.calls.catalog.views import RecordedHour
from rejent.streams.calls.pages.words import count_lines, import_cause, length_of, tolerance_words
from rejent.web.requests.client_station import client_station
from rejent.web.requests.visitor import PersonRequest
from rejent.web.route_permissions import may_enter
from rejent.web.words.when import read_day
from rejent.web.words.wording import day_digits, duration_short, time_digits

MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not fit; names of files only to who may hear the line's calls, for they hold numbers."""

    at: datetime | None
    line: str
    what: str
    more: str = ""
    length_s: float | None = None
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """Findings of one kind: as many as one reads, and how many there are; ``lead`` where any of them has a link."""

    rows: list[Finding]
    count: int
    lead: bool

    @classmethod
    def of(cls, found: Iterable[Finding]) -> "Findings":
        """Return the first of them, and the rest counted."""
        every = list(found)
        return cls(every[:MOST_ROWS], len(every), any(one.links for one in every[:MOST_ROWS]))

    @property
    def more(self) -> int:
        """Return how many are left out."""
        return self.count - len(self.rows)


def completeness(request: PersonRequest) -> HttpResponse:
    """Return the findings of a day, what they were found among, and each hour's count."""
    today = civil_date(settings.CLOCK.now())
    day, wrong = _chosen(request, today)
    reading = _Reading(request, {one.id: one.name for one in catalog.sources(StreamName.CALLS, removed=True)})
    hours = pbx.recordable_by_hour(day)
    counts, differing = count_lines(pbx.import_counts(day)), length_differences(day)
    context = {
        "day": day,
        "wrong": wrong,
        "earlier": day_digits(day - timedelta(days=1)),
        "later": day_digits(day + timedelta(days=1)) if day < today else "",
        "missing": Findings.of(reading.missing(day)),
        "files": Findings.of(reading.files(day)),
        "without_record": Findings.of(reading.without_record(day)),
        "lengths": Findings.of(reading.lengths(differing)),
        "tolerances": tolerance_words(),
        "hours": [
            (_hour(each.start), reading.named(each.source_id), each, _differs(each, differing))
            for each in hours
        ],
        "waiting": sum(each.waiting for each in hours),
        "counts": counts,
        "lines": bool(reading.names),
        "reporting": bool(counts) or bool(pbx.reporting_lines()),
    }
    return render(request, "calls/completeness.html", context)


def _chosen(request: PersonRequest, today: date) -> tuple[date, str]:
    written = request.GET.get("day", "").strip()
    try:
        return (min(read_day(written, today), today) if written else today), ""
    except InputRefusedError as error:
        return today, error.sentence(gettext)


def _hour(start: datetime) -> str:
    """``14:00–15:00``; with its letter in the hour that autumn repeats."""
    return "–".join(time_digits(edge, seconds=False) for edge in (start, start + timedelta(hours=1)))


def _differs(hour: RecordedHour, found: Iterable[LengthDifference]) -> bool:
    """Return whether a call of an hour and line is recorded at another length than the exchange says."""
    end = hour.start + timedelta(hours=1)
    return any(one.source_id == hour.source_id and hour.start <= one.start < end for one in found)


@dataclass(frozen=True, slots=True)
class _Reading:
    request: PersonRequest
    names: Mapping[str, str]
    heard: dict[str, bool] = field(default_factory=dict)

    def named(self, source_id: str) -> str:
        """Return the name of a line."""
        return self.names.get(source_id, source_id)

    def hears(self, source_id: str) -> bool:
        """Return True if the reader may open a line's calls, from where they ask."""
        if source_id not in self.heard:
            self.heard[source_id] = searching.may_list(
                self.request.person,
                source_id,
                clock=settings.CLOCK,
                client_station=client_station(self.request),
            )
        return self.heard[source_id]

    def missing(self, day: date) -> Iterator[Finding]:
        """Calls that an exchange reported and of which no recording is there, with the way to line and proof."""
        for one in pbx.missing_records(day):
            links = []
            if may_enter(self.request.person, "source"):
                links.append(
                    (gettext("Gaps of the line"), f"{reverse('source', args=[one.source_id])}#gaps-title")
                )
            if one.entry is not None and may_enter(self.request.person, "entry"):
                links.append((gettext("Proof"), reverse("entry", args=[one.entry])))
            record = gettext("record %(number)s") % {"number": one.id}
            yield Finding(
                one.start,
                self.named(one.source_id),
                import_cause(one.cause),
                record,
                one.seconds,
                tuple(links),
            )

    def files(self, day: date) -> Iterator[Finding]:
        """Files with which something is wrong, whether or not they were taken over; that names are shown is entered first."""
        found = list(pbx.faulty_files(day))
        named = [one.source_id for one in found if self.hears(one.source_id)]
        if named:
            searching.enter_listed(self.request.person, "date", set(named), len(named), clock=settings.CLOCK)
        for one in found:
            hears = self.hears(one.source_id)
            links = self._to_call(one.call_id) if hears and one.call_id else ()
            name = one.name if hears else gettext("its name is shown to who may hear the line's calls")
            yield Finding(
                one.looked_at, self.named(one.source_id), import_cause(one.cause), name, links=links
            )

    def without_record(self, day: date) -> Iterator[Finding]:
        """Yield recorded calls without a call record."""
        for one in pbx.calls_without_record(day):
            links = self._to_call(one.id) if self.hears(one.source_id) and not one.destroyed else ()
            words = gettext("no record tells of it")
            yield Finding(one.start, self.named(one.source_id), words, "", length_of(one), links)

    def lengths(self, found: Iterable[LengthDifference]) -> Iterator[Finding]:
        """Yield calls that are recorded at another length than the exchange says."""
        for one in found:
            facts = {
                "told": duration_short(one.told.total_seconds()),
                "recorded": duration_short(one.recorded.total_seconds()),
            }
            words = gettext("recorded: %(recorded)s, the exchange says %(told)s") % facts
            records = gettext("record %(number)s") % {"number": ", ".join(map(str, one.records))}
            links = self._to_call(one.calls[0]) if len(one.calls) == 1 and self.hears(one.source_id) else ()
            yield Finding(
                one.start, self.named(one.source_id), words, records, one.recorded.total_seconds(), links
            )

    def _to_call(self, call_id: str) -> tuple[tuple[str, str], ...]:
        return ((gettext("The call"), reverse("call-open", args=[call_id])),)
