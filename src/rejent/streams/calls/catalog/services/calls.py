"""Entering calls: that one is recorded, that it ended, and that nothing describes it any more."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from rejent.catalog.models import Segment, SegmentState
from rejent.catalog.queries.items import ItemObject, segments_left
from rejent.catalog.services.gaps import locked_source
from rejent.catalog.services.segments import book_removal
from rejent.kernel.acts import Act
from rejent.kernel.clock import Clock
from rejent.registers.guard.rows import matching
from rejent.registers.services import enter
from rejent.streams.calls.catalog.acts import (
    CALL_BEGUN,
    CALL_ENDED,
    CALL_LEFT_OUT,
    CALL_NAMED,
    CALL_REACHES,
    CALL_REFUSED,
    CALL_WITHDRAWING,
    CALL_WITHDRAWN,
)
from rejent.streams.calls.catalog.models import GONE, Call, CallNotice, CallRecord, PbxFile, TurnNumber
from rejent.streams.calls.catalog.phone_numbers import canonical_number
from rejent.streams.calls.catalog.queries.calls import LONGEST_CALL, was_refused
from rejent.streams.calls.catalog.queries.lines import unended_calls
from rejent.streams.calls.catalog.queries.pbx import naming_files, naming_records, of_day
from rejent.streams.calls.catalog.turns import turn_numbers, write_turns
from rejent.streams.calls.catalog.views import REFUSED, BegunCall, NamedParties

_DIGEST = "^[0-9a-f]{64}$"
_AT_ONCE = 500


def forget_records_of(calls: Sequence[str]) -> None:
    """Take numbers, names and rows from the records of calls of which nothing is left."""
    for some in (calls[at : at + _AT_ONCE] for at in range(0, len(calls), _AT_ONCE)):
        records = CallRecord.objects.filter(calls__in=some, emptied=False)
        living = CallRecord.objects.filter(
            pk__in=list(records.values_list("pk", flat=True)), calls__destroyed=False
        )
        gone = set(records.values_list("pk", flat=True)) - set(living.values_list("pk", flat=True))
        CallRecord.objects.filter(pk__in=gone).update(emptied=True, **CallRecord.blanked())
        PbxFile.objects.filter(call__in=some).update(**PbxFile.blanked())


def forget_of_day(source_id: str, day: date) -> int:
    """Take what was kept of a civil date's calls that have no recording, once its term is over; return of how many rows.

    What its row alone says to be of a later date than `naming_days` gives goes with it. Of records that name nobody any
    more the mark goes, too: it is a digest, and the numbers in a row can be tried one by one.
    """
    found = naming_records(source_id, day).values_list("pk", flat=True)
    emptied = CallRecord.objects.filter(pk__in=list(found)).update(emptied=True, **CallRecord.blanked())
    files = naming_files(source_id, day)
    marked = CallRecord.objects.filter(of_day(source_id, day, "arrived_at"), emptied=True)
    number = Cast("pk", CharField())
    marked.filter(mark__regex=_DIGEST).update(mark=Concat(Value(f"{GONE} "), number))
    return emptied + files.update(**PbxFile.blanked())


STOPPED = "recorder-stopped"
_ANY_OTHER_END = timedelta(hours=1)
"""In which whoever recorded a call would have entered its end by itself."""


def begin_call(call: BegunCall, *, clock: Clock) -> None:
    """Enter that a call is recorded; a call that is entered already is left alone.

    NoSuchSourceError: the line is unknown.
    """
    with transaction.atomic():
        locked_source(call.source_id)
        if Call.objects.filter(pk=call.id).exists():
            return
        record = {"source": call.source_id, "call": call.id, "direction": call.direction}
        record |= {"start": call.start.isoformat(), "profile": call.profile}
        row = Call(
            id=call.id,
            source_id=call.source_id,
            day=call.day,
            start=call.start,
            direction=call.direction,
            caller=canonical_number(call.caller),
            called=canonical_number(call.called),
            later=write_turns(call.turns),
            profile=call.profile,
        )
        row.commit()
        row.save(force_insert=True)
        _index_turns(row)
        subject = f"source:{call.source_id}"
        enter(CALL_BEGUN, actor="", subject=subject, record=record, at=clock.now(), row=row)


def name_parties(named: NamedParties, *, clock: Clock) -> None:
    """Enter who the parties of a call are, who took their sides or joined; no row that the ledger does not confirm changes."""
    numbers = {
        "caller": canonical_number(named.caller),
        "called": canonical_number(named.called),
        "later": write_turns(named.turns),
    }
    with transaction.atomic():
        row = _as_entered(Call.objects.filter(pk=named.call_id, destroyed=False))
        if row is None:
            return
        changed = [column for column, value in numbers.items() if getattr(row, column) != value]
        if not changed and row.direction == named.direction:
            return
        for column, value in numbers.items():
            setattr(row, column, value)
        row.direction = named.direction
        row.commit()
        row.save(update_fields=[*numbers, "direction", "salt", "commitment"])
        _index_turns(row)
        record = {
            "source": row.source_id,
            "call": row.pk,
            "facts": " ".join(changed),
            "direction": row.direction,
        }
        subject = f"source:{row.source_id}"
        enter(CALL_NAMED, actor="", subject=subject, record=record, at=clock.now(), row=row)


def _index_turns(row: Call) -> None:
    """Let the search find a call by whoever took part in it."""
    TurnNumber.objects.filter(call=row).delete()
    TurnNumber.objects.bulk_create(TurnNumber(call=row, number=number) for number in turn_numbers(row.later))


def end_call(call_id: str, end: datetime, why: str, *, clock: Clock, faults: Sequence[str] = ()) -> None:
    """Enter the end of a call's recording, why by a stable word such as ``bye``; one that ended, or was altered, is left alone."""
    with transaction.atomic():
        row = _as_entered(Call.objects.filter(pk=call_id, end__isnull=True))
        if row is None:
            return
        row.end, row.ended_by = max(end, row.start), why
        row.faults = " ".join(faults)
        row.save(update_fields=["end", "ended_by", "faults"])
        record = {
            "source": row.source_id,
            "call": row.pk,
            "start": row.start.isoformat(),
            "end": row.end.isoformat(),
            "cause": why,
        } | ({"faults": row.faults} if faults else {})
        enter(CALL_ENDED, actor="", subject=f"source:{row.source_id}", record=record, at=clock.now(), row=row)
        if why == REFUSED and not segments_left(row.source_id, call_id).exists():
            name_nobody(call_id)


def reach_to(call_id: str, end: datetime, *, clock: Clock) -> None:
    """Put the end of a call right that was given up before it was known how far what its killed recorder left reaches."""
    with transaction.atomic():
        row = _as_entered(Call.objects.filter(pk=call_id, ended_by=STOPPED, end__lt=end))
        if row is None:
            return
        record = {"source": row.source_id, "call": call_id, "end": end.isoformat()}
        record["was"] = row.end.isoformat() if row.end else ""
        row.end = end
        row.save(update_fields=["end"])
        subject = f"source:{row.source_id}"
        enter(CALL_REACHES, actor="", subject=subject, record=record, at=clock.now(), row=row)


def _as_entered(rows: QuerySet[Call]) -> Call | None:
    """Return the first of the rows, locked; nothing where there is none or the ledger says otherwise of it."""
    return next(iter(matching(rows.select_for_update()[:1])), None)


def end_overlong(*, clock: Clock) -> set[tuple[str, date]]:
    """End the calls that began longer ago than any lasts, as far as their objects reach; return their lines and civil dates."""
    ended = set()
    for call in unended_calls(before=clock.now() - LONGEST_CALL - _ANY_OTHER_END):
        end_call(call.id, call.recorded_until, why_stopped(call.id), clock=clock)
        ended.add((call.source_id, call.day))
    return ended


def why_stopped(call_id: str) -> str:
    """Return why the recording of a call ended whose recorder was killed: for that, unless a party had refused before."""
    return REFUSED if was_refused(call_id) else STOPPED


def refuse_call(source_id: str, call_id: str, how: str, after_s: float, *, clock: Clock) -> None:
    """Enter that a party refused to be recorded, by ``key`` or ``list``, so long after its beginning; of a call once.

    ``call_id`` is empty where nothing of it was recorded.
    """
    record: dict[str, object] = {"source": source_id, "how": how, "after_ms": round(after_s * 1000)}
    if call_id:
        record["call"] = call_id
    subject = f"call:{call_id}" if call_id else f"source:{source_id}"
    with transaction.atomic():
        if call_id and was_refused(call_id):
            return
        enter(CALL_REFUSED, actor="", subject=subject, record=record, at=clock.now())


def leave_out_call(call: BegunCall, end: datetime, *, clock: Clock) -> None:
    """Enter a call that nobody knows more of, and that nothing of it may be kept.

    What there is will be withdrawn as of one that a party refused.
    """
    with transaction.atomic():
        begin_call(call, clock=clock)
        record = {"source": call.source_id, "call": call.id}
        enter(CALL_LEFT_OUT, actor="", subject=f"call:{call.id}", record=record, at=clock.now())
        end_call(call.id, end, REFUSED, clock=clock)


def name_nobody(call_id: str) -> None:
    """Take the numbers of a call and of whatever describes it, now that nothing of it is left."""
    CallNotice.objects.filter(call=call_id).update(**CallNotice.blanked())
    TurnNumber.objects.filter(call=call_id).delete()
    Call.objects.filter(pk=call_id).update(**Call.blanked(), destroyed=True)
    forget_records_of([call_id])


def forget_destroyed_calls(source_id: str, day: date) -> int:
    """Take the numbers from calls of a line of which nothing is left; return from how many.

    Of those that began on this civil date, or have a segment of it.
    """
    with transaction.atomic():
        segments = Segment.objects.filter(source=source_id)
        runs = segments.filter(day=day).values("run")
        near = segments.filter(day__range=(day - LONGEST_CALL, day + LONGEST_CALL))
        living = near.exclude(state=SegmentState.DESTROYED).values("run")
        of_day = Q(pk__in=runs) | Q(day=day, end__isnull=False)
        gone = Call.objects.filter(of_day, source=source_id, destroyed=False).exclude(pk__in=living)
        CallNotice.objects.filter(call__in=gone).update(**CallNotice.blanked())
        TurnNumber.objects.filter(call__in=gone).delete()
        calls = list(gone.values_list("pk", flat=True))
        count = gone.update(**Call.blanked(), destroyed=True)
        forget_records_of(calls)
        return count


def decide_withdrawal(call_id: str, objects: Sequence[ItemObject], *, clock: Clock) -> None:
    """Enter that these objects of a refused call, as they were verified, are about to be removed; from then on no hold keeps them."""
    _enter(CALL_WITHDRAWING, call_id, objects, clock)


def withdraw_call(call_id: str, objects: Sequence[ItemObject], *, clock: Clock) -> None:
    """Book that these objects of a refused call are removed, and take its numbers; the caller's transaction removed them."""
    line = _enter(CALL_WITHDRAWN, call_id, objects, clock)
    book_removal(line, objects)
    name_nobody(call_id)


def let_withdraw(calls: Iterable[str]) -> None:
    """Let what was booked or mended of refused calls be withdrawn, though nothing had been left of these when they ended."""
    Call.objects.filter(pk__in=list(calls), ended_by=REFUSED, destroyed=True).update(destroyed=False)


def _enter(act: Act, call_id: str, objects: Sequence[ItemObject], clock: Clock) -> str:
    line = str(Call.objects.values_list("source_id", flat=True).get(pk=call_id))
    record = {
        "source": line,
        "call": call_id,
        "segments": len(objects),
        "bytes": sum(each.bytes for each in objects),
        "digests": [each.sha256 for each in objects],
    }
    enter(act, actor="", subject=f"source:{line}", record=record, at=clock.now())
    return line
