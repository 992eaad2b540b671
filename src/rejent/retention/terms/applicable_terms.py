"""Find the term of recordings of a source and civil date, by the regulation as it stands."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache

from rejent.catalog import queries as catalog
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.terms import RetentionRule, RetentionTerm, deadlines
from rejent.office import queries as office
from rejent.office.regulation.loading import Regulation, load
from rejent.office.regulation.vocabulary import OlderMaterial
from rejent.retention.terms.rules import VersionRule, applicable_term

_SHORTEST_MONTH_DIFFERENCE = timedelta(days=4)
"""Months counted from neighbouring days differ in length by less than this."""


@lru_cache(maxsize=16)
def _loaded(text: str) -> Regulation:
    return load(text)


class Terms:
    """The terms at one instant; reads the regulation once.

    Args:
        clock: what the time is.
    """

    def __init__(self, clock: Clock) -> None:
        self.now = clock.now()
        self.today = civil_date(self.now)
        sources = catalog.sources(removed=True)
        self._streams = {source.id: source.stream for source in sources}
        self._names = {source.id: source.name for source in sources}
        rows = sorted(office.regulation_versions(), key=lambda row: (row.in_force_from, row.version))
        self._versions = [(row.in_force_from, _loaded(row.text)) for row in rows]
        self._rules: dict[str, list[VersionRule]] = {}
        self._terms: dict[tuple[str, date], RetentionTerm | None] = {}

    def name(self, source_id: str) -> str:
        """Return the name that people call a source by."""
        return self._names.get(source_id, source_id)

    def stream(self, source_id: str) -> str:
        """Return the stream by which the terms of a source are counted."""
        return self._streams.get(source_id, "")

    def term(self, source_id: str, day: date) -> RetentionTerm | None:
        """Return the term of a source's civil date; nothing while its stream has no period."""
        stream = self.stream(source_id)
        known = (stream, day)
        if known not in self._terms:
            self._terms[known] = applicable_term(self._of(stream), day, self.today)
        return self._terms[known]

    def last_day_due(self, at: datetime) -> date | None:
        """Return the latest civil date whose recordings, of any stream, may be due at an instant; nothing without periods."""
        periods = [version.rule for stream in set(self._streams.values()) for version in self._of(stream)]
        return max((_last_due(rule, at) for rule in periods if rule is not None), default=None)

    def first_day_kept(self, at: datetime) -> date:
        """Return the earliest civil date of which recordings of a stream that has a period may be kept at an instant."""
        periods = [version.rule for stream in set(self._streams.values()) for version in self._of(stream)]
        return min((_last_due(rule, at) for rule in periods if rule is not None), default=civil_date(at))

    def _of(self, stream: str) -> list[VersionRule]:
        if stream not in self._rules:
            self._rules[stream] = _rules_of(stream, self._versions)
        return self._rules[stream]


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
