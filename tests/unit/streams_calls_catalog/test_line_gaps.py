"""A line's gap, in which it could take no calls, and the sound of a call that went on meanwhile are different things."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rejent.catalog import services
from rejent.catalog.checks import findings
from rejent.catalog.coverage import Missing, ended
from rejent.catalog.models import Gap
from rejent.kernel.intervals import Interval
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.lines.addresses import StatedLine
from rejent.streams.calls.catalog.lines.causes import LineCause
from tests.unit.retention.office import MINUTE, RecordingOffice

NOON = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def office(db: None, tmp_path: Path) -> RecordingOffice:  # noqa: ARG001 - asked for its effect
    """An office that records calls."""
    office = RecordingOffice.open(tmp_path, NOON, "walbrzych-mops")
    stated = StatedLine(siprec="127.0.0.1:5060", numbers=("+48 10 555",))
    office.sources["line"] = call_services.add_line(name="Line", stated=stated, clock=office.clock, actor="")
    return office


def gaps(office: RecordingOffice) -> list[tuple[datetime, datetime | None, str]]:
    """The gaps of the line."""
    return list(
        Gap.objects.filter(source=office.sources["line"])
        .order_by("start")
        .values_list("start", "end", "cause")
    )


def test_a_freeze_stays_a_gap_though_a_call_went_on(office: RecordingOffice) -> None:
    """Eight seconds within a call's segment, booked before it and after another; nothing is found wrong with either."""
    line = office.sources["line"]
    office.record(line, NOON - MINUTE, b"before", run="ab" * 16)
    at = NOON + 20 * SECOND
    services.open_gap(line, at, LineCause.OVERLOADED, clock=office.clock)
    services.close_gap(line, at + 8 * SECOND, clock=office.clock)
    office.clock.advance(MINUTE)
    office.record(line, NOON, b"a call", run="cd" * 16)
    assert gaps(office) == [(at, at + 8 * SECOND, "overloaded")]
    found = {each.code for each in findings(office.store, office.clock)}
    assert not {code for code in found if "gap" in code or "uncovered" in code}


def test_a_gap_begins_when_it_did_though_a_call_is_booked_that_goes_on(office: RecordingOffice) -> None:
    """A segment that reaches beyond the beginning of the gap moves it no more than one that comes later."""
    line = office.sources["line"]
    office.clock.advance(MINUTE)
    office.record(line, NOON, b"a call", run="ab" * 16)
    services.open_gap(line, NOON + 5 * SECOND, "storage-full", clock=office.clock)
    office.record(line, NOON + MINUTE, b"its next object", run="ab" * 16)
    assert gaps(office) == [(NOON + 5 * SECOND, None, "storage-full")]


def test_silence_that_a_sweep_took_for_a_stop_ends_with_the_next_call(office: RecordingOffice) -> None:
    """The recorder lives: what a sweep concluded from its silence ends where a call begins."""
    line = office.sources["line"]
    services.open_gap(line, NOON, "recorder-stopped", clock=office.clock)
    office.clock.advance(2 * MINUTE)
    office.record(line, NOON + MINUTE, b"a call", run="ab" * 16)
    assert gaps(office) == [(NOON, NOON + MINUTE, "recorder-stopped")]


def test_a_stop_begins_where_what_a_killed_recorder_left_ends() -> None:
    """Until then it listened; a gap that lies within such an item, as of a freeze before, stays."""
    start, end = NOON, NOON + 30 * SECOND
    stop = Missing(start, end, "recorder-stopped")
    assert ended(stop, Interval(NOON - MINUTE, NOON + 5 * SECOND), recovered=True) == [
        Missing(NOON + 5 * SECOND, end, "recorder-stopped")
    ]
    assert ended(stop, Interval(NOON - MINUTE, NOON + MINUTE), recovered=True) == [stop]


def test_the_gap_of_a_missing_call_goes_with_its_recording(office: RecordingOffice) -> None:
    """That is a gap in the sound of calls, and what is booked late takes it."""
    line = office.sources["line"]
    services.open_gap(line, NOON + 10 * SECOND, LineCause.NO_RECORDING, clock=office.clock)
    services.close_gap(line, NOON + 40 * SECOND, clock=office.clock)
    office.clock.advance(MINUTE)
    office.record(line, NOON, b"late", run="ab" * 16)
    assert gaps(office) == []
