"""``/metrics`` in Prometheus' text format, with sources under their opaque ids, read at most once in five seconds.

It answers this machine alone, or, where ``rejent.toml`` names a token, whoever shows that.
"""

import threading
from collections.abc import Iterator
from http import HTTPStatus
from secrets import compare_digest

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from rejent.access.viewings import volume
from rejent.catalog import queries as catalog
from rejent.kernel.clock import Clock
from rejent.office.proxies import client_address, is_loopback, was_handed_on
from rejent.registers import queries as registers
from rejent.retention import queries as retention

FRESH_S = 5.0
"""Seconds for which figures are cached."""


def _gauge(name: str, help_text: str, value: float | None) -> Iterator[Metric]:
    if value is not None:
        yield GaugeMetricFamily(f"rejent_{name}", help_text, value=value)


class OfficeCollector:
    """Reads the office's figures at each scrape."""

    def collect(self) -> Iterator[Metric]:
        """Yield every metric with its samples."""
        yield from self._sources()
        forecast = catalog.storage_forecast(clock=settings.CLOCK)
        used = "Bytes in use where the vault lies, by whatever is there."
        yield from _gauge("vault_used_bytes", used, forecast.used)
        yield from _gauge("vault_free_bytes", "Bytes free in the vault.", forecast.free)
        yield from _gauge("vault_days_left", "Days until the vault is full.", forecast.days_left)
        yield from _gauge("ledger_entries", "Entries of the ledger.", registers.tree_head().size)
        overdue = len(retention.overdue(clock=settings.CLOCK))
        yield from _gauge("overdue_days", "Days of sources that should have been destroyed.", overdue)
        yield self._alarms()

    def _alarms(self) -> Metric:
        found = GaugeMetricFamily("rejent_alarms", "Alarms that are on.", labels=["kind"])
        on = [alarm.kind for alarm in retention.alarms()]
        for kind in retention.alarm_kinds():
            found.add_metric([kind], on.count(kind))
        found.add_metric([volume.ALARM], len(volume.exceeded(clock=settings.CLOCK)))
        return found

    def _sources(self) -> Iterator[Metric]:
        recording = GaugeMetricFamily(
            "rejent_source_recording", "1 while bytes reach the vault.", labels=["source", "cause"]
        )
        recorded, missing, seams, dropped, retimed, offset, rate = (
            GaugeMetricFamily(f"rejent_source_{name}", help_text, labels=["source"])
            for name, help_text in (
                ("recorded_seconds", "Seconds recorded so far."),
                ("gap_seconds", "Seconds missing so far."),
                ("seam_seconds", "Seconds of holes too short for gaps."),
                ("dropped_units", "Pictures that came and could not be kept."),
                ("retimed_units", "Pictures whose time stamps could not be right and were replaced."),
                ("clock_offset_seconds", "Camera's clock minus real time."),
                ("bytes_per_second", "Bytes sealed a second."),
            )
        )
        for source in catalog.sources(clock=settings.CLOCK):
            health = source.health
            totals = catalog.totals(source.id, clock=settings.CLOCK)
            recorded.add_metric([source.id], totals.recorded_s)
            missing.add_metric([source.id], totals.gap_s)
            seams.add_metric([source.id], totals.short.seams_s)
            dropped.add_metric([source.id], totals.short.dropped)
            retimed.add_metric([source.id], totals.short.retimed)
            recording.add_metric([source.id, source.cause], 1.0 if source.state == "recording" else 0.0)
            if health and health.clock_offset_s is not None:
                offset.add_metric([source.id], health.clock_offset_s)
            rate.add_metric([source.id], health.bytes_per_second if health else 0.0)
        yield from (recording, recorded, missing, seams, dropped, retimed, offset, rate)


class Figures:
    """The cached text of all figures; concurrent requests wait for one reading."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clock: Clock | None = None
        self._read_at = 0.0
        self._text = b""

    def text(self, clock: Clock) -> bytes:
        """Return the figures, at most five seconds old by the given clock."""
        with self._lock:
            now = clock.monotonic()
            if clock is not self._clock or now - self._read_at >= FRESH_S:
                registry = CollectorRegistry()
                registry.register(OfficeCollector())
                self._text = generate_latest(registry)
                self._clock, self._read_at = clock, now
            return self._text


_figures = Figures()


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Every figure, for whoever may read them."""
    if not _may_read(request):
        return HttpResponse(
            "The figures are for this machine, or for a token.\n", "text/plain", HTTPStatus.FORBIDDEN
        )
    return HttpResponse(_figures.text(settings.CLOCK), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    token = settings.INSTALLATION.metrics_token
    if token:
        shown = request.headers.get("Authorization", "")
        return compare_digest(shown.encode(), f"Bearer {token}".encode())
    forwarded = request.headers.get("X-Forwarded-For", "")
    proxies = settings.INSTALLATION.trusted_proxies
    if not proxies and was_handed_on(name.lower() for name in request.headers):
        return False
    if "Forwarded" in request.headers:
        return False
    return is_loopback(client_address(request.META.get("REMOTE_ADDR", ""), forwarded, proxies))
