"""The volume of recordings one person is given, and its limits (R-ACC-7).

Counted are the seconds of recordings that leave for a person's browser, each instant once a viewing, in steps of ten minutes.
Both limits stand in the regulation. Playing at any speed that the player has stays below them; taking recordings away does not.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, Sum

from rejent.access.errors import AccessRefusedError
from rejent.access.models import HandedOut, SeenInterval, Viewing
from rejent.access.refused import enter_refused
from rejent.access.rules.decision import Decision, Rule, SeeingAct, sentence
from rejent.access.rules.question import regulation_on
from rejent.access.views import ViewingView
from rejent.catalog import queries as catalog
from rejent.kernel.clock import Clock, civil_date, local_midnight
from rejent.kernel.intervals import Interval, uncovered

_WAIT = "Wait: within an hour there is room again, after a whole day's measure from midnight on."

STEP = timedelta(minutes=10)
"""Steps in which volume is counted; one that lies partly within the last hour counts whole."""
_HOUR = timedelta(hours=1)
ALARM = "volume"

ALARM_LASTS = timedelta(days=7)
"""Time for which a reached limit is an alarm."""

KEPT = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Limit:
    """The most hours of recordings for one person within an hour and within a civil date."""

    an_hour: int
    a_day: int


@dataclass(frozen=True, slots=True)
class Handed:
    """Seconds of recordings a person was given within the last hour and within the civil date."""

    hour_s: float
    day_s: float

    def exceeds(self, limit: Limit) -> bool:
        """Return whether nothing more may be given."""
        return self.hour_s >= limit.an_hour * 3600 or self.day_s >= limit.a_day * 3600


@dataclass(frozen=True, slots=True)
class ExceededView:
    """A refusal for volume; the instant is the first within ten minutes."""

    person_id: UUID
    refused_at: datetime


def limit_of(stream: str, *, clock: Clock) -> Limit | None:
    """Return the limits for a stream; nothing where the regulation in force does not prescribe it."""
    regulation = regulation_on(civil_date(clock.now()))
    rules = regulation.stream(stream) if regulation else None
    return Limit(rules.access.most_hours_an_hour, rules.access.most_hours_a_day) if rules else None


def handed(person_id: UUID, *, clock: Clock) -> Handed:
    """Return the volume a person was given lately, of all sources together."""
    now = clock.now()
    hour, day = now - _HOUR - STEP, local_midnight(civil_date(now)) - STEP / 2
    given = HandedOut.objects.filter(person_id=person_id, since__gt=min(hour, day)).aggregate(
        hour=Sum("seconds", filter=Q(since__gt=hour)), day=Sum("seconds", filter=Q(since__gt=day))
    )
    return Handed(float(given["hour"] or 0), float(given["day"] or 0))


def require_room(viewing: ViewingView, *, clock: Clock) -> None:
    """See that its person may be given more; asked before each piece is made. Raises AccessRefusedError."""
    limit = limit_of(catalog.verified_stream_of(viewing.source_id), clock=clock)
    if limit is None or not handed(viewing.person_id, clock=clock).exceeds(limit):
        return
    _enter_refused(viewing, clock)
    raise AccessRefusedError(
        Decision(
            allowed=False,
            rule=Rule.VOLUME_EXCEEDED,
            sentence=sentence(Rule.VOLUME_EXCEEDED, SeeingAct.RECORDINGS),
            facts={"an_hour": limit.an_hour, "a_day": limit.a_day},
            advice="The office's rules in the program say how much; the data protection officer sees that it was reached.",
            now=_WAIT,
        ),
        entered=True,
    )


def count(
    viewing: Viewing, start: datetime, end: datetime, touched: Iterable[SeenInterval], *, clock: Clock
) -> None:
    """Count what of ``[start, end)`` was not ``touched`` in a viewing before; in the transaction that notes it."""
    if end <= start:
        return
    before = [Interval(row.start, row.end) for row in touched if row.start < row.end]
    fresh = sum((part.length for part in uncovered(Interval(start, end), before)), timedelta())
    more = {"seconds": F("seconds") + fresh.total_seconds()}
    step = HandedOut.objects.filter(person_id=viewing.person_id, since=_step(clock))
    if not step.update(**more):
        _step_of(viewing.person_id, clock)
        step.update(**more)


def exceeded(*, clock: Clock) -> list[ExceededView]:
    """Return the people refused for volume in the last week, each once, the newest first."""
    rows = HandedOut.objects.filter(refused_at__gte=clock.now() - ALARM_LASTS).order_by("refused_at")
    last = {row.person_id: row.refused_at for row in rows if row.refused_at is not None}
    newest = sorted(last.items(), key=lambda pair: pair[1], reverse=True)
    return [ExceededView(person_id, at) for person_id, at in newest]


def _enter_refused(viewing: ViewingView, clock: Clock) -> None:
    """Enter the refusal, and note its instant beside the volume where it was entered, not counted."""
    asked = {"act": SeeingAct.RECORDINGS.value, "source": viewing.source_id}
    with transaction.atomic():
        row = _step_of(viewing.person_id, clock)
        if enter_refused(viewing.person_id, Rule.VOLUME_EXCEEDED.value, asked, clock=clock) is not None:
            HandedOut.objects.filter(pk=row.pk).update(refused_at=clock.now())


def _step(clock: Clock) -> datetime:
    now = clock.now()
    return now - (now - local_midnight(civil_date(now))) % STEP


def _step_of(person_id: UUID, clock: Clock) -> HandedOut:
    """Return the row of these ten minutes; a new one takes those away that are too old to count."""
    row, made = HandedOut.objects.get_or_create(person_id=person_id, since=_step(clock))
    if made:
        HandedOut.objects.filter(person_id=person_id, since__lt=clock.now() - KEPT).delete()
    return row
