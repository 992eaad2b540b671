"""Booking what was not recorded: gaps opened, closed, and pushed back by segments that come late."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, F, Max, Q, Value
from django.db.models.functions import Greatest

from rejent.catalog.acts import GAP_CLOSED, GAP_CORRECTED, GAP_OPENED
from rejent.catalog.coverage import SEAM, SWEPT, Missing, ended, pushed_back
from rejent.catalog.errors import NoSuchSourceError
from rejent.catalog.models import Gap, Segment, Source
from rejent.catalog.stream_parts import SOURCES
from rejent.kernel.acts import Act
from rejent.kernel.clock import Clock
from rejent.kernel.intervals import Interval, uncovered
from rejent.registers.guard.rows import matching
from rejent.registers.services import PendingEntry, enter_many

_LOOK_BACK = 2 * SEAM

UNWRITTEN = timedelta(seconds=10)
"""Time before its last report from which a killed recorder may have left unwritten what it had heard of an item."""


def open_gap(source_id: str, start: datetime, cause: str, *, clock: Clock) -> None:
    """Book that a source has recorded nothing since ``start``, until `close_gap` or a segment ends it.

    An open gap of the same cause goes on, and so does one whose cause was reported, where all of it is now put down to silence, as by a
    recorder that starts again; any other ends where this one starts. What a segment already
    covers is no gap, unless the kind keeps it (`rejent.catalog.stream_parts.SourceForm`), and a source that was removed has none.
    Raises `NoSuchSourceError`: there is no such source.
    """
    with transaction.atomic():
        source = locked_source(source_id)
        current = Gap.objects.filter(source=source, end__isnull=True).first()
        if source.removed_at is not None or (current is not None and _goes_on(current, start, cause)):
            return
        if current is not None:
            start = max(start, current.start)
            if not end_gap(current, start, clock):
                return
        start = _first_missing(source, start, cause)
        start_accounting(source, start)
        book_gaps([(source_id, Missing(start, None, cause))], clock)


def _goes_on(current: Gap, start: datetime, cause: str) -> bool:
    is_silence = cause in SWEPT and current.cause not in SWEPT
    return current.cause == cause or (is_silence and start <= current.start)


def _first_missing(source: Source, start: datetime, cause: str) -> datetime:
    """Return the instant from which nothing is covered at ``start``; the seam before it, if any, belongs to what follows.

    A seam reaches back to a segment or gap, or to the source's first sign, from which everything is accounted for.
    A segment covers nothing of a gap that stands beside it (`rejent.catalog.stream_parts.SourceForm.keeps_gap`).
    """
    form = SOURCES.of(source.stream)
    start = unwritten_since(source, start, cause)
    near = start - SEAM if form.is_continuous else start
    covers = (Gap.objects,) if form.keeps_gap(source.address, cause) else (Segment.objects, Gap.objects)
    ends = [rows.filter(source=source, end__gte=near).aggregate(last=Max("end"))["last"] for rows in covers]
    first = source.started_at
    if form.is_continuous and first is not None and near <= first <= start:
        ends.append(first)
    return max((end for end in ends if end is not None), default=start)


def unwritten_since(source: Source, start: datetime, cause: str) -> datetime:
    """Return where a gap put down to silence begins: where the item ends that its recorder, killed, had not written out.

    Its last report may be later than that, and what it heard between the two is lost; or earlier, and it recorded on meanwhile.
    """
    if not _may_lack(source, cause):
        return start
    around = Segment.objects.filter(source=source, end__range=(start - UNWRITTEN, start + UNWRITTEN))
    left = around.filter(recovered=True).order_by("end").last()
    ended = Gap.objects.filter(source=source, end__range=(start - UNWRITTEN, start)).order_by("end").last()
    if left is None:
        return start
    return max(left.end, ended.end) if ended is not None and ended.end is not None else left.end


def _may_lack(source: Source, cause: str) -> bool:
    """Return whether the gap may have begun in an item, before the last report of its recorder."""
    return cause in SWEPT and SOURCES.of(source.stream).items


def close_gap(source_id: str, end: datetime, *, clock: Clock) -> None:
    """Book that the open gap of a source, if there is one, ended; an empty gap vanishes.

    Raises `NoSuchSourceError`: there is no such source.
    """
    with transaction.atomic():
        source = locked_source(source_id)
        current = Gap.objects.filter(source=source, end__isnull=True).first()
        if current is not None:
            end_gap(current, end, clock)


def book_past_gap(source_id: str, start: datetime, end: datetime, cause: str, *, clock: Clock) -> None:
    """Book that something of a time that is over is missing, as far as no other gap of the source says so already.

    What was recorded then stays beside it, so its cause is one that the kind keeps (`rejent.catalog.stream_parts.SourceForm.keeps_gap`).
    Raises `NoSuchSourceError`: there is no such source.
    """
    with transaction.atomic():
        source = locked_source(source_id)
        near = Gap.objects.filter(source=source, start__lt=end).filter(Q(end__isnull=True) | Q(end__gt=start))
        known = [
            Interval(max(each, start), min(until or end, end))
            for each, until in near.values_list("start", "end")
        ]
        parts = [part for part in uncovered(Interval(start, end), known) if part.length > SEAM]
        if parts:
            start_accounting(source, parts[0].start)
            book_gaps([(source_id, Missing(part.start, part.end, cause)) for part in parts], clock)


def locked_source(source_id: str) -> Source:
    """Return the row of a source, locked until the transaction ends. Raises `NoSuchSourceError`: there is no such source."""
    source = Source.objects.select_for_update(no_key=True).filter(pk=source_id).first()
    if source is None:
        raise NoSuchSourceError("There is no source {source}.", source=source_id)
    return source


@dataclass(frozen=True, slots=True)
class Correction:
    """A booked gap that segments reach into, and what remains of it."""

    row: Gap
    remains: list[Missing]

    def store(self, clock: Clock) -> list[PendingEntry]:
        """Store what remains, the first piece in the same row, and return what is to be entered of it.

        That is that the gap closed, where only its open end was set; otherwise a correction, and each further piece.
        """
        row, before = self.row, Missing(self.row.start, self.row.end, self.row.cause)
        account_again(row.source_id, row.start)
        if not self.remains:
            Gap.objects.filter(pk=row.pk).delete()
            return [_pending(GAP_CORRECTED, row, before, clock, remains=[])]
        first, *others = self.remains
        row.start, row.end = first.start, first.end
        row.save(update_fields=["start", "end"])
        if before.end is None and not others and first.start == before.start and first.end is not None:
            return [_pending(GAP_CLOSED, row, first, clock)]
        made = Gap.objects.bulk_create(_row(row.source_id, part) for part in others)
        return [
            _pending(GAP_CORRECTED, row, before, clock, remains=self.remains),
            *(_booked(each, part, clock) for each, part in zip(made, others, strict=True)),
        ]


def corrections(segments: Sequence[tuple[str, Interval, bool]]) -> list[Correction]:
    """Return what segments about to be booked make of the gaps booked so far.

    Of ``segments`` source, interval, and whether it was recovered.
    """
    if not segments:
        return []
    first, last = min(part.start for _, part, _ in segments), max(part.end for _, part, _ in segments)
    touched = Gap.objects.filter(source_id__in={source for source, _, _ in segments}, start__lt=last)
    found: list[Correction] = []
    near = touched.filter(Q(end__isnull=True) | Q(end__gt=first)).prefetch_related("source")
    for row in matching(near):
        apart = SOURCES.of(row.source.stream).keeps_gap(row.source.address, row.cause)
        before = [Missing(row.start, row.end, row.cause)]
        remains = before
        for source_id, part, recovered in sorted(segments, key=lambda each: each[1].start):
            if source_id == row.source_id:
                rest = ended if apart else pushed_back
                remains = [left for piece in remains for left in rest(piece, part, recovered=recovered)]
        if remains != before:
            found.append(Correction(row, remains))
    return found + _moved_back(segments)


def _moved_back(segments: Iterable[tuple[str, Interval, bool]]) -> list[Correction]:
    """Return the gaps of silence that begin a little behind what a killed recorder left, begun where that ends."""
    found: dict[str, Correction] = {}
    for source_id, part, recovered in segments:
        ahead = Q(source_id=source_id, start__gt=part.end, start__lte=part.end + UNWRITTEN)
        if not recovered or Gap.objects.filter(source_id=source_id, start__lte=part.end, end__gt=part.end):
            continue
        for row in matching(Gap.objects.filter(ahead).select_related("source").order_by("start")[:1]):
            behind = Segment.objects.filter(source_id=source_id, end__gt=part.end, end__lte=row.start)
            if _may_lack(row.source, row.cause) and not behind.exists():
                found[source_id] = Correction(row, [Missing(part.end, row.end, row.cause)])
    return list(found.values())


def end_gap(gap: Gap, end: datetime, clock: Clock) -> bool:
    """Close an open gap at ``end``; no longer than a seam, it vanishes. Return whether it was closed.

    One that is not as it was entered stays as it is, and `fsck` names it.
    """
    for row in matching([gap]):
        remains = [Missing(row.start, end, row.cause)] if end - row.start > SEAM else []
        enter_many(Correction(row, remains).store(clock))
        return True
    return False


def book_gaps(missing: Iterable[tuple[str, Missing]], clock: Clock) -> int:
    """Store gaps, each of a source, and enter them; return how many."""
    found = list(missing)
    rows = Gap.objects.bulk_create(_row(source_id, part) for source_id, part in found)
    enter_many([_booked(row, part, clock) for row, (_, part) in zip(rows, found, strict=True)])
    return len(found)


def start_accounting(source: Source, start: datetime) -> None:
    """From its first sign on, every second of a source is accounted for."""
    if source.started_at is None or start < source.started_at:
        Source.objects.filter(pk=source.pk).update(started_at=start, accounted_until=start)


def account_again(source_id: str, start: datetime) -> None:
    """Let the next sweep look again from shortly before ``start``, but not before the source's first start."""
    earlier = start - _LOOK_BACK
    Source.objects.filter(pk=source_id, accounted_until__gt=earlier).update(
        accounted_until=Greatest(F("started_at"), Value(earlier, output_field=DateTimeField()))
    )


def _row(source_id: str, gap: Missing) -> Gap:
    return Gap(source_id=source_id, start=gap.start, end=gap.end, cause=gap.cause)


def _booked(row: Gap, gap: Missing, clock: Clock) -> PendingEntry:
    return _pending(GAP_OPENED if gap.end is None else GAP_CLOSED, row, gap, clock)


def _pending(
    act: Act, row: Gap, gap: Missing, clock: Clock, remains: Sequence[Missing] | None = None
) -> PendingEntry:
    record: dict[str, object] = {
        "source": row.source_id,
        "cause": gap.cause,
        "start": gap.start.isoformat(),
        "end": gap.end.isoformat() if gap.end else None,
    }
    if remains is not None:
        record["remains"] = [
            [part.start.isoformat(), part.end.isoformat() if part.end else None] for part in remains
        ]
    subject, gone = f"source:{row.source_id}", remains is not None and not remains
    return PendingEntry(act, actor="", subject=subject, record=record, at=clock.now(), row=row, gone=gone)
