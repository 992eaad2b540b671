"""Entering what a PBX tells and leaves: its call records, its files, and calls whose recordings were taken over."""

from collections.abc import Collection, Sequence
from datetime import date

from django.db import transaction

from rejent.catalog.acts import CALL_FILE_REMOVED
from rejent.catalog.models import Call
from rejent.catalog.pbx_models import CallRecord, FileState, PbxFile, RecordState, WantedKey
from rejent.catalog.pbx_views import ImportedCall, LookedAt, NotedRecord
from rejent.catalog.services.calls import begin_call, end_call
from rejent.catalog.services.segments import book_segments
from rejent.kernel.clock import Clock
from rejent.registers.services import enter

IMPORTED = "imported"
"""Why the recording of a call ended that the PBX made."""


def note_records(source_id: str, noted: Sequence[NotedRecord], *, clock: Clock) -> None:
    """Keep records of a line's calls; one that is kept already is left alone.

    Of what is left out nothing is kept but that there was a call on that date.
    """
    now = clock.now()
    CallRecord.objects.bulk_create(
        (_record(source_id, each, arrived_at=now) for each in noted), ignore_conflicts=True
    )


def _record(source_id: str, noted: NotedRecord, **more: object) -> CallRecord:
    if noted.state == RecordState.LEFT_OUT:
        nothing = NotedRecord(mark=noted.mark, day=noted.day, state=noted.state)
        return CallRecord(
            source_id=source_id, mark=nothing.mark, day=nothing.day, state=nothing.state, emptied=True, **more
        )
    values = {name: getattr(noted, name) for name in NotedRecord.__dataclass_fields__}
    return CallRecord(source_id=source_id, **values, **more)


def note_file(source_id: str, file: LookedAt, state: str, cause: str = "", *, clock: Clock) -> None:
    """Keep that a file was looked at and nothing of it taken over; one that is kept already is left alone."""
    left_out = state == FileState.LEFT_OUT
    PbxFile.objects.get_or_create(
        source_id=source_id,
        mark=file.mark,
        defaults={
            "day": file.day,
            "state": state,
            "cause": cause,
            "name": "" if left_out else file.name,
            "bytes": file.bytes,
            "looked_at": clock.now(),
        },
    )


def import_call(imported: ImportedCall, *, clock: Clock) -> None:
    """Book a call whose recording was taken over: the call, its object, its file and its records, or nothing of it.

    Raises:
        NoSuchSourceError: the line is unknown.
    """
    call, file = imported.call, imported.file
    with transaction.atomic():
        begin_call(call, clock=clock)
        book_segments([imported.segment], clock)
        end_call(call.id, imported.end, IMPORTED, clock=clock)
        PbxFile.objects.update_or_create(
            source_id=call.source_id,
            mark=file.mark,
            defaults={
                "day": call.day,
                "state": FileState.IMPORTED,
                "cause": imported.cause,
                "name": file.name,
                "bytes": file.bytes,
                "digest": file.digest,
                "call_id": call.id,
                "looked_at": clock.now(),
            },
        )
        link_records(call.id, imported.records)
        WantedKey.objects.filter(source=call.source_id, day=call.day).delete()


def link_records(call_id: str, records: Collection[int]) -> None:
    """Let records tell of a recorded call; none of them is missing any more."""
    call = Call.objects.get(pk=call_id)
    for record in CallRecord.objects.filter(pk__in=records, emptied=False):
        record.calls.add(call)
    CallRecord.objects.filter(pk__in=records, state=RecordState.EXPECTED).update(state=RecordState.RECORDED)


def note_file_removed(source_id: str, mark: str, *, clock: Clock) -> None:
    """Enter that a PBX's own file was removed after its sealed copy was booked."""
    with transaction.atomic():
        row = PbxFile.objects.select_for_update().get(source=source_id, mark=mark)
        if row.removed_at is not None:
            return
        row.removed_at = clock.now()
        row.save(update_fields=["removed_at"])
        record = {"source": source_id, "call": row.call_id, "bytes": row.bytes}
        enter(CALL_FILE_REMOVED, actor="", subject=f"source:{source_id}", record=record, at=row.removed_at)


def want_key(source_id: str, day: date) -> None:
    """Ask the keeper for the key of a past civil date."""
    WantedKey.objects.get_or_create(source_id=source_id, day=day)
