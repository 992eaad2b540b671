"""Booking what was not recorded: gaps opened, closed, and pushed back by segments that come late."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import DateTimeField, F, Q, Value
from django.db.models.functions import Greatest

from rejent.catalog.acts import GAP_CLOSED, GAP_CORRECTED, GAP_OPENED
from rejent.catalog.coverage import SEAM, Missing, pushed_back
from rejent.catalog.errors import NoSuchSourceError
from rejent.catalog.models import Gap, Segment, Source
from rejent.kernel.acts import Act
from rejent.kernel.clock import Clock
from rejent.kernel.intervals import Interval
from rejent.registers.services import PendingEntry, enter, enter_many

_LOOK_BACK = 2 * SEAM


def open_gap(source_id: str, start: datetime, cause: str, *, clock: Clock) -> None:
    """Book that a source has recorded nothing since ``start``, until `close_gap` or a segment ends it.

    An open gap of the same cause goes on; one of another cause ends where this one starts. What a segment already
    covers is no gap, and a source that was removed has none.

    Raises:
        NoSuchSourceError: there is no such source.
    """
    with transaction.atomic():
        source = locked_source(source_id)
        current = Gap.objects.filter(source=source, end__isnull=True).first()
        if source.removed_at is not None or (current is not None and current.cause == cause):
            return
        if current is not None:
            start = max(start, current.start)
            end_gap(current, start, clock)
        for rows in (Segment.objects, Gap.objects):
            reached = rows.filter(source=source, end__gt=start).order_by("-end").values_list("end", flat=True)
            start = max([start, *reached[:1]])
        start_accounting(source, start)
        book_gaps([(source_id, Missing(start, None, cause))], clock)


def close_gap(source_id: str, end: datetime, *, clock: Clock) -> None:
    """Book that the open gap of a source, if there is one, ended; an empty gap vanishes.

    Raises:
        NoSuchSourceError: there is no such source.
    """
    with transaction.atomic():
        source = locked_source(source_id)
        current = Gap.objects.filter(source=source, end__isnull=True).first()
        if current is not None:
            end_gap(current, end, clock)


def locked_source(source_id: str) -> Source:
    """The row of a source, locked until the transaction ends.

    Raises:
        NoSuchSourceError: there is no such source.
    """
    source = Source.objects.select_for_update(no_key=True).filter(pk=source_id).first()
    if source is None:
        raise NoSuchSourceError("There is no source {source}.", source=source_id)
    return source


@dataclass(frozen=True, slots=True)
class Correction:
    """A booked gap that segments reach into, and what remains of it."""

    row: Gap
    remains: list[Missing]

    def deed(self, clock: Clock) -> PendingEntry:
        """What is entered of it: that it closed, where only its open end was set; a correction otherwise."""
        row, remains = self.row, self.remains
        before = Missing(row.start, row.end, row.cause)
        if (
            row.end is None
            and len(remains) == 1
            and remains[0].start == row.start
            and remains[0].end is not None
        ):
            return _deed(GAP_CLOSED, row.source_id, remains[0], {}, clock)
        left = [[part.start.isoformat(), part.end.isoformat() if part.end else None] for part in remains]
        return _deed(GAP_CORRECTED, row.source_id, before, {"remains": left}, clock)

    def write(self, entry: int) -> None:
        """Store what remains; the first piece keeps the row."""
        account_again(self.row.source_id, self.row.start)
        if not self.remains:
            self.row.delete()
            return
        first, *others = self.remains
        Gap.objects.filter(pk=self.row.pk).update(start=first.start, end=first.end, entry=entry)
        for part in others:
            Gap.objects.create(
                source_id=self.row.source_id, start=part.start, end=part.end, cause=part.cause, entry=entry
            )


def corrections(segments: Sequence[tuple[str, Interval, bool]]) -> list[Correction]:
    """What segments about to be booked make of the gaps booked so far.

    Args:
        segments: source, interval, and whether it was recovered.
    """
    if not segments:
        return []
    first, last = min(part.start for _, part, _ in segments), max(part.end for _, part, _ in segments)
    touched = Gap.objects.filter(source_id__in={source for source, _, _ in segments}, start__lt=last)
    found: list[Correction] = []
    for row in touched.filter(Q(end__isnull=True) | Q(end__gt=first)):
        before = [Missing(row.start, row.end, row.cause)]
        remains = before
        for source_id, part, recovered in sorted(segments, key=lambda each: each[1].start):
            if source_id == row.source_id:
                remains = [
                    left for piece in remains for left in pushed_back(piece, part, recovered=recovered)
                ]
        if remains != before:
            found.append(Correction(row, remains))
    return found


def end_gap(gap: Gap, end: datetime, clock: Clock) -> None:
    """Close an open gap at ``end``; no longer than a seam, it vanishes."""
    remains = [Missing(gap.start, end, gap.cause)] if end - gap.start > SEAM else []
    correction = Correction(gap, remains)
    deed = correction.deed(clock)
    correction.write(enter(deed.act, actor=deed.actor, subject=deed.subject, record=deed.record, at=deed.at))


def book_gaps(missing: Iterable[tuple[str, Missing]], clock: Clock) -> int:
    """Enter gaps and store their rows; return how many."""
    found = list(missing)
    entries = enter_many(
        [
            _deed(GAP_OPENED if gap.end is None else GAP_CLOSED, source, gap, {}, clock)
            for source, gap in found
        ]
    )
    Gap.objects.bulk_create(
        Gap(source_id=source_id, start=gap.start, end=gap.end, cause=gap.cause, entry=entry)
        for (source_id, gap), entry in zip(found, entries, strict=True)
    )
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


def _deed(act: Act, source_id: str, gap: Missing, more: dict[str, object], clock: Clock) -> PendingEntry:
    record = {
        "source": source_id,
        "cause": gap.cause,
        "start": gap.start.isoformat(),
        "end": gap.end.isoformat() if gap.end else None,
        **more,
    }
    return PendingEntry(act, actor="", subject=f"source:{source_id}", record=record, at=clock.now())
