"""Forecast of the storage, from rows, and the storage folder that belongs to this database."""

from datetime import date, timedelta

from django.db.models import Q, Sum

from rejent.catalog.errors import NoVolumeError
from rejent.catalog.forecast import Demand, Forecast, forecast, full_day
from rejent.catalog.models import DayTotal, Source, StorageReading, Volume
from rejent.catalog.stream_parts import SOURCES
from rejent.kernel.clock import Clock, civil_date
from rejent.office import queries as office
from rejent.office.regulation.provisions import StreamRules
from rejent.vault.store.object_store import ObjectStore
from rejent.vault.store.volume_identity import KnownVolume, read_identity, verify_identity

LOOK_BACK_DAYS = 7
"""The forecast stands on so many days, today included."""


def storage_forecast(*, clock: Clock) -> Forecast:
    """Bytes used, free, added each day, how long that lasts, and whether the regulation's periods fit."""
    today = civil_date(clock.now())
    reading = StorageReading.objects.order_by("-at").first()
    return forecast(reading.used if reading else None, reading.free if reading else None, _demands(today))


def _demands(today: date) -> dict[str, Demand]:
    lately = Q(day__gt=today - timedelta(days=LOOK_BACK_DAYS))
    sums: dict[str, dict[str, int | None]] = {
        row["source_id"]: {name: row[name] for name in ("recorded", "size", "kept")}
        for row in DayTotal.objects.values("source_id").annotate(
            recorded=Sum("recorded_ms", filter=lately),
            size=Sum("bytes", filter=lately),
            kept=Sum("kept_bytes"),
        )
    }
    days = {name: _period_days(today, rules) for name, rules in office.streams_if_entered(today).items()}
    demands = {}
    for source in Source.objects.select_related("health"):
        sum_ = sums.get(source.pk, {})
        health = getattr(source, "health", None)
        wanted = source.switched_on and source.removed_at is None
        rate = health.bytes_per_second if health and wanted else 0.0
        size = sum_.get("size") or 0
        per_day = full_day(sum_.get("recorded") or 0, size, rate) if wanted else 0.0
        if wanted and not SOURCES.of(source.stream).is_continuous:
            per_day = size / _days_looked_at(source, today)
        demands[source.pk] = Demand(per_day, days.get(source.stream, 0), sum_.get("kept") or 0)
    return demands


def _days_looked_at(source: Source, today: date) -> int:
    """Of how many days the sums of a source are; a source's items are not those of a full day, however long they last."""
    since = civil_date(source.started_at) if source.started_at else today
    return min((today - since).days + 1, LOOK_BACK_DAYS)


def _period_days(today: date, rules: StreamRules) -> int:
    """Return how many days' recordings are kept at once: the period and the day of recording."""
    if rules.retention is None:
        return 0
    return (rules.retention.length.after(today) - today).days + 1


def known_volume() -> KnownVolume:
    """Return the folder this database knows. Raises `NoVolumeError`: it knows none."""
    known = volume_if_known()
    if known is None:
        raise NoVolumeError(
            "The database knows no storage folder.",
            advice="It is not the one this installation was created with.",
        )
    return known


def volume_if_known() -> KnownVolume | None:
    """Return the folder this database knows, if it knows one."""
    row = Volume.objects.filter(pk=1).first()
    return None if row is None else KnownVolume(row.installation, row.volume, row.opened)


def require_there(store: ObjectStore) -> None:
    """See that a store is the one this database knows, of whatever age: in the empty folder of a disk that is away everything is missing.

    Raises:
        FolderMismatchError: it is another, or has no mark.
        StorageError: it does not answer.
    """
    known, mark = volume_if_known(), read_identity(store)
    if known is not None and (mark is None or mark.volume != known.volume):
        verify_identity(store, known)
