"""Recorded time and gaps."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, DurationField, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Sum

from rejent.catalog.coverage import CLOCK_SLACK, LONGEST, SETTLING, UNKNOWN, holes, seconds, unheard, within
from rejent.catalog.errors import NoSuchSegmentError
from rejent.catalog.models import DayTotal, Gap, Segment, SegmentState, Source, SourceHealth, Sweep
from rejent.catalog.stream_parts import SOURCES
from rejent.catalog.views import (
    RECORDING,
    DaySummary,
    GapView,
    LivingDay,
    SegmentView,
    Short,
    StoredObject,
    Totals,
)
from rejent.kernel.clock import Clock, local_midnight
from rejent.kernel.intervals import Interval, uncovered
from rejent.registers.guard.memory import VerifiedOnce
from rejent.registers.guard.rows import matching

SILENT_AFTER = timedelta(seconds=15)
"""A recorder reports every few seconds; one that has not for this long is not running."""
_SHORT = {name: Sum(name, default=0) for name in ("seams", "seams_ms", "dropped", "retimed")}

SEGMENT_COLUMNS = (
    "id",
    "source_id",
    "day",
    "start",
    "end",
    "run",
    "object_name",
    "bytes",
    "sha256",
    "recipient",
    "units",
    "traits",
    "index",
    "recovered",
    "tail",
    "state",
    "entry",
    "head",
    "seams",
    "seams_ms",
    "dropped",
    "retimed",
)


def segments(source_id: str, start: datetime, end: datetime, *, destroyed: bool = False) -> list[SegmentView]:
    """Return the segments that reach into ``[start, end)``, in order; with ``destroyed`` also those without content."""
    rows = _reaching(source_id, start, end)
    if not destroyed:
        rows = rows.exclude(state=SegmentState.DESTROYED)
    return [segment_view(row) for row in rows.order_by("start", "pk").values_list(*SEGMENT_COLUMNS)]


def covered_until(source_id: str) -> datetime | None:
    """Return the end of a source's newest segment, or nothing before its first."""
    return (
        Segment.objects.filter(source_id=source_id).order_by("-start").values_list("end", flat=True).first()
    )


def segment(segment_id: UUID) -> SegmentView:
    """Return a segment by its identifier, destroyed or not. Raises `NoSuchSegmentError`: there is none."""
    row = Segment.objects.filter(pk=segment_id).values_list(*SEGMENT_COLUMNS).first()
    if row is None:
        raise NoSuchSegmentError("There is no segment {segment}.", segment=segment_id)
    return segment_view(row)


def verified_segment(segment_id: UUID) -> SegmentView | None:
    """Return a segment as it was entered; nothing where there is none, or its row was planted or altered.

    What no entry binds of it, such as its state, may be older than the row.
    """
    return _segments.get(segment_id, partial(_verified_segment, segment_id))


def verified_segments(segment_ids: Collection[UUID]) -> dict[UUID, SegmentView]:
    """Return segments as `verified_segment` does, by their ids, read and verified together."""
    found = (
        segment_view(tuple(getattr(row, name) for name in SEGMENT_COLUMNS))
        for row in matching(Segment.objects.filter(pk__in=segment_ids))
    )
    return {each.id: each for each in found}


def _verified_segment(segment_id: UUID) -> SegmentView | None:
    for row in matching(Segment.objects.filter(pk=segment_id)):
        return segment_view(tuple(getattr(row, name) for name in SEGMENT_COLUMNS))
    return None


_segments = VerifiedOnce[SegmentView | None](Segment)


def gaps(source_id: str, start: datetime, end: datetime, *, clock: Clock | None = None) -> list[GapView]:
    """Return every stretch of ``[start, end)`` in which the source should have recorded and did not, in order.

    Booked gaps are given whole. With a clock, what nothing covers and no sweep has found yet is added.
    """
    booked = _gap_rows(source_id, start, end)
    found = [GapView(source_id, low, high, cause) for low, high, cause in booked]
    if clock is not None:
        found += _unbooked(source_id, start, min(end, clock.now() - SETTLING))
    return sorted(found, key=lambda gap: gap.start)


def month_summary(source_id: str, first: date, last: date, *, clock: Clock | None = None) -> list[DaySummary]:
    """Return the civil dates from ``first`` to ``last``, both included; an open gap counts up to now."""
    start, end = local_midnight(first), local_midnight(last + timedelta(days=1))
    until = min(end, clock.now()) if clock else end
    rows = DayTotal.objects.filter(source=source_id, day__gte=first, day__lte=last)
    sums = {row.day: row for row in rows}
    missing = _gap_rows(source_id, start, end)
    return [_day(day, sums.get(day), missing, until) for day in _days(first, last)]


def totals(source_id: str, *, clock: Clock | None = None) -> Totals:
    """Return what a source has recorded and missed since its first start; an open gap counts up to now.

    With a clock, what its recorder writes now is counted as far as it last said that it records.
    """
    sums = DayTotal.objects.filter(source=source_id).aggregate(
        recorded_ms=Sum("recorded_ms", default=0), **_SHORT
    )
    recorded_s = sums.pop("recorded_ms") / 1000 + (_being_recorded(source_id, clock) if clock else 0.0)
    now = clock.now() if clock else Sweep.objects.filter(pk=1).values_list("at", flat=True).first()
    missed = timedelta()
    for start, end in Gap.objects.filter(source=source_id).values_list("start", "end"):
        closed = end or now
        if closed is not None and closed > start:
            missed += closed - start
    return Totals(recorded_s, missed.total_seconds(), _short(**sums))


def _being_recorded(source_id: str, clock: Clock) -> float:
    """Return the seconds that a source without pauses has recorded since its last booked segment, and is still recording."""
    row = SourceHealth.objects.filter(source=source_id).select_related("source").first()
    if row is None or row.state != RECORDING or not SOURCES.of(row.source.stream).is_continuous:
        return 0.0
    now, reported = clock.now(), row.reported_at
    if (
        not -CLOCK_SLACK <= now - reported <= SILENT_AFTER
        or Gap.objects.filter(source=source_id, end=None).exists()
    ):
        return 0.0
    newest = [table.objects.filter(source=source_id).order_by("-start") for table in (Segment, Gap)]
    ends = [end for rows in newest for end in rows.values_list("end", flat=True)[:1] if end]
    return max((min(reported, now) - max(ends, default=row.since)).total_seconds(), 0.0)


def _short(*, seams: int, seams_ms: int, dropped: int, retimed: int) -> Short:
    return Short(seams, seams_ms / 1000, dropped, retimed)


class RecordedDay(NamedTuple):
    """All that was recorded of one source and civil date, destroyed since or not."""

    recorded_s: float
    bytes: int


def recorded_days(sources: Collection[str], days: Collection[date]) -> dict[tuple[str, date], RecordedDay]:
    """Return what was recorded, by source and civil date."""
    rows = DayTotal.objects.filter(source__in=sources, day__in=days)
    return {(row.source_id, row.day): RecordedDay(row.recorded_ms / 1000, row.bytes) for row in rows}


def destroyed_seconds(sources: Collection[str], days: Collection[date]) -> dict[tuple[str, date, str], float]:
    """Return how long the segments without content are in all, by source, civil date and the public half of their key."""
    rows = Segment.objects.filter(source__in=sources, day__in=days, state=SegmentState.DESTROYED)
    length = ExpressionWrapper(F("end") - F("start"), output_field=DurationField())
    summed = rows.values_list("source_id", "day", "recipient").annotate(length=Sum(length))
    return {(source, day, recipient): each.total_seconds() for source, day, recipient, each in summed}


def living_days(until: date | None = None) -> list[LivingDay]:
    """Return what is not destroyed, by source, civil date, key and state; up to and with a date, oldest first."""
    rows = Segment.objects.exclude(state=SegmentState.DESTROYED)
    if until is not None:
        rows = rows.filter(day__lte=until)
    grouped = rows.values_list("source_id", "day", "recipient", "state").annotate(Count("pk"), Sum("bytes"))
    return [LivingDay(*row) for row in grouped.order_by("day", "source_id", "recipient", "state")]


def cut_short() -> list[UUID]:
    """Return the segments that a recorder booked as cut short and that are not destroyed, oldest first."""
    rows = Segment.objects.filter(recovered=True).exclude(state=SegmentState.DESTROYED)
    return list(rows.order_by("start").values_list("pk", flat=True))


def stored_objects(source_id: str, day: date, recipient: str | None = None) -> list[StoredObject]:
    """Return the objects that the vault must hold of a source's civil date, of one key where given."""
    rows = Segment.objects.filter(source=source_id, day=day).exclude(state=SegmentState.DESTROYED)
    if recipient is not None:
        rows = rows.filter(recipient=recipient)
    columns = ("pk", "object_name", "bytes", "sha256", "recipient")
    return [*map(StoredObject._make, rows.order_by("start").values_list(*columns))]


def segment_view(row: tuple[object, ...]) -> SegmentView:
    """Return a row of `SEGMENT_COLUMNS` as it is handed out."""
    values = dict(zip(SEGMENT_COLUMNS, row, strict=True))
    values["index"] = bytes(values["index"])  # type: ignore[call-overload]  # PostgreSQL gives a memoryview
    return SegmentView(**values)  # type: ignore[arg-type]  # the columns are the view's own fields


def _reaching(source_id: str, start: datetime, end: datetime) -> QuerySet[Segment]:
    """Segments that share an instant with ``[start, end)``; bounded on both sides so that the index serves."""
    longest = longest_of(source_id)
    return Segment.objects.filter(source=source_id, start__gt=start - longest, start__lt=end, end__gt=start)


class Extent(NamedTuple):
    """Time of a source that is booked: from its first segment or gap to its last; an open gap lasts until now."""

    source: Source
    start: datetime | None
    end: datetime | None


def extents(rows: QuerySet[Source], now: datetime) -> list[Extent]:
    """Return how far what is booked of each source reaches, by guarded rows and not by the source's own columns."""
    own = [
        table.objects.filter(source=OuterRef("pk"), end__isnull=False).order_by("start")
        for table in (Segment, Gap)
    ]
    starts = {f"start_{place}": Subquery(one.values("start")[:1]) for place, one in enumerate(own)}
    ends = {f"end_{place}": Subquery(one.reverse().values("end")[:1]) for place, one in enumerate(own)}
    still = Gap.objects.filter(source=OuterRef("pk"), end__isnull=True).values("start")[:1]
    found = []
    for row in rows.annotate(**starts, **ends, open_since=Subquery(still)).order_by("pk"):
        held = vars(row)
        begun = [at for name in (*starts, "open_since") if (at := held[name]) is not None]
        ended = [at for name in ends if (at := held[name]) is not None]
        ended += [now] if held["open_since"] is not None else []
        found.append(Extent(row, min(begun, default=None), max(ended, default=None)))
    return found


def longest_of(source_id: str) -> timedelta:
    """Return how long a segment of a source may be: recordings that a device of the office made are kept as they are."""
    row = Source.objects.filter(pk=source_id).values_list("stream", "address").first()
    return SOURCES.of(row[0]).reach(row[1]) if row is not None else LONGEST


def _gap_rows(source_id: str, start: datetime, end: datetime) -> list[tuple[datetime, datetime | None, str]]:
    rows = Gap.objects.filter(source=source_id, start__lt=end).filter(Q(end__isnull=True) | Q(end__gt=start))
    return list(rows.order_by("start").values_list("start", "end", "cause"))


def _unbooked(source_id: str, start: datetime, end: datetime) -> Iterator[GapView]:
    """Stretches that nothing covers between what a sweep has accounted for and ``end``."""
    source = Source.objects.filter(pk=source_id, accounted_until__isnull=False).first()
    if source is None or source.accounted_until is None:
        return
    low = max(start, source.accounted_until)
    high = min(end, source.removed_at) if source.removed_at else end
    if low >= high:
        return
    whole = Interval(low, high)
    covers = [Interval(*row) for row in _reaching(source_id, low, high).values_list("start", "end")]
    form = SOURCES.of(source.stream)
    if form.comes_late(source.address):
        covers.append(whole)
    elif not form.is_continuous:
        health = SourceHealth.objects.filter(source=source).values_list("reported_at", flat=True)
        covers += uncovered(whole, unheard(whole, health.first()))
    booked = (within(whole, first, last) for first, last, _ in _gap_rows(source_id, low, high))
    for hole in holes(whole, [*covers, *(part for part in booked if part)]):
        yield GapView(source_id, hole.start, hole.end, UNKNOWN)


def _days(first: date, last: date) -> Iterator[date]:
    for count in range((last - first).days + 1):
        yield first + timedelta(days=count)


def _day(
    day: date, total: DayTotal | None, missing: list[tuple[datetime, datetime | None, str]], until: datetime
) -> DaySummary:
    start, end = local_midnight(day), min(local_midnight(day + timedelta(days=1)), until)
    whole = Interval(start, end) if start < end else None
    parts = [part for low, high, _ in missing if whole and (part := within(whole, low, high))]
    recorded_s = total.recorded_ms / 1000 if total else 0.0
    return DaySummary(day, recorded_s, seconds(parts), total.segments if total else 0, len(parts))
