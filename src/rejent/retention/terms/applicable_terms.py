"""Find the term of recordings of a source and civil date, by the regulation as it stands."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cached_property

from rejent.catalog import queries as catalog
from rejent.catalog.errors import NoSuchSourceError
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.terms import RetentionRule, RetentionTerm, deadlines
from rejent.office import queries as office
from rejent.office.regulation.provisions import Regulation
from rejent.office.regulation.vocabulary import OlderMaterial
from rejent.retention.terms.rules import VersionRule, applicable_term

_SHORTEST_MONTH_DIFFERENCE = timedelta(days=4)
"""Months counted from neighbouring days differ in length by less than this."""


class Terms:
    """The terms at one instant, by the regulation and the sources as they were entered; each is read when it is first needed.

    Its methods raise `LedgerMismatchError` while the regulation is not the one that was entered.
    """

    def __init__(self, clock: Clock) -> None:
        self.now = clock.now()
        self.today = civil_date(self.now)
        self._names = {source.id: source.name for source in catalog.sources(removed=True)}
        self._streams: dict[str, str] = {}
        self._rules: dict[str, list[VersionRule]] = {}
        self._terms: dict[tuple[str, date], RetentionTerm | None] = {}

    def name(self, source_id: str) -> str:
        """Return the name that people call a source by."""
        return self._names.get(source_id, source_id)

    def stream(self, source_id: str) -> str:
        """Return the stream by which the terms of a source are counted; none of one that is not as it was entered."""
        if source_id not in self._streams:
            try:
                self._streams[source_id] = catalog.verified_stream_of(source_id)
            except NoSuchSourceError:
                self._streams[source_id] = ""
        return self._streams[source_id]

    def unverified(self) -> list[str]:
        """Return the sources that are not as they were entered, of which nothing ends."""
        return sorted(source_id for source_id in self._names if not self.stream(source_id))

    def term(self, source_id: str, day: date) -> RetentionTerm | None:
        """Return the term of a source's civil date; nothing while its stream has no period."""
        stream = self.stream(source_id)
        known = (stream, day)
        if known not in self._terms:
            self._terms[known] = applicable_term(self._of(stream), day, self.today)
        return self._terms[known]

    def last_day_due(self, at: datetime) -> date | None:
        """Return the latest civil date whose recordings, of any stream, may be due at an instant; nothing without periods."""
        return max((_last_due(rule, at) for rule in self._periods()), default=None)

    def first_day_kept(self, at: datetime) -> date:
        """Return the earliest civil date of which recordings of a stream that has a period may be kept at an instant."""
        return min((_last_due(rule, at) for rule in self._periods()), default=civil_date(at))

    def _periods(self) -> list[RetentionRule]:
        streams = {self.stream(source_id) for source_id in self._names}
        return [
            version.rule for stream in streams for version in self._of(stream) if version.rule is not None
        ]

    def _of(self, stream: str) -> list[VersionRule]:
        if stream not in self._rules:
            self._rules[stream] = _rules_of(stream, self._versions)
        return self._rules[stream]

    @cached_property
    def _versions(self) -> tuple[tuple[date, Regulation], ...]:
        return office.verified_regulations()


def verified_term(source_id: str, day: date, clock: Clock) -> RetentionTerm | None:
    """Return the term of a source's civil date as it was entered; None while its stream has no period.

    Raises `NoSuchSourceError` or `LedgerMismatchError` where the source or the regulation is not as it was entered.
    """
    rules = _rules_of(catalog.verified_stream_of(source_id), office.verified_regulations())
    return applicable_term(rules, day, civil_date(clock.now()))


def _rules_of(stream: str, versions: Iterable[tuple[date, Regulation]]) -> list[VersionRule]:
    return [
        VersionRule(
            begins,
            rules.retention if (rules := version.stream(stream)) is not None else None,
            version.older_material is OlderMaterial.SHORTER_TERM,
        )
        for begins, version in versions
    ]


def _last_due(rule: RetentionRule, at: datetime) -> date:
    today = civil_date(at)
    day = today - (rule.length.after(today) - today) + _SHORTEST_MONTH_DIFFERENCE
    while deadlines(rule, day).purge_opens > at:
        day -= timedelta(days=1)
    return day
