"""Sources as people and recorders see them."""

from datetime import datetime
from functools import partial

from django.db import connection
from django.db.models import Max, QuerySet

from rejent.catalog.addresses import masked
from rejent.catalog.coverage import CLOCK_SLACK, LONGEST, RECORDER_STOPPED
from rejent.catalog.errors import NoSuchSourceError
from rejent.catalog.models import Segment, Source, SourceHealth
from rejent.catalog.queries.recordings import SILENT_AFTER
from rejent.catalog.stream_parts import SOURCES
from rejent.catalog.views import RECORDING, STOPPED, HealthView, RecorderSource, SourceView, Wait
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.views import view_of
from rejent.office import queries as office
from rejent.office.errors import NoRegulationError
from rejent.office.regulation.gates import Activation, Condition, GateState
from rejent.registers.guard.memory import VerifiedOnce
from rejent.registers.guard.model import GuardedModel
from rejent.registers.guard.rows import matching

OF_SOURCES: tuple[type[GuardedModel], ...] = (Source,)
"""Models of the rows that say what there is to record; for memories of what is made of them."""


def sources(
    stream: str | None = None,
    *,
    removed: bool = False,
    with_secret_places: bool = False,
    clock: Clock | None = None,
) -> list[SourceView]:
    """Return the sources by name; with ``removed`` also those struck off.

    With a ``clock`` a source whose recorder has fallen silent is shown as stopped, or as waiting where its stream may not
    start; without, as it was last reported.

    Where the regulation keeps camera places secret, building, place and kind stay empty unless asked for; who asks must
    have established the right to them (R-VID-6).
    """
    rows = _rows()
    if stream is not None:
        rows = rows.filter(stream=stream)
    if not removed:
        rows = rows.filter(removed_at__isnull=True)
    secret = office.secret_places()
    ordered = rows.order_by("name", "added_at")
    return [_view(row, secret, reveal=with_secret_places, clock=clock) for row in ordered]


def source(source_id: str, *, with_secret_places: bool = False, clock: Clock | None = None) -> SourceView:
    """Return a source by its identifier, removed or not; with a ``clock`` its health is judged as in `sources`.

    Raises `NoSuchSourceError`: there is none.
    """
    row = _rows().filter(pk=source_id).first()
    if row is None:
        raise NoSuchSourceError("There is no source {source}.", source=source_id)
    return _view(row, office.secret_places(), reveal=with_secret_places, clock=clock)


def source_by_name(name: str) -> SourceView:
    """Return a source by its name; a removed one only if none that is present has it. Raises `NoSuchSourceError`: there is none."""
    named = _rows().filter(name=name).order_by("-added_at")
    row = named.filter(removed_at__isnull=True).first() or named.first()
    if row is None:
        raise NoSuchSourceError(
            "There is no source of that name.", advice="Their names stand on the page Sources."
        )
    return _view(row, office.secret_places(), reveal=False)


def streams(*, removed: bool = False) -> dict[str, str]:
    """Return the stream of each source, by its identifier; with ``removed`` also of those struck off."""
    rows = Source.objects.all() if removed else Source.objects.filter(removed_at__isnull=True)
    return dict(rows.values_list("pk", "stream"))


def stream_of(source_id: str) -> str:
    """Return the stream of one source, removed or not. Raises `NoSuchSourceError`: there is no such source."""
    stream = Source.objects.filter(pk=source_id).values_list("stream", flat=True).first()
    if stream is None:
        raise NoSuchSourceError("There is no source {source}.", source=source_id)
    return stream


def verified_stream_of(source_id: str) -> str:
    """Return the stream of one source by the word of the ledger, removed or not, for who may see it.

    Raises `NoSuchSourceError`: there is no such source, or it was planted or altered.
    """
    stream = _streams.get(source_id, partial(_verified_stream_of, source_id))
    if stream is None:
        raise NoSuchSourceError("There is no source {source}.", source=source_id)
    return stream


def _verified_stream_of(source_id: str) -> str | None:
    return next((row.stream for row in matching(Source.objects.filter(pk=source_id))), None)


_streams = VerifiedOnce[str | None](Source)


def recorder_sources(slot: int | None = None, per_slot: int = 1, *, stream: str) -> list[RecorderSource]:
    """Return the sources of a stream that are switched on, for their recorders; of one recorder where ``slot`` says which.

    A source keeps its recorder for life, so that adding or removing another never disturbs it. One whose address was planted or
    altered in the database is none.
    """
    rows = Source.objects.filter(stream=stream, removed_at__isnull=True, switched_on=True)
    if slot is not None:
        rows = rows.filter(position__gte=slot * per_slot, position__lt=(slot + 1) * per_slot)
    return [
        view_of(
            RecorderSource,
            row,
            credentials=bytes(row.credentials),
            place=row.place_id,
            started=row.started_at is not None,
        )
        for row in matching(rows.order_by("position"))
    ]


def recorder_slots(per_slot: int, *, stream: str) -> int:
    """Return how many recorders of ``per_slot`` sources each a stream needs."""
    present = Source.objects.filter(stream=stream, removed_at__isnull=True)
    highest = present.aggregate(highest=Max("position"))["highest"]
    return 0 if highest is None else highest // per_slot + 1


def heard_until(source_id: str, clock: Clock) -> datetime | None:
    """Return when the recorder of a source last reported on it, or until when it recorded since; nothing before its first word.

    Where that lies ahead, for the clock was set back since, it is as far as the source is accounted for.
    """
    row = SourceHealth.objects.filter(source=source_id).select_related("source").first()
    if row is None:
        return None
    now, accounted = clock.now(), row.source.accounted_until
    if row.reported_at > now + CLOCK_SLACK:
        return min(accounted or now, now)
    later = Segment.objects.filter(source=source_id, start__gt=row.reported_at - LONGEST)
    ends = later.filter(end__gt=row.reported_at, end__lte=now).order_by("-end").values_list("end", flat=True)
    return max([row.reported_at, *ends[:1]])


def _rows() -> QuerySet[Source]:
    return Source.objects.select_related("place__building", "health")


def _view(row: Source, secret: frozenset[str], *, reveal: bool, clock: Clock | None = None) -> SourceView:
    hidden = row.stream in secret
    place = row.place if reveal or not hidden else None
    health = _health(row, clock)
    return view_of(
        SourceView,
        row,
        building=place.building.name if place else "",
        place=place.name if place else "",
        kind=place.kind if place else "",
        secret_place=hidden,
        address_shown=masked(row.address),
        traits={name: masked(value) or value for name, value in row.traits.items()},
        health=health,
        waits_for=_waits(row, health, clock),
        by_hand=SOURCES.of(row.stream).by_hand(row.address),
    )


def _waits(row: Source, health: HealthView | None, clock: Clock | None) -> tuple[Wait, ...]:
    """Return what keeps a source's stream from starting, where the source should be recorded and no recorder has it."""
    on = row.switched_on and row.removed_at is None
    if clock is None or not on or (health is not None and health.cause != RECORDER_STOPPED):
        return ()
    try:
        activation = office.gates(row.stream, civil_date(clock.now()))
    except NoRegulationError:
        return (Wait("regulation"),)
    conditions = (*activation.conditions, *filter(None, [_own_condition(row, activation)]))
    return tuple(Wait(each.name, each.met_from) for each in conditions if each.state is not GateState.MET)


def _own_condition(row: Source, activation: Activation) -> Condition | None:
    """Return the condition that the source's place is marked; None where nothing asks for it, or it was recorded before."""
    return office.place_condition(activation, row.place_id) if row.started_at is None else None


def unmarked_sources(activation: Activation) -> list[tuple[str, Condition]]:
    """Return the names of a stream's sources that still wait for a plate at their own place, each with that condition.

    They are not recorded though every condition of their stream may be met (Labour Code art. 22² § 9).
    """
    rows = _rows().filter(stream=activation.stream, removed_at__isnull=True, switched_on=True)
    found = [(row.name, _own_condition(row, activation)) for row in rows.order_by("name", "added_at")]
    return [(name, own) for name, own in found if own is not None and own.state is not GateState.MET]


def _health(source: Source, clock: Clock | None) -> HealthView | None:
    row: SourceHealth | None = getattr(source, "health", None)
    if row is None:
        return None
    on = source.switched_on and source.removed_at is None
    now = clock.now() if clock is not None else row.reported_at
    silent = on and not -CLOCK_SLACK <= now - row.reported_at <= SILENT_AFTER
    state = STOPPED if silent else row.state
    since = min(row.reported_at, now) if silent else row.since
    return view_of(
        HealthView,
        row,
        state=state,
        cause=RECORDER_STOPPED if silent else row.cause,
        since=since if state == RECORDING else _last_recorded(source, since),
        bytes_per_second=0.0 if silent else row.bytes_per_second,
    )


def _last_recorded(source: Source, reported: datetime) -> datetime:
    """Return since when a source is not recorded: the end of its newest segment, else its first start; at the latest as reported.

    What a recorder says begins anew with every start of the program.
    """
    ends = Segment.objects.filter(source_id=source.pk).order_by("-start").values_list("end", flat=True)
    return min(reported, ends.first() or source.started_at or reported)


def version() -> int | None:
    """Return a number that is another one after any other connection has written to the database.

    Only on one connection can two of them be compared. Nothing where the database cannot say so cheaply (PostgreSQL).

    Source: SQLite, ``PRAGMA data_version``.
    """
    if connection.vendor != "sqlite":
        return None
    with connection.cursor() as cursor:
        return int(cursor.execute("PRAGMA data_version").fetchone()[0])
