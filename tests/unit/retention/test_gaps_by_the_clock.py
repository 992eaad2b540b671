"""Gaps are found by a clock that keepers believe: none is missed because it was ahead for a moment."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rejent.catalog import queries as catalog
from rejent.catalog import services as booked
from rejent.catalog.models import Source
from rejent.catalog.views import HealthReport
from rejent.recording.steady_time import SteadyTime
from rejent.retention import clock as clocks
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


@pytest.mark.parametrize("hours", [49, -49])
def test_a_recorder_that_starts_behind_a_step_goes_on_in_the_time_before_it(
    db: None,  # noqa: ARG001 - asked for its effect
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    hours: int,
) -> None:
    """It dates nothing by a clock that no keeper believes, tells the step, and follows it once a person confirms it."""
    office = RecordingOffice.open(tmp_path, NOON, "elblag")
    office.clock.confirmed = False
    monkeypatch.setattr(clocks, "boot_id", lambda: office.boot)
    services.keep_once(office.keeping)
    office.clock.advance(MINUTE)
    office.clock.step(timedelta(hours=hours))
    steady = SteadyTime(office.clock, clocks.off_since_boot(office.clock))
    assert abs(steady.now() - (NOON + MINUTE)) < timedelta(seconds=1)
    assert steady.new_step() == pytest.approx(hours * 3600, abs=1)
    services.keep_once(office.keeping)
    services.confirm_clock(office.clock, "")
    assert clocks.off_since_boot(office.clock) == timedelta()
    steady.confirm()
    assert steady.now() == office.clock.now()
