"""Gaps are found by a clock that keepers believe: none is missed because it was ahead for a moment."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from rejent.catalog import queries as catalog
from rejent.catalog import services as booked
from rejent.catalog.models import Source
from rejent.catalog.views import HealthReport
from rejent.retention import services
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.lines.addresses import StatedLine
from tests.unit.retention.office import MINUTE, RecordingOffice

NOON = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)


def test_a_line_nobody_listens_to_is_missed_though_the_clock_was_ahead(db: None, tmp_path: Path) -> None:  # noqa: ARG001 - asked for its effect
    """What was to come then is not accounted for: five hours later the gap is there."""
    office = RecordingOffice.open(tmp_path, NOON, "walbrzych-mops")
    office.clock.confirmed = False
    stated = StatedLine(siprec="127.0.0.1:5060", numbers=("+48 10 555",))
    line = call_services.add_line(name="Line", stated=stated, clock=office.clock, actor="")
    booked.open_gap(line, NOON - MINUTE, "starting", clock=office.clock)
    booked.close_gap(line, NOON, clock=office.clock)

    def listened() -> None:
        now = office.clock.now()
        told = HealthReport(line, "recording", "", NOON, now, None, "", {}, 0.0)
        booked.report_health([told], office.clock)
        services.keep_once(office.keeping)

    for _ in range(10):
        office.clock.advance(MINUTE)
        listened()
    office.clock.step(timedelta(days=60))
    listened()
    office.clock.step(-timedelta(days=60))
    office.clock.advance(MINUTE)
    listened()
    for _ in range(10):
        office.clock.advance(timedelta(minutes=30))
        services.keep_once(office.keeping)
    now, until = office.clock.now(), Source.objects.get().accounted_until
    assert until is not None
    assert until <= now
    assert [gap.end for gap in catalog.gaps(line, now - timedelta(hours=1), now)] == [None]
