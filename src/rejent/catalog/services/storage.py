"""Tying the storage folder to this database, so that a swapped disk or a restored backup is noticed; reports of sources and of its room."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Protocol

from django.db import transaction

from rejent.catalog.acts import STORAGE_ACCEPTED, STORAGE_OPENED
from rejent.catalog.models import Source, SourceHealth, StorageReading, Volume
from rejent.catalog.queries.storage import known_volume
from rejent.catalog.views import HealthReport
from rejent.kernel.clock import Clock
from rejent.registers.services import enter
from rejent.vault.store import volume_identity as identity
from rejent.vault.store.object_store import ObjectStore
from rejent.vault.store.volume_identity import VolumeIdentity


def adopt_volume(mark: VolumeIdentity) -> None:
    """Remember the folder that was just marked as this installation's."""
    Volume.objects.create(installation=mark.installation, volume=mark.volume, opened=mark.opened)


def open_volume(store: ObjectStore, *, clock: Clock) -> int:
    """Count one more opening in the folder and here; the count.

    Raises `FolderMismatchError`: the folder is not this database's, or one of the two is an older copy.
    """
    count = identity.begin_opening(store, known_volume())
    with transaction.atomic(durable=True):
        Volume.objects.filter(pk=1).update(opened=count)
        enter(STORAGE_OPENED, actor="", subject="storage", record={"count": count}, at=clock.now())
    identity.complete_opening(store, known_volume())
    return count


def accept_restored(store: ObjectStore, *, reason: str, clock: Clock, actor: str) -> bool:
    """Vouch for a folder or database that was restored from an older copy; both count on from the higher.

    Nothing is entered where neither is older than the other; return whether one was.
    Raises `FolderMismatchError`: the folder has no mark, or is another installation's or volume's.
    """
    known = known_volume()
    mark = identity.read_identity(store)
    highest = max(known.opened, mark.opened if mark else 0)
    identity.reconcile(store, known, highest)
    if mark is not None and mark.opened == known.opened:
        return False
    with transaction.atomic(durable=True):
        Volume.objects.filter(pk=1).update(opened=highest)
        record = {"database": known.opened, "folder": mark.opened if mark else None, "reason": reason}
        enter(STORAGE_ACCEPTED, actor=actor, subject="storage", record=record, at=clock.now())
    return True


KEPT = timedelta(days=60)
"""Time that storage readings are kept."""

EVERY = timedelta(minutes=10)
"""Readings closer together than this replace each other."""


class Space(Protocol):
    """Room in the vault, in bytes."""

    @property
    def used(self) -> int:
        """Bytes that the objects take."""

    @property
    def free(self) -> int | None:
        """Bytes that are left; nothing where the store knows no limit."""


def report_health(reports: Sequence[HealthReport], clock: Clock) -> None:
    """Store the latest word on each source; a source that is unknown by now is passed over."""
    if not reports:
        return
    now = clock.now()
    with transaction.atomic():
        known = dict(
            Source.objects.filter(pk__in=[each.source_id for each in reports]).values_list("pk", "started_at")
        )
        rows = {each.source_id: _row(each, now) for each in reports if each.source_id in known}
        SourceHealth.objects.bulk_create(
            rows.values(),
            update_conflicts=True,
            unique_fields=["source"],
            update_fields=[field.name for field in SourceHealth._meta.fields if field.name != "source"],  # noqa: SLF001 - Django's public options
        )
        for source_id in rows:
            if known[source_id] is None:
                Source.objects.filter(pk=source_id, started_at__isnull=True).update(
                    started_at=now, accounted_until=now
                )


def read_storage(space: Space, clock: Clock) -> None:
    """Note the vault's used and free bytes for the forecast; one reading in ten minutes is kept."""
    now = clock.now()
    with transaction.atomic():
        newest = StorageReading.objects.order_by("-at").values_list("at", flat=True).first()
        if newest is not None and timedelta() <= now - newest < EVERY:
            StorageReading.objects.filter(at=newest).update(used=space.used, free=space.free)
        else:
            StorageReading.objects.update_or_create(at=now, defaults={"used": space.used, "free": space.free})
            StorageReading.objects.filter(at__lt=now - KEPT).delete()


def _row(report: HealthReport, now: datetime) -> SourceHealth:
    columns = {each.name: getattr(report, each.name) for each in fields(report)}
    return SourceHealth(
        **columns, clock_at=now if report.clock_offset_s is not None else None, reported_at=now
    )
