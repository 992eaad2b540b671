"""The catalogue's part of ``fsck``: time, sums, keys and objects held against each other."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from itertools import groupby

from django.db import connection
from django.db.models import Count, F, FloatField, Func, Q, QuerySet, Sum

from rejent.catalog.coverage import LONGEST, FaultKind, faults, recorder_of, within
from rejent.catalog.models import DayKey, DayTotal, Gap, Segment, SegmentState, Source
from rejent.catalog.queries import is_withdrawn, living_days, require_there, stored_objects
from rejent.catalog.queries.recordings import extents, longest_of
from rejent.catalog.stream_parts import RECORD_CHECKS, SOURCES
from rejent.catalog.views import StoredObject
from rejent.kernel.clock import Clock
from rejent.kernel.findings import Finding, run_checks
from rejent.kernel.intervals import Interval
from rejent.registers.damage import unreadable_rows
from rejent.registers.guard.checks import guarded_rows
from rejent.vault.age.random_access import RandomAccess
from rejent.vault.errors import ObjectMissingError, StorageError
from rejent.vault.store.object_store import ObjectStore

SUBJECT = "catalog"
OTHERS = frozenset({"attachments", "copies"})
"""Folders of the store whose objects another subject accounts for."""

_WINDOW = timedelta(days=7)
_PIECE = 1 << 20
_LEEWAY = timedelta(seconds=10)
"""Beyond the seconds that a recorder grants a camera's clock and what the camera kept before it was asked."""
_ROUNDING = timedelta(milliseconds=1)
"""A day of SQLite is a floating-point number of some 50 µs."""
_SAID = {
    FaultKind.UNCOVERED: "Source {source} has neither a segment nor a gap from {start} to {end}.",
    FaultKind.TWICE_MISSING: "Source {source} has a gap over a segment or another gap from {start} to {end}.",
    FaultKind.TWICE_RECORDED: "One recorder of source {source} recorded {start} to {end} twice.",
    FaultKind.OUT_OF_ORDER: "The segment of source {source} from {start} to {end} was booked behind a later one.",
}


def findings(store: ObjectStore, clock: Clock, *, deep: bool = True) -> Iterator[Finding]:
    """Yield whatever in the catalogue and its objects is not as it was booked.

    Time that is not accounted for; segments at impossible times; totals that disagree with their rows; segments whose day key is not the
    booked one; objects that are missing, left, unknown, of another length or, if ``deep``, of another digest; guarded rows that are not as
    they were entered, and what a kind of stream checks beside them.
    """
    yield from run_checks(
        SUBJECT,
        {
            "time": lambda: unaccounted_time(clock.now()),
            "instants": lambda: _misdated(clock.now()),
            "totals": _sums,
            "day-keys": _day_keys,
            "ledger": partial(guarded_rows, SUBJECT),
            **{
                name: partial(check, clock.now())
                for checks in RECORD_CHECKS.values()
                for name, check in checks.items()
            },
            "objects": lambda: _objects(store, deep=deep),
            "strangers": lambda: _strangers(store),
            "rows": lambda: unreadable_rows(SUBJECT),
        },
    )


def _strangers(store: ObjectStore) -> Iterator[Finding]:
    for name in store.unknown_files():
        yield _found("stranger", "Something that is no object of ours lies in the store: {name}.", name=name)


def unaccounted_time(now: datetime) -> Iterator[Finding]:
    """Yield stretches of each source that nothing covers, or more than one row, from whatever is booked of it first."""
    for source, first, last in extents(Source.objects.all(), now):
        starts = [at for at in (source.started_at, first) if at is not None]
        start, end = min(starts, default=None), source.accounted_until or last
        while start is not None and end is not None and start < end:
            stop = min(start + _WINDOW, end)
            yield from _week(source, Interval(start, stop))
            start = stop


def _week(source: Source, whole: Interval) -> Iterator[Finding]:
    """Yield what is wrong with some time of a source.

    A source of items records none of it while there is none, and may have a gap beside the recording of an item.
    """
    source_id, is_continuous = source.pk, SOURCES.of(source.stream).is_continuous
    near = Q(source=source_id, start__lt=whole.end) & (Q(end__gt=whole.start) | Q(end__isnull=True))
    missed = Gap.objects.filter(near).values_list("start", "end")
    gaps = [part for start, end in missed if (part := within(whole, start, end))]
    bounded = Segment.objects.filter(near, start__gt=whole.start - longest_of(source_id))
    rows = bounded.order_by("entry").values_list("start", "end", "run", "state", "recovered")
    segments: list[Interval] = []
    own: defaultdict[str, list[Interval]] = defaultdict(list)
    for start, end, run, state, recovered in rows:
        if part := within(whole, start, end):
            segments.append(part)
            if run and state == SegmentState.SEALED and not recovered:
                own[recorder_of(run)].append(part)
    for kind, part in faults(whole, gaps, segments if is_continuous else [], own):
        if kind is FaultKind.UNCOVERED and not is_continuous:
            continue
        facts = {"source": source_id, "start": part.start.isoformat(), "end": part.end.isoformat()}
        yield _found(kind.value, _SAID[kind], **facts)


def _misdated(now: datetime) -> Iterator[Finding]:
    """Yield segments that no recorder could have made then."""
    columns = ("pk", "stream", "address", "added_at")
    for source_id, stream, address, added_at in Source.objects.order_by("pk").values_list(*columns):
        rows, form = Segment.objects.filter(source=source_id), SOURCES.of(stream)
        yield from _counted(
            _longer(rows, form.longest(address)),
            "segments-too-long",
            "{segments} segments of source {source} are longer than a recorder makes them.",
            source_id,
        )
        yield from _counted(
            rows.filter(start__gt=now - LONGEST, end__gt=now + _LEEWAY),
            "segments-ahead",
            "{segments} segments of source {source} end in the future.",
            source_id,
        )
        yield from _counted(
            rows.none() if form.comes_late(address) else rows.filter(start__lt=added_at - _LEEWAY),
            "segments-before-added",
            "{segments} segments of source {source} begin before it was added.",
            source_id,
        )


def _longer(rows: QuerySet[Segment], length: timedelta) -> QuerySet[Segment]:
    """Return the rows of more than a length; on SQLite by its own days, for Django's sum there is a call of Python for each row."""
    if connection.vendor != "sqlite":
        return rows.filter(end__gt=F("start") + length)
    end, start = (Func(name, function="julianday", output_field=FloatField()) for name in ("end", "start"))
    return rows.alias(lasting=end - start).filter(lasting__gt=(length + _ROUNDING) / timedelta(days=1))


def _counted(rows: QuerySet[Segment], code: str, template: str, source_id: str) -> Iterator[Finding]:
    if count := rows.count():
        yield _found(code, template, source=source_id, segments=count)


def _sums() -> Iterator[Finding]:
    """Totals by day against the rows they were summed from."""
    living = ~Q(state=SegmentState.DESTROYED)
    grouped = Segment.objects.values_list("source_id", "day").annotate(
        segments=Count("pk"), kept=Sum("bytes", filter=living, default=0)
    )
    counted = {(source, day): (segments, kept) for source, day, segments, kept in grouped.iterator()}
    totals = DayTotal.objects.values_list("source_id", "day", "segments", "kept_bytes")
    booked = {(source, day): (segments, kept) for source, day, segments, kept in totals}
    for source, day in sorted(counted.keys() | booked.keys()):
        if counted.get((source, day), (0, 0)) != booked.get((source, day), (0, 0)):
            yield _found(
                "total-differs",
                "The totals of source {source}, {day}, disagree with its segments.",
                source=source,
                day=day.isoformat(),
            )


def _day_keys() -> Iterator[Finding]:
    keys = {
        (source, day): key for source, day, key in DayKey.objects.values_list("source_id", "day", "recipient")
    }
    for living in living_days():
        if (
            living.state == SegmentState.SEALED
            and keys.get((living.source_id, living.day)) != living.recipient
        ):
            yield _found(
                "day-key-differs",
                "{segments} segments of source {source}, {day}, are sealed to a key that is not the booked day key.",
                source=living.source_id,
                day=living.day.isoformat(),
                segments=living.segments,
            )


def _objects(store: ObjectStore, *, deep: bool) -> Iterator[Finding]:
    """Each folder of the store against the rows of its source and day; then the days that have no folder.

    Raises `FolderMismatchError`: the store is another, or its disk is not mounted; then nothing is known of its objects.
    """
    require_there(store)
    unseen = {f"{living.source_id}/{living.day.isoformat()}": living for living in living_days()}
    for folder, listed in groupby(store.objects(), key=lambda stored: stored.name.rpartition("/")[0]):
        if folder.partition("/")[0] in OTHERS:
            continue
        present = {stored.name: stored.size for stored in listed}
        living = unseen.pop(folder, None)
        booked = (
            {each.object_name: each for each in stored_objects(living.source_id, living.day)}
            if living
            else {}
        )
        for name in sorted(booked.keys() | present.keys()):
            if name not in booked:
                yield from _unbooked_object(store, name)
            elif deep or present.get(name) != booked[name].bytes:
                yield from _unless_withdrawn(store, booked[name], deep=deep)
    for living in unseen.values():
        for each in stored_objects(living.source_id, living.day):
            yield from _unless_withdrawn(store, each, deep=deep)


def _unless_withdrawn(store: ObjectStore, booked: StoredObject, *, deep: bool) -> Iterator[Finding]:
    """Yield what is wrong with an object, unless the ledger says that it is being removed by itself."""
    found = list(_booked_object(store, booked, deep=deep))
    if found and not is_withdrawn(booked.sha256):
        yield from found


def _booked_object(store: ObjectStore, booked: StoredObject, *, deep: bool) -> Iterator[Finding]:
    """Yield what is wrong with an object that must be there; one booked or resealed since the store was listed is looked at anew."""
    facts = {"object": booked.object_name}
    try:
        with store.open(booked.object_name) as sealed:
            if sealed.size != booked.bytes and _unchanged(booked):
                yield _found(
                    "object-length", "The object {object} has another length than was booked.", **facts
                )
            elif deep and _digest(sealed) != booked.sha256 and _unchanged(booked):
                yield _found("object-changed", "The object {object} is not what was booked.", **facts)
    except (ObjectMissingError, StorageError):
        if _unchanged(booked):
            yield _found("object-missing", "The object {object} is missing.", **facts)


def _unbooked_object(store: ObjectStore, name: str) -> Iterator[Finding]:
    """Yield an object that no living segment names; one that went, or was booked, since the store was listed is none."""
    state = Segment.objects.filter(object_name=name).values_list("state", flat=True).first()
    if state is None:
        yield _found("object-unknown", "The catalogue does not know the object {object}.", object=name)
    elif state == SegmentState.DESTROYED:
        with suppress(ObjectMissingError), store.open(name):
            yield _found("object-left", "The object {object} counts as destroyed, and is there.", object=name)


def _unchanged(booked: StoredObject) -> bool:
    """Return whether the row is unchanged: a keeper at work is no fault."""
    same = Segment.objects.filter(pk=booked.segment_id, sha256=booked.sha256, object_name=booked.object_name)
    return same.exclude(state=SegmentState.DESTROYED).exists()


def _digest(sealed: RandomAccess) -> str:
    digest, offset = sha256(), 0
    while piece := sealed.read_at(offset, _PIECE):
        digest.update(piece)
        offset += len(piece)
    return digest.hexdigest()


def _found(code: str, template: str, **facts: object) -> Finding:
    return Finding(SUBJECT, f"{SUBJECT}.{code}", template, facts)
