"""Storing reports of recorders and keepers: the health of sources, the room in the storage."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Protocol

from django.db import transaction

from rejent.catalog.models import Source, SourceHealth, StorageReading
from rejent.catalog.views import HealthReport
from rejent.kernel.clock import Clock

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
