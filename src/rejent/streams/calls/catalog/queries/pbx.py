"""Call records and files of PBXs."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Case, Count, DateTimeField, ExpressionWrapper, F, Q, QuerySet, When
from django.db.models.functions import Coalesce, Least, TruncDate, TruncHour

from rejent.catalog.models import DayKey, Segment, SegmentState, Source
from rejent.kernel.clock import OFFICE_ZONE, local_midnight
from rejent.registers.guard.rows import matching
from rejent.streams.calls.catalog.lines.addresses import CALLS, comes_as_files, read_line
from rejent.streams.calls.catalog.models import GONE, Call, CallRecord, FileState, PbxFile, RecordState
from rejent.streams.calls.catalog.queries.calls import calls_on
from rejent.streams.calls.catalog.views import CallView, FileView, RecordedHour, RecordView, SealedCopy

AHEAD = timedelta(days=2)
"""Largest time by which a record may lie ahead of its arrival: another zone's time, taken for ours."""
_BEYOND = datetime(9000, 1, 1, tzinfo=UTC)
_MOST, _LONGEST_LIST = 50, 1000
_ASKED_AT_ONCE = 500
_COLUMNS = tuple(each.name for each in fields(RecordView))
_FILE = tuple(each.name for each in fields(FileView))
_SHOULD_BE_RECORDED = (RecordState.EXPECTED, RecordState.RECORDED, RecordState.MISSING)


def looked_at(source_id: str) -> set[str]:
    """Return the marks of the files of a line that need not be looked at again."""
    return set(PbxFile.objects.filter(source=source_id).values_list("mark", flat=True))


def looked_at_of(source_id: str, marks: Iterable[str]) -> set[str]:
    """Return those of these marks."""
    wanted, found = list(marks), set[str]()
    for begin in range(0, len(wanted), _ASKED_AT_ONCE):
        some = PbxFile.objects.filter(source=source_id, mark__in=wanted[begin : begin + _ASKED_AT_ONCE])
        found.update(some.values_list("mark", flat=True))
    return found


def begun_at(call_id: str) -> datetime | None:
    """Return when a call began, whatever is left of it; nothing where there is none."""
    return Call.objects.filter(pk=call_id).values_list("start", flat=True).first()


def imported_marks(source_id: str) -> set[str]:
    """Return the marks of the files of a line that were taken over."""
    rows = PbxFile.objects.filter(source=source_id, state=FileState.IMPORTED)
    return set(rows.values_list("mark", flat=True))


def booked_names(source_id: str) -> set[str]:
    """Return the names of all objects of a line that were ever booked."""
    return set(Segment.objects.filter(source=source_id).values_list("object_name", flat=True))


def keys_of(source_id: str) -> list[str]:
    """Return the public halves of all keys that ever sealed a date of a line."""
    return list(DayKey.objects.filter(source=source_id).values_list("recipient", flat=True))


def sealed_copy(source_id: str, mark: str) -> SealedCopy | None:
    """Return the sealed copy of a file that was taken over; nothing where none is left, or a row is not as it was entered."""
    files = matching(PbxFile.objects.filter(source=source_id, mark=mark, state=FileState.IMPORTED))
    call_id = files[0].call_id if files else None
    if call_id is None:
        return None
    left = Segment.objects.filter(source=source_id, run=call_id).exclude(state=SegmentState.DESTROYED)
    for segment in matching(left):
        records = CallRecord.objects.filter(calls=call_id).values_list("pk", flat=True)
        return SealedCopy(files[0].digest, call_id, segment.object_name, segment.sha256, tuple(records))
    return None


def kept_marks(source_id: str, marks: Iterable[str]) -> set[str]:
    """Return those of these marks under which a record of a line is kept."""
    return set(CallRecord.objects.filter(source=source_id, mark__in=marks).values_list("mark", flat=True))


def records_naming(source_id: str, file: str, ids: Iterable[str]) -> list[RecordView]:
    """Return the records that name a file, or have one of these identifiers; in the order of the calls."""
    known = [each for each in ids if each]
    fits = Q(file=file) | Q(record_id__in=known) | Q(linked_id__in=known)
    return _records(CallRecord.objects.filter(fits, source=source_id, emptied=False))


def records_near(source_id: str, start: datetime, within: timedelta) -> list[RecordView]:
    """Return the records of calls that began near an instant, in order."""
    rows = CallRecord.objects.filter(source=source_id, start__range=(start - within, start + within))
    return _records(rows.filter(emptied=False))


def records_of_group(source_id: str, linked_id: str) -> list[RecordView]:
    """Return the records of calls that belong together."""
    if not linked_id:
        return []
    return _records(CallRecord.objects.filter(source=source_id, linked_id=linked_id, emptied=False))


def missing_records(day: date) -> list[RecordView]:
    """Return the calls of a civil date that a PBX reported and of which no recording is there; `_LONGEST_LIST` at most."""
    return _records(CallRecord.objects.filter(day=day, state=RecordState.MISSING), most=_LONGEST_LIST)


def faulty_files(day: date) -> list[FileView]:
    """Return the files looked at for a civil date with which something is wrong, taken over or not; `_LONGEST_LIST` at most."""
    rows = PbxFile.objects.filter(day=day, state__in=[FileState.REFUSED, FileState.IMPORTED]).exclude(
        cause=""
    )
    columns = [each if each != "call_id" else "call" for each in _FILE]
    return [FileView(*row) for row in rows.order_by("looked_at", "pk").values_list(*columns)[:_LONGEST_LIST]]


def calls_without_record(day: date) -> list[CallView]:
    """Return the recorded calls of a civil date, on lines of which records came that day, without a record."""
    lines = set(CallRecord.objects.filter(day=day).values_list("source", flat=True))
    with_record = set(Call.objects.filter(day=day, records__isnull=False).values_list("pk", flat=True))
    return [one for one in calls_on(day) if one.source_id in lines and one.id not in with_record]


def import_counts(day: date) -> dict[tuple[str, str], int]:
    """Return how many files and records of a civil date there are of each state: ``("file", "imported")`` and so on."""
    counts: dict[tuple[str, str], int] = {}
    for kind, rows in (("file", PbxFile.objects.all()), ("record", CallRecord.objects.all())):
        found = rows.filter(day=day).order_by().values_list("state").annotate(number=Count("pk"))
        counts |= {(kind, state): number for state, number in found}
    return counts


def recordable_by_hour(day: date) -> list[RecordedHour]:
    """Return the calls of a civil date that should be recorded, by hour and line, in order; those without a time are in none."""
    rows = CallRecord.objects.filter(day=day, start__isnull=False, state__in=_SHOULD_BE_RECORDED)
    hours = rows.annotate(hour=TruncHour("start", tzinfo=UTC)).order_by()
    counts: dict[tuple[datetime, str], Counter[str]] = defaultdict(Counter)
    found = hours.values_list("hour", "source", "state").annotate(number=Count("pk"))
    for hour, source, state, number in found:
        counts[hour, source][state] += number
    return [
        RecordedHour(
            source_id=source,
            start=hour,
            recordable=each.total(),
            recorded=each[RecordState.RECORDED],
            missing=each[RecordState.MISSING],
        )
        for (hour, source), each in sorted(counts.items())
    ]


def reporting_lines() -> set[str]:
    """Return the present lines whose exchange reports its calls, or records them itself."""
    rows = Source.objects.filter(stream=CALLS, removed_at__isnull=True).values_list("pk", "address")
    return {line for line, address in rows if comes_as_files(address) or read_line(address).records}


def missing_since(instant: datetime) -> dict[str, int]:
    """Return how many calls of each line were entered as missing since."""
    rows = CallRecord.objects.filter(state=RecordState.MISSING, arrived_at__gte=instant)
    return dict(rows.values_list("source").annotate(number=Count("pk")))


def naming_days() -> list[tuple[str, date]]:
    """Return the lines and civil dates of which records or files name somebody, or records have marks from which it could be guessed.

    Of a row that states a later date than a call reported when it came can have, the latest that can be.
    """
    named = Q(emptied=False) | ~(Q(mark__startswith=RecordState.LEFT_OUT) | Q(mark__startswith=GONE))
    records = _dates(CallRecord.objects.filter(named), "arrived_at")
    return sorted({*records, *_dates(_files_without_call(), "looked_at")})


def too_late(rows: QuerySet[Any], came: str) -> QuerySet[Any]:
    """Return those of the rows that state a later date than a call reported when they came can have."""
    return rows.filter(day__gt=_latest(came))


def _dates(rows: QuerySet[Any], came: str) -> Iterable[tuple[str, date]]:
    dated = rows.order_by().annotate(of=Least("day", _latest(came)))
    dates: Iterable[tuple[str, date]] = dated.values_list("source_id", "of").distinct()
    return dates


def _latest(came: str) -> Case:
    """Return the latest date that a call reported then can have; behind any year that can be reckoned with, the row's own."""
    later = ExpressionWrapper(F(came) + AHEAD, output_field=DateTimeField())
    known = Coalesce(TruncDate(later, tzinfo=OFFICE_ZONE), "day")
    return Case(When(Q((f"{came}__lt", _BEYOND)), then=known), default=F("day"))


def naming_records(source_id: str, day: date) -> QuerySet[CallRecord]:
    """Return the records of a civil date, as `naming_days` gives it, that name somebody and have no recording any more."""
    without = Q(calls__isnull=True) | Q(calls__destroyed=True)
    rows = CallRecord.objects.filter(of_day(source_id, day, "arrived_at"), without, emptied=False)
    return rows.exclude(calls__destroyed=False)


def naming_files(source_id: str, day: date) -> QuerySet[PbxFile]:
    """Return the files of a civil date, as `naming_days` gives it, that have a name and were not taken over."""
    return _files_without_call().filter(of_day(source_id, day, "looked_at"))


def of_day(source_id: str, day: date, came: str) -> Q:
    """Rows of a civil date, and such as say a later one though they came too early for it."""
    first, last = (local_midnight(day + timedelta(days=more)) - AHEAD for more in (0, 1))
    return Q(source=source_id) & (
        Q(day=day) | Q(("day__gt", day), (f"{came}__gte", first), (f"{came}__lt", last))
    )


def nameless_days() -> dict[tuple[str, date], int]:
    """Return how many records of each line and civil date name nobody though nothing of them was left out and no recording ended."""
    kept = (RecordState.EXPECTED, RecordState.UNANSWERED, RecordState.MISSING)
    rows = CallRecord.objects.filter(emptied=True, state__in=kept, calls__isnull=True).order_by()
    counted = rows.values_list("source_id", "day").annotate(number=Count("pk"))
    return {(source_id, day): number for source_id, day, number in counted}


def _files_without_call() -> QuerySet[PbxFile]:
    return PbxFile.objects.filter(call__isnull=True).exclude(name="")


def _records(rows: QuerySet[CallRecord], most: int = _MOST) -> list[RecordView]:
    found = rows.order_by("start", "pk").values_list(*_COLUMNS)[:most]
    return [RecordView(**dict(zip(_COLUMNS, row, strict=True))) for row in found]
