"""Booking segments, and what retention makes of them later."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, F, QuerySet, Sum

from rejent.catalog.acts import SEGMENT_RESEALED, SEGMENT_SEALED, SEGMENTS_REMOVING
from rejent.catalog.coverage import LONGEST, SEAM, beside, milliseconds
from rejent.catalog.errors import NoSuchSegmentError, NoSuchSourceError
from rejent.catalog.models import DayTotal, Gap, Segment, SegmentState, Source
from rejent.catalog.queries.items import ItemObject
from rejent.catalog.queries.sources import stream_of
from rejent.catalog.services.gaps import corrections
from rejent.catalog.stream_parts import SOURCES
from rejent.catalog.views import FinishedSegment, Octets
from rejent.formats.content_tree import ContentRoot
from rejent.kernel.clock import Clock
from rejent.kernel.intervals import Interval, uncovered
from rejent.registers.guard.rows import matching, verified
from rejent.registers.services import PendingEntry, enter, enter_many

_ADD_TOTALS = (
    "INSERT INTO catalog_daytotal (source_id, day, recorded_ms, segments, bytes, kept_bytes, seams, seams_ms, dropped, retimed) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (source_id, day) DO UPDATE SET "
    "recorded_ms = catalog_daytotal.recorded_ms + excluded.recorded_ms, "
    "segments = catalog_daytotal.segments + excluded.segments, "
    "bytes = catalog_daytotal.bytes + excluded.bytes, "
    "kept_bytes = catalog_daytotal.kept_bytes + excluded.kept_bytes, "
    "seams = catalog_daytotal.seams + excluded.seams, "
    "seams_ms = catalog_daytotal.seams_ms + excluded.seams_ms, "
    "dropped = catalog_daytotal.dropped + excluded.dropped, "
    "retimed = catalog_daytotal.retimed + excluded.retimed"
)

_RESEALED = ("state", "recipient", "object_name", "bytes", "sha256", "head", "replaced_header")


_COLUMNS = tuple(each.name for each in fields(FinishedSegment) if each.name != "content")
"""What a row has of a segment; the act alone binds the content."""


class Destroyed(NamedTuple):
    """Number and size of segments that were marked as destroyed."""

    segments: int
    bytes: int


def book_segments(finished: Sequence[FinishedSegment], clock: Clock) -> None:
    """Book durable objects: rows, ledger, totals and what they make of gaps, in one transaction.

    A segment that is booked already is left alone, so that a booking cut short can be repeated whole.
    Raises `NoSuchSourceError`: one of the sources is unknown; nothing is booked.
    """
    if not finished:
        return
    now = clock.now()
    with transaction.atomic():
        known = _locked_sources({segment.source_id for segment in finished})
        booked = set(
            Segment.objects.filter(pk__in=[segment.id for segment in finished]).values_list("pk", flat=True)
        )
        new = list({segment.id: segment for segment in finished if segment.id not in booked}.values())
        if not new:
            return
        forms = {
            source_id: SOURCES.of(known[source_id].stream) for source_id in {each.source_id for each in new}
        }
        pushed = corrections([(segment.source_id, segment.interval, segment.recovered) for segment in new])
        corrected = [entry for each in pushed for entry in each.store(clock)]
        continuous = {pk: known[pk].started_at for pk, form in forms.items() if form.is_continuous}
        placed = _placed(new, continuous)
        rows = [_row(segment, placed[segment.id].seams, now) for segment in new]
        sealed = [
            _sealed(row, segment.content, items=forms[row.source_id].items)
            for row, segment in zip(rows, new, strict=True)
        ]
        enter_many([*sealed, *corrected])
        Segment.objects.bulk_create(rows)
        for source_id, form in forms.items():
            if form.items:
                form.booked([each.run for each in new if each.source_id == source_id and each.run])
        _add_totals(rows, placed)
        _start(known, new)


def note_resealed(
    segment_id: UUID,
    *,
    recipient: str,
    object_name: str,
    bytes: int,  # noqa: A002 - the column's word
    sha256: str,
    head: str,
    hold: str,
    clock: Clock,
    replaced_header: Octets = b"",
) -> int:
    """Book that what a hold keeps is now sealed under another key; the segment counts as held.

    The number of ``hold`` is entered with the act; ``replaced_header`` is what stood there before, where only the header
    was rewritten. A row that is not as it was entered stays so: it is kept, and the act does not vouch for it.

    Returns:
        The act's index in the ledger.

    Raises `NoSuchSegmentError`: there is no such segment, or it is destroyed.
    """
    with transaction.atomic():
        row = _living(segment_id)
        entered = next(iter(matching([row])), None)
        row = entered or row
        record: dict[str, object] = {
            "source": row.source_id,
            "segment": str(segment_id),
            "hold": hold,
            "recipient": recipient,
        }
        record |= {
            "object": object_name,
            "bytes": bytes,
            "sha256": sha256,
            "head": head,
            "was": row.sha256,
        }
        _keep(row.source_id, row.day, bytes - row.bytes)
        row.state, row.recipient, row.object_name = SegmentState.HELD, recipient, object_name
        row.bytes, row.sha256, row.head, row.replaced_header = bytes, sha256, head, replaced_header
        row.save(update_fields=_RESEALED)
        subject = f"source:{row.source_id}"
        return enter(SEGMENT_RESEALED, actor="", subject=subject, record=record, at=clock.now(), row=entered)


def living_segment(segment_id: UUID) -> Segment:
    """Return the row of a segment that is not destroyed, held against the ledger.

    Raises:
        NoSuchSegmentError: there is none.
        LedgerMismatchError: it is not as it was entered.
    """
    return verified(_living(segment_id))


def _living(segment_id: UUID) -> Segment:
    row = Segment.objects.filter(pk=segment_id).exclude(state=SegmentState.DESTROYED).first()
    if row is None:
        raise NoSuchSegmentError("There is no segment {segment}.", segment=segment_id)
    return row


def mark_destroyed(source_id: str, day: date, recipient: str) -> Destroyed:
    """Mark every living segment of a source and civil date under one key as destroyed; its index is emptied.

    The act of destruction is retention's to enter, in the same transaction.
    """
    living = Segment.objects.filter(source=source_id, day=day, recipient=recipient).exclude(
        state=SegmentState.DESTROYED
    )
    with transaction.atomic():
        found = living.aggregate(segments=Count("pk"), size=Sum("bytes"))
        living.update(state=SegmentState.DESTROYED, index=b"", replaced_header=b"")
        _keep(source_id, day, -(found["size"] or 0))
        SOURCES.of(stream_of(source_id)).destroyed(source_id, day)
    return Destroyed(found["segments"], found["size"] or 0)


class _Locked(NamedTuple):
    """A source: its stream, and from when it is accounted for."""

    stream: str
    started_at: datetime | None


def _locked_sources(ids: set[str]) -> dict[str, _Locked]:
    """Return sources, locked until the transaction ends. Raises `NoSuchSourceError`: one is unknown."""
    rows = Source.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    found = rows.values_list("pk", "stream", "started_at")
    known = {pk: _Locked(stream, started_at) for pk, stream, started_at in found}
    for source_id in ids - known.keys():
        raise NoSuchSourceError("There is no source {source}.", source=source_id)
    return known


def _sealed(row: Segment, content: ContentRoot | None, *, items: bool) -> PendingEntry:
    """Return the act; where runs are items it says which one, for a hold of one item goes by the ledger's word."""
    record = {
        "source": row.source_id,
        "start": row.start.isoformat(),
        "end": row.end.isoformat(),
        "object": row.object_name,
        "bytes": row.bytes,
        "sha256": row.sha256,
        "head": row.head,
        "recipient": row.recipient,
        "units": row.units,
    }
    if content is not None:
        record |= content.facts()
    if items:
        record["run"] = row.run
    if row.seams:
        record |= {"seams": row.seams, "seams_ms": row.seams_ms}
    if row.dropped:
        record["dropped"] = row.dropped
    if row.retimed:
        record["retimed"] = row.retimed
    if row.recovered:
        record["recovered"] = True
    subject = f"source:{row.source_id}"
    return PendingEntry(SEGMENT_SEALED, actor="", subject=subject, record=record, at=row.booked_at, row=row)


def _row(segment: FinishedSegment, seams: Sequence[Interval], now: datetime) -> Segment:
    columns = {each: getattr(segment, each) for each in _COLUMNS} | {
        "seams": segment.seams + len(seams),
        "seams_ms": segment.seams_ms + milliseconds(seams),
        "traits": dict(segment.traits),
    }
    return Segment(**columns, booked_at=now)


def reaching(
    rows: QuerySet[Segment], first: datetime, last: datetime, longest: timedelta = LONGEST
) -> QuerySet[Segment]:
    """Return those of the rows that share an instant with ``[first, last)``; bounded on both sides so that the index serves."""
    return rows.filter(start__gt=first - longest, start__lt=last, end__gt=first)


def seams_behind(row: Segment, end: datetime) -> list[Interval]:
    """Return the seam behind a segment of a continuous source if it ends at ``end``; none where nothing follows."""
    if not SOURCES.of(stream_of(row.source_id)).is_continuous or end <= row.start:
        return []
    others = Segment.objects.filter(source=row.source_id).exclude(pk=row.pk)
    ended = Gap.objects.filter(source=row.source_id, start__lt=end + 2 * SEAM, end__gt=end)
    near = [*_intervals(reaching(others, end, end + 2 * SEAM)).values(), *_intervals(ended).values()]
    covers = [each for of_source in near for each in of_source]
    return [hole for hole in beside(Interval(row.start, end), covers) if hole.start == end]


def newly_covered(interval: Interval, others: QuerySet[Segment]) -> list[Interval]:
    """Return the parts of an interval that none of the other segments covers."""
    near = reaching(others, interval.start, interval.end).values_list("start", "end")
    return uncovered(interval, [Interval(start, end) for start, end in near])


class _Place(NamedTuple):
    """Place of a segment among others: time that none covered before, in milliseconds, and the seams beside it."""

    covered_ms: int
    seams: list[Interval]


def _placed(new: Sequence[FinishedSegment], continuous: Mapping[str, datetime | None]) -> dict[UUID, _Place]:
    """Return the place of each segment; a seam is found once, with the segment that is booked later of the two beside it.

    Of the sources without pauses, ``continuous`` says from when they are accounted for.
    """
    first, last = min(segment.start for segment in new), max(segment.end for segment in new)
    near, sources = Interval(first - 2 * SEAM, last + 2 * SEAM), {segment.source_id for segment in new}
    recorded = _intervals(reaching(Segment.objects.filter(source_id__in=sources), near.start, near.end))
    ended = Gap.objects.filter(source_id__in=sources, start__lt=near.end, end__gt=near.start)
    missed = _intervals(ended) if continuous else {}
    result: dict[UUID, _Place] = {}
    for segment in sorted(new, key=lambda each: each.start):
        source_id, whole = segment.source_id, segment.interval
        before = recorded.setdefault(source_id, [])
        alone = uncovered(whole, before)
        covers = [*before, *missed.get(source_id, [])]
        seams = beside(whole, covers, continuous[source_id]) if source_id in continuous else []
        result[segment.id] = _Place(milliseconds(alone), seams)
        before.append(whole)
    return result


def _intervals(rows: QuerySet[Segment] | QuerySet[Gap]) -> dict[str, list[Interval]]:
    found: dict[str, list[Interval]] = {}
    for source_id, start, end in rows.values_list("source_id", "start", "end"):
        if end is not None:
            found.setdefault(source_id, []).append(Interval(start, end))
    return found


def _add_totals(new: Iterable[Segment], placed: Mapping[UUID, _Place]) -> None:
    sums: dict[tuple[str, date], list[int]] = {}
    for row in new:
        covered_ms = placed[row.pk].covered_ms
        amounts = (covered_ms, 1, row.bytes, row.bytes, row.seams, row.seams_ms, row.dropped, row.retimed)
        total = sums.setdefault((row.source_id, row.day), [0] * len(amounts))
        for place, amount in enumerate(amounts):
            total[place] += amount
    rows = [
        (source_id, connection.ops.adapt_datefield_value(day), *sums[source_id, day])
        for source_id, day in sorted(sums)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_ADD_TOTALS, rows)


def _keep(source_id: str, day: date, more: int) -> None:
    """Move the sum of what is kept of a civil date."""
    DayTotal.objects.filter(source=source_id, day=day).update(kept_bytes=F("kept_bytes") + more)


def _start(known: Mapping[str, _Locked], new: Iterable[FinishedSegment]) -> None:
    """Move the first instant that is accounted for, where a segment lies before it."""
    firsts: dict[str, datetime] = {}
    for segment in new:
        firsts[segment.source_id] = min(segment.start, firsts.get(segment.source_id, segment.start))
    for source_id, first in firsts.items():
        started = known[source_id].started_at
        if started is None or first < started:
            Source.objects.filter(pk=source_id).update(started_at=first, accounted_until=first)


_DIGESTS_AN_ACT = 500
"""An entry of the ledger holds 64 KiB."""


class Removed(NamedTuple):
    """What was removed: how many objects, their bytes, their digests in the order they were given."""

    segments: int
    bytes: int
    digests: list[str]


def decide_removal(source_id: str, objects: Sequence[ItemObject], why: str, *, clock: Clock) -> None:
    """Enter that these objects are about to be removed; from then on no hold keeps them.

    Their digests are those that were verified: no row is read for them again.
    """
    digests = [each.sha256 for each in objects]
    for start in range(0, len(digests), _DIGESTS_AN_ACT):
        some = digests[start : start + _DIGESTS_AN_ACT]
        record = {"source": source_id, "segments": len(some), "digests": some, "erasure": why}
        enter(SEGMENTS_REMOVING, actor="", subject=f"source:{source_id}", record=record, at=clock.now())


def book_removal(source_id: str, objects: Sequence[ItemObject]) -> Removed:
    """Strip the rows of objects that are gone; the caller enters the act, of the bytes and digests that were verified."""
    found = _found(source_id, [each.name for each in objects])
    for each in found:
        kept = F("kept_bytes") - each.bytes
        DayTotal.objects.filter(source=each.source_id, day=each.day).update(kept_bytes=kept)
    Segment.objects.filter(pk__in=[each.pk for each in found]).update(
        state=SegmentState.DESTROYED, index=b"", replaced_header=b""
    )
    of_kind = SOURCES.of(stream_of(source_id))
    for day in sorted({each.day for each in found}):
        of_kind.destroyed(source_id, day)
    return Removed(len(objects), sum(each.bytes for each in objects), [each.sha256 for each in objects])


def _found(source_id: str, names: Sequence[str]) -> list[Segment]:
    rows = Segment.objects.filter(source=source_id, object_name__in=list(names))
    return list(rows.exclude(state=SegmentState.DESTROYED).order_by("object_name"))
