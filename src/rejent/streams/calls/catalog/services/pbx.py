"""Entering what a PBX reports and leaves: its call records, its files, and calls whose recordings were taken over."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.db import transaction

from rejent.catalog.services.gaps import locked_source
from rejent.catalog.services.segments import book_segments
from rejent.kernel.clock import Clock
from rejent.registers.guard.rows import verified, verified_many
from rejent.registers.services import enter
from rejent.streams.calls.catalog.acts import CALL_FILE_REMOVED, CALL_FILE_SETTLED, CALL_RECORDS_TAKEN
from rejent.streams.calls.catalog.models import (
    Call,
    CallRecord,
    FileState,
    PbxFile,
    RecordBatch,
    RecordState,
    WantedKey,
    records_taken_in,
)
from rejent.streams.calls.catalog.queries.pbx import kept_marks
from rejent.streams.calls.catalog.services.calls import begin_call, end_call
from rejent.streams.calls.catalog.views import ImportedCall, LookedAt, NotedRecord

IMPORTED = "imported"


def note_records(source_id: str, noted: Sequence[NotedRecord], *, clock: Clock) -> None:
    """Keep records of a line's calls, and enter that they were taken in; one that is kept already is left alone.

    Of what is left out nothing is kept but that there was a call on that date. NoSuchSourceError: the line is unknown.
    """
    now, by_mark = clock.now(), {each.mark: each for each in reversed(noted)}
    with transaction.atomic():
        locked_source(source_id)
        kept = kept_marks(source_id, list(by_mark))
        new = [each for mark, each in reversed(by_mark.items()) if mark not in kept]
        rows = [_record(source_id, each, arrived_at=now) for each in new]
        _store_taken(source_id, rows, now)


def _store_taken(source_id: str, rows: Sequence[CallRecord], now: datetime) -> None:
    """Store records and enter all in one batch; what is left out is in none, for nothing of it is to be known for ever."""
    taken = [row for row in rows if not row.emptied]
    if not taken:
        CallRecord.objects.bulk_create(rows)
        return
    batch = RecordBatch.objects.create(source_id=source_id, arrived_at=now)
    for row in taken:
        row.batch = batch
        row.commit()
    CallRecord.objects.bulk_create(rows)
    batch.state_parts(records=records_taken_in(taken))
    unanswered = sum(row.state == RecordState.UNANSWERED for row in taken)
    record = {"source": source_id, "records": len(taken), "unanswered": unanswered}
    enter(CALL_RECORDS_TAKEN, actor="", subject=f"source:{source_id}", record=record, at=now, row=batch)


def _record(source_id: str, noted: NotedRecord, **more: object) -> CallRecord:
    if noted.state == RecordState.LEFT_OUT:
        nothing = NotedRecord(mark=noted.mark, day=noted.day, state=noted.state)
        return CallRecord(
            source_id=source_id, mark=nothing.mark, day=nothing.day, state=nothing.state, emptied=True, **more
        )
    values = {name: getattr(noted, name) for name in NotedRecord.__dataclass_fields__}
    return CallRecord(source_id=source_id, **values, **more)


def note_file(source_id: str, file: LookedAt, state: str, cause: str = "", *, clock: Clock) -> None:
    """Keep and enter that a file was looked at and nothing of it taken over; one that is kept already is left alone."""
    left_out = state == FileState.LEFT_OUT
    with transaction.atomic():
        locked_source(source_id)
        if PbxFile.objects.filter(source=source_id, mark=file.mark).exists():
            return
        made = PbxFile(
            source_id=source_id,
            mark=file.mark,
            day=file.day,
            state=state,
            cause=cause,
            name="" if left_out else file.name,
            bytes=file.bytes,
        )
        _settle(made, clock)


def _settle(row: PbxFile, clock: Clock) -> None:
    row.looked_at = clock.now()
    row.commit()
    row.save()
    record = {"source": row.source_id, "state": str(row.state)}
    record |= {name: word for name, word in (("cause", row.cause), ("call", row.call_id or "")) if word}
    subject = f"source:{row.source_id}"
    enter(CALL_FILE_SETTLED, actor="", subject=subject, record=record, at=row.looked_at, row=row)


def import_call(imported: ImportedCall, *, clock: Clock) -> None:
    """Book a call whose recording was taken over: the call, its object, its file and its records, or nothing of it.

    NoSuchSourceError: the line is unknown.
    """
    call, file = imported.call, imported.file
    with transaction.atomic():
        begin_call(call, clock=clock)
        book_segments([imported.segment], clock)
        end_call(call.id, imported.end, IMPORTED, clock=clock)
        known = verified_many(PbxFile.objects.filter(source=call.source_id, mark=file.mark))
        made = known[0] if known else PbxFile(source_id=call.source_id, mark=file.mark)
        made.day, made.state, made.cause = call.day, FileState.IMPORTED, imported.cause
        made.name, made.bytes, made.digest, made.call_id = file.name, file.bytes, file.digest, call.id
        _settle(made, clock)
        link_records(call.id, imported.records)
        WantedKey.objects.filter(source=call.source_id, day=call.day).delete()


def link_records(call_id: str, records: Collection[int]) -> None:
    """Let records describe a recorded call; none of them is missing any more."""
    call = Call.objects.get(pk=call_id)
    for record in CallRecord.objects.filter(pk__in=records, emptied=False):
        record.calls.add(call)
    CallRecord.objects.filter(pk__in=records, state=RecordState.EXPECTED).update(state=RecordState.RECORDED)


def note_file_removed(source_id: str, mark: str, *, clock: Clock) -> None:
    """Enter that a PBX's own file was removed after its sealed copy was booked."""
    with transaction.atomic():
        row = verified(PbxFile.objects.select_for_update().get(source=source_id, mark=mark))
        if row.removed_at is not None:
            return
        row.removed_at = clock.now()
        row.save(update_fields=["removed_at"])
        record = {"source": source_id, "call": row.call_id, "bytes": row.bytes}
        subject = f"source:{source_id}"
        enter(CALL_FILE_REMOVED, actor="", subject=subject, record=record, at=row.removed_at, row=row)


def want_key(source_id: str, day: date) -> None:
    """Ask the keeper for the key of a past civil date."""
    WantedKey.objects.get_or_create(source_id=source_id, day=day)
