"""The use of the system, for those who oversee it: who saw what and why, never a picture (R-ACC-8)."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Case, Exists, OuterRef, Q, When

from rejent.access.acts import REFUSED
from rejent.access.authorisation_queries import valid_on
from rejent.access.models import AuthorisedSource, LiveWatch, Viewing
from rejent.access.rules.administration import ADMINISTRATION
from rejent.access.rules.decision import SeeingAct, may_administer
from rejent.kernel.acts import Act
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.intervals import Interval
from rejent.office import queries as office
from rejent.office.acts import SIGN_IN_REFUSED
from rejent.office.errors import NoRegulationError
from rejent.registers import queries as registers
from rejent.registers.errors import LedgerMismatchError
from rejent.registers.repetition import AGAIN
from rejent.registers.signing.states import acts_within

OVERSIGHT = frozenset({"see-supervision", "review-viewing"})
"""Acts that the supervisors named by the regulation may do besides."""


def may_oversee(roles: Collection[str], act: str, *, clock: Clock) -> bool:
    """Return whether somebody of these roles may do an act of supervision: by the table, or named by the regulation."""
    if may_administer(roles, act).allowed:
        return True
    if act not in OVERSIGHT & ADMINISTRATION.keys():
        return False
    try:
        named = office.verified_regulation(civil_date(clock.now())).supervisors
    except (NoRegulationError, LedgerMismatchError):
        return False
    return not set(named).isdisjoint(roles)


# --- Who saw what -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Use:
    """One person's viewings of the same sources for one purpose; all but few open one."""

    person_id: UUID
    source_ids: tuple[str, ...]
    purpose: str
    viewings: int
    seen_s: float

    @property
    def source_id(self) -> str:
        """Return the first of the sources."""
        return self.source_ids[0]


@dataclass(frozen=True, slots=True)
class Watching:
    """One person's live watching within a time; ``watched_s``: seconds from beginning to end within the time."""

    person_id: UUID
    watches: int
    watched_s: float
    source_ids: frozenset[str]


def uses(span: Interval) -> list[Use]:
    """Return the viewings that were opened within a time, by person, sources and purpose."""
    rows = _fetch(
        _USES[connection.vendor], *map(connection.ops.adapt_datetimefield_value, (span.start, span.end))
    )
    return [
        Use(UUID(str(person)), (source, *json.loads(further)), purpose, count, float(seen_s or 0))
        for person, source, further, purpose, count, seen_s in rows
    ]


@dataclass(frozen=True, slots=True)
class Cases:
    """The cases of somebody's viewings: the first of them in order, and how many there are."""

    named: tuple[str, ...]
    count: int


def cases(span: Interval, most: int) -> dict[UUID, Cases]:
    """Return the cases that each person's viewings of a time were opened for, at most so many of them by name."""
    instants = map(connection.ops.adapt_datetimefield_value, (span.start, span.end))
    found: dict[UUID, Cases] = {}
    for identifier, case, count in _fetch(_CASES, *instants, most):
        person = UUID(str(identifier))
        earlier = found[person].named if person in found else ()
        found[person] = Cases((*earlier, case), count)
    return found


def watchings(span: Interval, now: datetime) -> list[Watching]:
    """Return who watched live within a time; a watching that goes on is counted up to now."""
    adapted = connection.ops.adapt_datetimefield_value
    start, end, oldest = map(adapted, (span.start, span.end, span.start - _LONGEST_WATCH))
    counts, seconds = Counter[UUID](), defaultdict[UUID, float](float)
    sources: defaultdict[UUID, set[str]] = defaultdict(set)
    query = _WATCHED[connection.vendor]
    for identifier, named, count, watched_s in _fetch(query, adapted(now), end, start, end, oldest, start):
        person = UUID(str(identifier))
        counts[person] += count
        seconds[person] += float(watched_s)
        sources[person].update(json.loads(named))
    return [
        Watching(person, count, max(0.0, round(seconds[person], 2)), frozenset(sources[person]))
        for person, count in counts.items()
    ]


_LONGEST_WATCH = timedelta(days=7)
"""No watching is older than this and goes on: a page ends with its session, and that lasts a working day."""


def _fetch(query: str, *parameters: str | int | None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())


_LENGTH = {
    "sqlite": "(julianday({to}) - julianday({since})) * 86400",
    "postgresql": "EXTRACT(EPOCH FROM ({to} - {since}))",
}


def _uses_asked(vendor: str) -> str:
    whole = _LENGTH[vendor].format(since='"start"', to='"end"')
    rest = _LENGTH[vendor].format(since="reach", to='"end"')
    return f"""
        SELECT person_id, source_id, CAST(further AS text) AS others, purpose, COUNT(*), SUM((
            SELECT SUM(CASE WHEN reach IS NULL OR reach <= "start" THEN {whole} WHEN reach < "end" THEN {rest} ELSE 0 END)
            FROM (
                SELECT "start", "end", MAX("end") OVER (
                    PARTITION BY source_id ORDER BY "start" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach
                FROM access_seeninterval WHERE viewing_id = access_viewing.id AND "end" > "start"
            ) AS part
        )) FROM access_viewing WHERE opened_at >= %s AND opened_at < %s GROUP BY person_id, source_id, others, purpose
    """  # noqa: S608 - put together of our own words


def _watched_asked(vendor: str) -> str:
    least, most = ("MIN", "MAX") if vendor == "sqlite" else ("LEAST", "GREATEST")
    length = _LENGTH[vendor].format(
        to=f"{least}(COALESCE(stopped_at, %s), %s)", since=f"{most}(started_at, %s)"
    )
    return f"""
        SELECT person_id, CAST(sources AS text) AS named, COUNT(*), SUM({length}) FROM access_livewatch
        WHERE started_at < %s AND started_at >= %s AND (stopped_at IS NULL OR stopped_at > %s) GROUP BY person_id, named
    """  # noqa: S608 - put together of our own words


_WATCHED = {vendor: _watched_asked(vendor) for vendor in _LENGTH}
_USES = {vendor: _uses_asked(vendor) for vendor in _LENGTH}
"""Of each viewing, each part counts from where the parts before it have reached, in the order of their starts."""
_CASES = """
    SELECT person_id, "case", count FROM (
        SELECT person_id, "case", COUNT(*) OVER (PARTITION BY person_id) AS count,
            ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY "case") AS place
        FROM (SELECT DISTINCT person_id, "case" FROM access_viewing WHERE opened_at >= %s AND opened_at < %s) AS each_once
    ) AS placed WHERE place <= %s ORDER BY person_id, place
"""


# --- Authorisations -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Overseen:
    """As much of an authorisation as supervision sees."""

    number: str
    person_id: UUID
    valid_until: date | None
    issued_at: datetime


def unused_authorisations(today: date) -> list[Overseen]:
    """Authorisations that hold today and by which nobody has ever seen anything, alone or as the second person, the oldest first."""
    took_part = Q(person=OuterRef("person")) | Q(second=OuterRef("person"))
    since = Viewing.objects.filter(took_part, opened_at__gte=OuterRef("issued_at"))
    of_stream = since.filter(source__stream=OuterRef("stream"))
    named = AuthorisedSource.objects.filter(authorisation=OuterRef(OuterRef("pk"))).values("source")
    of_named = since.filter(source__in=named)
    watched = LiveWatch.objects.filter(person=OuterRef("person"), started_at__gte=OuterRef("issued_at"))
    rows = valid_on(today).annotate(
        viewed=Case(When(every_source=True, then=Exists(of_stream)), default=Exists(of_named)),
        several=Exists(since.exclude(further=[])),
        watched=Exists(watched),
    )
    columns = rows.values_list(
        "pk", "acts", "every_source", "viewed", "several", "watched", *_OVERSEEN
    ).order_by("pk")
    unused = []
    for key, acts, every_source, viewed, several, watched_something, *row in columns:
        one = Overseen(*row)
        recordings = SeeingAct.RECORDINGS in acts and (
            viewed or (several and not every_source and _viewed_named(key, one))
        )
        live = watched_something and SeeingAct.LIVE in acts and (every_source or _watched_named(key, one))
        if not (recordings or live):
            unused.append(one)
    return unused


_OVERSEEN = tuple(one.name for one in fields(Overseen))


def _watched_named(key: int, authorisation: Overseen) -> bool:
    """Return whether its person watched a source that it names, since it was issued."""
    watches = LiveWatch.objects.filter(
        person=authorisation.person_id, started_at__gte=authorisation.issued_at
    ).order_by()
    return _is_named(key, watches.values_list("sources", flat=True).iterator())


def _viewed_named(key: int, authorisation: Overseen) -> bool:
    """Return whether its person opened a source that it names together with another one, since it was issued."""
    took_part = Q(person=authorisation.person_id) | Q(second=authorisation.person_id)
    viewings = Viewing.objects.filter(took_part, opened_at__gte=authorisation.issued_at).exclude(further=[])
    return _is_named(key, viewings.order_by().values_list("further", flat=True).iterator())


def _is_named(key: int, lists: Iterable[Collection[str]]) -> bool:
    """Return whether an authorisation names one of the sources of some lists."""
    named = set(AuthorisedSource.objects.filter(authorisation=key).values_list("source", flat=True))
    return any(named.intersection(sources) for sources in lists)


# --- Refused attempts ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Refusals:
    """Refusals within a time, counted with what came again.

    Attributes:
        by_rule: how often, by the rule and the person's identifier, the most often first.
        sign_ins: how often a sign-in was refused, by the identifier of the account's person, the most often first; empty for
            names that are no account.
        left_out: how many older entries were not counted, where there are too many.
    """

    by_rule: tuple[tuple[str, str, int], ...]
    sign_ins: tuple[tuple[str, int], ...]
    left_out: int

    @property
    def count(self) -> int:
        """Return the number of refusals of pages, pieces and operations."""
        return sum(count for _, _, count in self.by_rule) + self.left_out


def refusals(span: Interval) -> Refusals:
    """Return what a rule refused to whom within a time, and the refused sign-ins."""
    by_rule, left_out = _refused_within(REFUSED, span)
    sign_ins, left = _refused_within(SIGN_IN_REFUSED, span)
    counted = Counter[str]()
    for (_, person), count in sign_ins.items():
        counted[person] += count
    return Refusals(
        tuple((rule, person, count) for (rule, person), count in by_rule.most_common()),
        tuple(counted.most_common()),
        left_out + left,
    )


MOST_REFUSALS = 1000
"""The most refusals that are read one by one; an ordinary week has few."""


def _refused_within(act: Act, span: Interval) -> tuple[Counter[tuple[str, str]], int]:
    """Return how often an act happened by rule and person, and how many older entries were not read."""
    entries = list(acts_within((act.name,), span.start, span.end, most=MOST_REFUSALS))
    counts = Counter[tuple[str, str]]()
    for entry in entries:
        facts = entry.facts or {}
        again = facts.get(AGAIN, 1)
        key = str(facts.get("rule") or ""), str(facts.get("person") or entry.actor)
        counts[key] += again if isinstance(again, int) else 1
    entered = registers.count_acts(names=(act.name,), since=span.start, until=span.end)
    return counts, max(0, entered - len(entries))
