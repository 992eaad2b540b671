"""``/metrics`` in Prometheus' text format; sources appear under their opaque ids, never by name or place."""

from collections.abc import Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from rejent.catalog import queries as catalog
from rejent.registers import queries as registers
from rejent.retention import queries as retention


class OfficeCollector:
    """Reads the office's figures anew at each scrape."""

    def collect(self) -> Iterator[Metric]:
        """Every metric with its samples."""
        yield from self._sources()
        yield from self._storage()
        size = GaugeMetricFamily("rejent_ledger_entries", "Entries of the ledger.")
        size.add_metric([], registers.tree_head().size)
        yield size
        overdue = GaugeMetricFamily("rejent_overdue_days", "Days of sources that should have been destroyed.")
        overdue.add_metric([], len(retention.overdue(clock=settings.CLOCK)))
        yield overdue

    def _sources(self) -> Iterator[Metric]:
        recording = GaugeMetricFamily(
            "rejent_source_recording", "1 while bytes reach the vault.", labels=["source", "cause"]
        )
        recorded = GaugeMetricFamily(
            "rejent_source_recorded_seconds", "Seconds recorded so far.", labels=["source"]
        )
        missing = GaugeMetricFamily("rejent_source_gap_seconds", "Seconds missing so far.", labels=["source"])
        offset = GaugeMetricFamily(
            "rejent_source_clock_offset_seconds", "Camera's clock minus real time.", labels=["source"]
        )
        rate = GaugeMetricFamily(
            "rejent_source_bytes_per_second", "Bytes sealed a second.", labels=["source"]
        )
        for source in catalog.sources(clock=settings.CLOCK):
            health = source.health
            totals = catalog.totals(source.id)
            recorded.add_metric([source.id], totals.recorded_s)
            missing.add_metric([source.id], totals.gap_s)
            state, cause = (health.state, health.cause) if health else ("starting", "starting")
            recording.add_metric([source.id, cause], 1.0 if state == "recording" else 0.0)
            if health and health.clock_offset_s is not None:
                offset.add_metric([source.id], health.clock_offset_s)
            rate.add_metric([source.id], health.bytes_per_second if health else 0.0)
        yield from (recording, recorded, missing, offset, rate)

    def _storage(self) -> Iterator[Metric]:
        forecast = catalog.storage_forecast(clock=settings.CLOCK)
        for name, help_text, value in (
            (
                "rejent_vault_used_bytes",
                "Bytes in use where the vault lies, by whatever is there.",
                forecast.used,
            ),
            ("rejent_vault_free_bytes", "Bytes free in the vault.", forecast.free),
            ("rejent_vault_days_left", "Days until the vault is full.", forecast.days_left),
        ):
            if value is not None:
                gauge = GaugeMetricFamily(name, help_text)
                gauge.add_metric([], value)
                yield gauge


@require_safe
def metrics(_request: HttpRequest) -> HttpResponse:
    """Every figure, read anew."""
    registry = CollectorRegistry()
    registry.register(OfficeCollector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
