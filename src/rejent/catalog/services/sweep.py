"""The sweep: what neither a segment nor a gap covers becomes a gap, with the cause that silence shows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.db import transaction
from django.db.models import F, Q

from rejent.catalog.coverage import (
    CLOCK_SLACK,
    LONGEST,
    PROGRAM_OFF,
    RECORDER_STOPPED,
    SEAM,
    SETTLING,
    SWITCHED_OFF,
    UNKNOWN,
    Missing,
    holes,
    recorder_of,
    unheard,
)
from rejent.catalog.models import Gap, Segment, Source, SourceHealth, Sweep
from rejent.catalog.queries.recordings import Extent, extents
from rejent.catalog.services.gaps import book_gaps, unwritten_since
from rejent.catalog.stream_parts import SOURCES
from rejent.kernel.clock import Clock
from rejent.kernel.intervals import Interval, uncovered
from rejent.office import services as office
from rejent.office.people import maintenance
from rejent.registers.guard.rows import matching

OFF_AFTER = timedelta(minutes=5)
"""A longer silence between two sweeps means that the program was off."""


def sweep_gaps(clock: Clock) -> int:
    """Find stretches that nothing covers, older than what a recorder needs for booking; make them gaps and return their number.

    A stretch that reaches up to now becomes an open gap, which the next segment ends.
    """
    until = clock.now() - SETTLING
    with transaction.atomic():
        lagging = Source.objects.select_for_update(no_key=True).filter(
            Q(removed_at__isnull=True) | Q(removed_at__gt=F("accounted_until"))
        )
        swept_at = Sweep.objects.filter(pk=1).values_list("at", flat=True).first()
        sources = []
        for each in extents(lagging, clock.now()):
            source, source.accounted_until = each.source, _look_from(each, swept_at)
            if source.accounted_until is not None and source.accounted_until < until:
                sources.append(source)
        booked = _book_uncovered(sources, until, swept_at, clock) if sources else 0
        Sweep.objects.update_or_create(pk=1, defaults={"at": clock.now()})
        return booked


def _look_from(extent: Extent, swept_at: datetime | None) -> datetime | None:
    """Return as far as a source is accounted for; nothing before its first sign.

    The column, which nothing binds, counts no farther than what is booked of the source reaches; where that may be nothing at all, no
    farther than the sweep before.
    """
    source, form = extent.source, SOURCES.of(extent.source.stream)
    accounted = source.accounted_until or extent.start
    is_borne = form.is_continuous and not form.comes_late(source.address)
    reached = extent.end if is_borne else swept_at
    return accounted if accounted is None or reached is None else min(accounted, reached)


def _book_uncovered(sources: list[Source], until: datetime, swept_at: datetime | None, clock: Clock) -> int:
    now = clock.now()
    covers = _covers(sources, now)
    silence = _silence(sources, swept_at, clock)
    missing: list[tuple[str, Missing]] = []
    for source in sources:
        if source.accounted_until is None:
            continue
        parts = [part.interval for part in covers[source.pk]]
        end = source.removed_at or max([now, *(part.end for part in parts)])
        if end <= source.accounted_until:
            continue
        whole = Interval(source.accounted_until, end)
        form = SOURCES.of(source.stream)
        if form.comes_late(source.address):
            parts.append(whole)
        elif not form.is_continuous:
            parts += silence.listened(source.pk, whole, covers[source.pk])
        found = [hole for hole in holes(whole, parts) if hole.start < until]
        for hole in found:
            still_open = hole.end == end and source.removed_at is None
            cause = silence.cause(source.pk, hole, covers[source.pk])
            start = unwritten_since(source, hole.start, cause)
            missing.append((source.pk, Missing(start, None if still_open else hole.end, cause)))
        reached = [part.end for part in [*parts, *found]]
        source.accounted_until = max([whole.start, *(min(instant, until, end) for instant in reached)])
    booked = book_gaps(missing, clock)
    Source.objects.bulk_update(sources, ["accounted_until"])
    return booked


@dataclass(frozen=True, slots=True)
class _Cover:
    """Cover of a stretch; ``run`` is empty for a gap."""

    interval: Interval
    run: str


def _covers(sources: list[Source], now: datetime) -> dict[str, list[_Cover]]:
    """Return segments and gaps of each source from where it is accounted for, in order."""
    since = {source.pk: source.accounted_until for source in sources}
    earliest = min(instant for instant in since.values() if instant is not None)
    near = Q(source_id__in=since, end__gt=earliest)
    recent = Segment.objects.filter(near, start__gt=earliest - LONGEST)
    rows = [*recent.values_list("source_id", "start", "end", "run")]
    gaps = Gap.objects.filter(Q(source_id__in=since, end__isnull=True) | near)
    rows += [
        (source, start, end or max(now, start + SEAM), "")
        for source, start, end in gaps.values_list("source_id", "start", "end")
    ]
    found: dict[str, list[_Cover]] = {source.pk: [] for source in sources}
    for source_id, start, end, run in rows:
        found[source_id].append(_Cover(Interval(start, end), run))
    for parts in found.values():
        parts.sort(key=lambda part: part.interval)
    return found


@dataclass(frozen=True, slots=True)
class _Silence:
    """Facts about why nothing came: the sweep before, and when each recorder last spoke, as far as that can be."""

    now: datetime
    swept_at: datetime | None
    reported_at: dict[str, datetime]

    def listened(self, source_id: str, whole: Interval, covers: list[_Cover]) -> list[Interval]:
        """Return what of the time of a source of items needs no recording, because somebody listened.

        What it says itself is booked already. An item that ends after its last word shows that it lived until then.
        """
        reported_at = self.reported_at.get(source_id)
        if reported_at is None:
            return uncovered(whole, unheard(whole, None))
        items = (part.interval.end for part in covers if part.run)
        heard = max([reported_at, *(end for end in items if end <= self.now)])
        return uncovered(whole, unheard(whole, heard))

    def cause(self, source_id: str, hole: Interval, covers: list[_Cover]) -> str:
        """Return the cause that fits a hole."""
        if self.swept_at is not None and self.now - self.swept_at > OFF_AFTER and hole.end > self.swept_at:
            return PROGRAM_OFF
        reported_at = self.reported_at.get(source_id)
        silent = reported_at is None or self.now - reported_at > SETTLING
        if silent or _run_changed(hole, covers):
            return RECORDER_STOPPED
        return UNKNOWN


def _silence(sources: list[Source], swept_at: datetime | None, clock: Clock) -> _Silence:
    now = clock.now()
    reports = SourceHealth.objects.filter(source__in=sources, reported_at__lte=now + CLOCK_SLACK)
    return _Silence(now, swept_at, dict(reports.values_list("source_id", "reported_at")))


def _run_changed(hole: Interval, covers: list[_Cover]) -> bool:
    """Return whether the segments on both sides of a hole come from different starts of the recorder."""
    return any(
        before.run and after.run and recorder_of(before.run) != recorder_of(after.run)
        for before, after in pairwise(covers)
        if before.interval.end == hole.start and after.interval.start == hole.end
    )


LEAST = timedelta(minutes=5)
"""From which on a gap is an outage that stands in the log."""
LOOK_BACK = timedelta(days=31)
"""Gaps that ended longer ago were entered while the program ran, or are left to the list of gaps."""
NO_FAULT = frozenset({SWITCHED_OFF, "day-change", "clock-set"})
"""Causes of gaps that are no fault."""
_AT_ONCE = 200


def enter_outages(*, clock: Clock) -> int:
    """Open a fault for each gap that is an outage and has none; close those whose gap ended or went; return how many changed.

    A gap keeps its number whatever becomes of it, so that nothing is entered twice, whenever the program starts again.
    """
    entered, now, changed = maintenance.outages_entered(), clock.now(), 0
    lately = Q(end__isnull=True) | Q(end__gte=now - LOOK_BACK)
    rows = Gap.objects.filter(lately, start__lte=now - LEAST).exclude(cause__in=NO_FAULT)
    unknown = [
        number
        for number, start, end in rows.order_by("pk").values_list("pk", "start", "end")
        if number not in entered and (end or now) - start >= LEAST
    ]
    for gap in matching(
        Gap.objects.filter(pk__in=unknown[:_AT_ONCE]).select_related("source").order_by("pk")
    ):
        description = f"{gap.cause}: {gap.start.isoformat(timespec='seconds')}"
        office.open_fault(
            description=description,
            source=gap.source_id,
            stream=gap.source.stream,
            clock=clock,
            actor="",
            outage=gap.pk,
        )
        changed += 1
    return changed + _close_ended(clock)


def _close_ended(clock: Clock) -> int:
    standing = {number: one for number, one in maintenance.outages_entered().items() if one.closed_at is None}
    ends = dict(Gap.objects.filter(pk__in=standing).values_list("pk", F("end")))
    over = [number for number in standing if number not in ends or ends[number] is not None]
    for number in over:
        end = ends.get(number)
        outcome = f"{end.isoformat(timespec='seconds')}" if end else "–"
        office.close_fault(standing[number].number, outcome=outcome, clock=clock, actor="")
    return len(over)
