"""Read what retention knows."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from rejent.catalog import queries as catalog
from rejent.catalog.queries.keys import KeptDay
from rejent.kernel.clock import Clock
from rejent.kernel.intervals import Interval, merged, uncovered
from rejent.kernel.terms import RetentionTerm
from rejent.kernel.views import view_of
from rejent.registers.books.numbered_rows import NumberedRows
from rejent.retention.acts import DESTRUCTION_DECIDED, HOLD_PLACED
from rejent.retention.clock import clock_state, latest_accepted
from rejent.retention.destruction.due import due_term, held_parts, rule_text
from rejent.retention.destruction.early import ErasureView, asked_erasures, erasures_of
from rejent.retention.errors import NoSuchHoldError
from rejent.retention.holds.placing import (
    LONGEST_CASE,
    HoldView,
    cover_of,
    hold_view,
    last_review,
    usual_review,
)
from rejent.retention.holds.standing import standing_holds, standing_numbers, standing_over
from rejent.retention.models import Destruction, Hold, Survivor
from rejent.retention.rounds.alarms import alarm_kinds, alarms
from rejent.retention.terms.applicable_terms import Terms, verified_term
from rejent.retention.terms.rules import StandingHold, TermState, term_state

__all__ = [
    "DESTRUCTIONS",
    "HOLDS",
    "LONGEST_CASE",
    "DestructionView",
    "DueView",
    "ErasureView",
    "HoldView",
    "Released",
    "SurvivorView",
    "alarm_kinds",
    "alarms",
    "asked_erasures",
    "clock_state",
    "destroyed_within",
    "destructions",
    "due",
    "erasures_of",
    "hold",
    "holds",
    "holds_over",
    "last_review",
    "overdue",
    "readable",
    "released_by",
    "survivors",
    "term",
    "usual_review",
]


@dataclass(frozen=True, slots=True)
class DueView:
    """A source's civil date whose recordings are to be destroyed, or what is left of it.

    Attributes:
        rule: the rule in one line, as it stands in the ledger.
        segments, bytes: how much is left, without what holds have kept.
        held_parts: how many holds in force reach into the date.
    """

    source_id: str
    source_name: str
    day: date
    rule: str
    term: RetentionTerm
    segments: int
    bytes: int
    held_parts: int


@dataclass(frozen=True, slots=True)
class DestructionView:
    """A destruction.

    Attributes:
        stage: ``decided``, ``key-dying``, ``key-dead`` or ``done``.
        segments, bytes, digest: what was removed, and the digest over the objects' own digests; once done.
        decided_entry, done_entry: indexes of its acts in the ledger.
    """

    number: str
    source_id: str
    day: date
    rule: str
    stage: str
    due_at: datetime
    decided_at: datetime
    key_dead_at: datetime | None
    done_at: datetime | None
    segments: int
    bytes: int
    survivors: int
    digest: str
    decided_entry: int
    done_entry: int | None


@dataclass(frozen=True, slots=True)
class DestroyedView:
    """Destructions of a source within a time, counted; ``days`` are civil dates, or parts of them that holds had kept."""

    source_id: str
    days: int
    segments: int
    bytes: int
    survivors: int


@dataclass(frozen=True, slots=True)
class SurvivorView:
    """A survivor of a destruction: the segment it became, and the digest of which it was a part or the whole."""

    destruction: str
    segment: UUID
    start: datetime
    end: datetime
    from_segment: UUID
    from_sha256: str
    whole: bool
    lost: bool


def holds(*, active: bool = True) -> list[HoldView]:
    """Return the holds in force, or with ``active`` False all of them; the newest first."""
    standing = standing_numbers()
    rows = [(row, row.number in standing) for row in Hold.objects.order_by("-pk")]
    return [hold_view(row, standing=stands) for row, stands in rows if stands or not active]


def hold(number: str) -> HoldView:
    """Return a hold by its number. Raises `NoSuchHoldError`: there is none."""
    row = Hold.objects.filter(number=number).first()
    if row is None:
        raise NoSuchHoldError("There is no hold {number}.", number=number)
    return hold_view(row, standing=row.ended_at is not None and number in standing_numbers())


def holds_over(source_id: str, start: datetime, end: datetime, item: str | None = None) -> list[HoldView]:
    """Return the holds in force that reach into ``[start, end)``, in order; of one call those that keep it."""
    whole = Interval(start, end)
    over = standing_over(source_id, whole, item)
    standing = {each.number for each in over if item is not None or each.interval.overlaps(whole)}
    rows = Hold.objects.filter(source=source_id).order_by("start", "pk")
    return [hold_view(row, standing=True) for row in rows if row.number in standing]


def term(source_id: str, day: date, clock: Clock) -> RetentionTerm | None:
    """Return the term of a source's civil date as the regulation stands; nothing while its stream has no period."""
    return Terms(clock).term(source_id, day)


def due(at: datetime, clock: Clock) -> list[DueView]:
    """Return what must be destroyed by an instant, the oldest first, without what holds have kept of destroyed dates."""
    terms = Terms(clock)
    until = terms.last_day_due(at)
    if until is None:
        return []
    days = [kept for kept in catalog.kept_days(until) if due_term(terms, kept.source_id, kept.day, at)]
    begun = _survivors_of_begun({kept.day for kept in days})
    left: list[tuple[KeptDay, RetentionTerm]] = []
    for kept in days:
        ended = due_term(terms, kept.source_id, kept.day, at)
        if ended is not None:
            survivors_of = begun.get((kept.source_id, kept.day))
            rest = kept if survivors_of is None else _without_survivors(kept, survivors_of)
            if rest.segments:
                left.append((rest, ended))
    held = held_parts([(kept.source_id, kept.day) for kept, _ in left])
    return [
        DueView(
            kept.source_id,
            terms.name(kept.source_id),
            kept.day,
            rule_text(ended),
            ended,
            kept.segments,
            kept.bytes,
            held[kept.source_id, kept.day],
        )
        for kept, ended in left
    ]


def overdue(clock: Clock) -> list[DueView]:
    """Return what should have been destroyed before its alarm and is still there."""
    now = clock.now()
    return [each for each in due(now, clock) if term_state(each.term, now) is TermState.OVERDUE]


def readable(
    source_id: str, day: date, start: datetime, end: datetime, clock: Clock, *, run: str = ""
) -> list[Interval]:
    """Return the parts of an interval within a civil date that may still be opened: all of it while the term runs, then what holds keep.

    Where runs are items, it is asked for one ``run``: a hold of another item keeps nothing of it. Past the term the rest is left out
    even if no keeper has destroyed it yet; a clock that was set back gives nothing a second life.
    """
    that, whole = verified_term(source_id, day, clock), Interval(start, end)
    if that is None or latest_accepted(clock) < that.key_dead_by:
        return [whole]
    return cover_of(source_id, whole, run).within(whole)


def destructions(source_id: str | None = None) -> list[DestructionView]:
    """Return destructions, the newest first; those of one source where it is named."""
    rows = Destruction.objects.order_by("-pk")
    if source_id is not None:
        rows = rows.filter(source=source_id)
    return [view_of(DestructionView, row) for row in rows]


def destroyed_within(span: Interval) -> list[DestroyedView]:
    """Return what destructions that were done within a time removed, by source."""
    rows = Destruction.objects.filter(done_at__gte=span.start, done_at__lt=span.end).order_by("source")
    totals = rows.values_list("source").annotate(Count("pk"), Sum("segments"), Sum("bytes"), Sum("survivors"))
    return [DestroyedView(*row) for row in totals]


@dataclass(frozen=True, slots=True)
class DestroyedLength:
    """How much recorded time a destruction removed, and how much it kept for holds, in seconds."""

    destroyed_s: float
    kept_s: float


def destroyed_lengths(found: Collection[DestructionView]) -> dict[str, DestroyedLength]:
    """Return how long it is what destructions removed and kept, by their numbers; those that are under way are missing."""
    done = [one.number for one in found if one.done_at is not None]
    removed = _removed_s(Destruction.objects.filter(number__in=done))
    whole, cut = defaultdict[str, float](float), defaultdict[str, float](float)
    kept = Survivor.objects.filter(destruction__number__in=done, booked=True, lost=False)
    for number, start, end, segment, origin in kept.values_list(
        "destruction__number", "start", "end", "segment", "from_segment"
    ):
        (whole if segment == origin else cut)[number] += (end - start).total_seconds()
    return {
        number: DestroyedLength(max(gone_s - cut[number], 0.0), whole[number] + cut[number])
        for number, gone_s in removed.items()
    }


def _removed_s(rows: QuerySet[Destruction]) -> dict[str, float]:
    """Return how long the segments are that destructions removed; those of a day that went as a whole are not summed one by one."""
    keys = list(rows.values_list("number", "source_id", "day", "recipient", "bytes"))
    days = catalog.recorded_days({key[1] for key in keys}, {key[2] for key in keys})
    removed, parts = {}, []
    for number, source_id, day, recipient, size in keys:
        recorded = days.get((source_id, day))
        if recorded is not None and recorded.bytes == size:
            removed[number] = recorded.recorded_s
        else:
            parts.append((number, (source_id, day, recipient)))
    summed = catalog.destroyed_seconds({key[0] for _, key in parts}, {key[1] for _, key in parts})
    return {**removed, **{number: summed.get(key, 0.0) for number, key in parts}}


def survivors(number: str) -> list[SurvivorView]:
    """Return what a destruction kept for holds, in order of time."""
    rows = Survivor.objects.filter(destruction__number=number, booked=True).order_by("start", "pk")
    return [
        view_of(SurvivorView, row, destruction=number, whole=row.segment == row.from_segment) for row in rows
    ]


def _survivors_of_begun(days: set[date]) -> dict[tuple[str, date], set[str]]:
    """Return, of each source and date with a destruction, among some dates, the public halves under which it kept anything."""
    found: dict[tuple[str, date], set[str]] = {}
    rows = Destruction.objects.filter(day__in=days).values_list("source_id", "day", "survivor_recipient")
    for source_id, day, recipient in rows:
        found.setdefault((source_id, day), set()).add(recipient)
    return found


def _without_survivors(kept: KeptDay, recipients: set[str]) -> KeptDay:
    rest = [
        each for each in catalog.stored_objects(kept.source_id, kept.day) if each.recipient not in recipients
    ]
    return KeptDay(kept.source_id, kept.day, len(rest), sum(each.bytes for each in rest))


HOLDS: NumberedRows[Hold] = NumberedRows(
    rows=Hold.objects.all,
    views=lambda rows: [hold_view(row) for row in rows],
    at="placed_at",
    begun=(HOLD_PLACED,),
    series="holds",
    search=lambda rows, words: rows.filter(
        Q(number__icontains=words) | Q(case__icontains=words) | Q(source__name__icontains=words)
    ),
)
"""The register of holds."""
DESTRUCTIONS: NumberedRows[Destruction] = NumberedRows(
    rows=lambda: Destruction.objects.prefetch_related("kept"),
    views=lambda rows: [view_of(DestructionView, row) for row in rows],
    at="decided_at",
    begun=(DESTRUCTION_DECIDED,),
    series="destructions",
    search=lambda rows, words: rows.filter(Q(number__icontains=words) | Q(source__name__icontains=words)),
)
"""The register of destructions by the program."""


_JOINED = timedelta(seconds=1)
"""Recordings this close are listed as one."""


@dataclass(frozen=True, slots=True)
class Released:
    """Recordings of one civil date that only the hold keeps.

    Attributes:
        parts: from when until when, in order.
        at_once: their term is over: they are destroyed as soon as the hold ends.
        until: when they are destroyed otherwise; None where no term is known.
    """

    day: date
    parts: tuple[Interval, ...]
    at_once: bool
    until: datetime | None


def released_by(number: str, clock: Clock) -> list[Released]:
    """Return what is destroyed, and when, once a standing hold ends: what it keeps and no other does, by civil date."""
    standing = standing_holds()
    freed: defaultdict[tuple[str, date], list[Interval]] = defaultdict(list)
    for hold in (each for each in standing if each.number == number):
        others = [each for each in standing if each.number != number and each.source_id == hold.source_id]
        for day, part in _freed(hold, others):
            freed[hold.source_id, day].append(part)
    terms, found = Terms(clock), []
    for (source_id, day), parts in sorted(freed.items(), key=lambda pair: pair[0][1]):
        term, over = terms.term(source_id, day), due_term(terms, source_id, day, terms.now)
        until = term.key_dead_by if term is not None else None
        found.append(Released(day, tuple(merged(parts, _JOINED)), over is not None, until))
    return found


def _freed(hold: StandingHold, others: list[StandingHold]) -> Iterator[tuple[date, Interval]]:
    """Yield what is recorded within a hold and kept by none of the others, with its civil date."""
    reach = hold.reach
    for segment in catalog.segments(hold.source_id, reach.start, reach.end):
        if not hold.keeps_of(segment.run):
            continue
        kept = segment.interval.intersection(hold.time_of(segment.run))
        covers = [each.time_of(segment.run) for each in others if each.keeps_of(segment.run)]
        for part in uncovered(kept, covers) if kept is not None else ():
            yield segment.day, part
