"""A line's gap, in which it could take no calls, and the sound of a call that went on meanwhile are different things."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rejent.catalog import queries, services
from rejent.catalog.checks import findings
from rejent.catalog.coverage import Missing, ended
from rejent.catalog.models import Gap
from rejent.kernel.clock import ManualClock
from rejent.kernel.intervals import Interval
from rejent.registers.guard.checks import guarded_rows
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.lines.addresses import StatedLine
from rejent.streams.calls.catalog.lines.parts import LineCause
from tests.unit.catalog.conftest import START, finished
from tests.unit.catalog.test_sweep import gaps as told
from tests.unit.catalog.test_sweep import report
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


@pytest.mark.parametrize("first", ["gap", "item", "sweep"])
def test_a_stop_begins_no_later_than_what_a_killed_recorder_left_ends(
    source: str, clock: ManualClock, first: str
) -> None:
    """What it heard between the last it wrote and its last report is lost, whichever of the two is booked first."""
    left = [finished(source, 0, end, recovered=True) for end in (8, 9)]
    clock.advance(timedelta(seconds=10))
    services.report_health([report(source)], clock)
    clock.advance(timedelta(minutes=3))
    if first == "item":
        services.book_segments(left, clock)
    if first == "sweep":
        services.book_segments(left, clock)
        services.sweep_gaps(clock)
    services.open_gap(source, START + 10 * SECOND, "recorder-stopped", clock=clock)
    if first == "gap":
        services.book_segments(left, clock)
    assert told(source, clock) == [(9, None, "recorder-stopped")]
    services.close_gap(source, clock.now(), clock=clock)
    assert not list(guarded_rows("catalog"))


@pytest.mark.parametrize("first", ["item", "sweep", "gap"])
@pytest.mark.parametrize("recovered", [False, True])
def test_a_stop_begins_no_earlier_than_the_last_call_ends(
    source: str, clock: ManualClock, first: str, recovered: bool
) -> None:
    """A recorder reports every few seconds: a call that ended, or was written, behind its last report shows that it lived until then."""
    calls = [
        finished(source, 2, 14, recovered=recovered, run="ab" * 16),
        finished(source, 11, 13, run="cd" * 16),
    ]
    clock.advance(timedelta(seconds=10))
    services.report_health([report(source)], clock)
    clock.advance(timedelta(minutes=3))
    if first == "gap":
        if not recovered:
            return
        services.open_gap(source, START + 10 * SECOND, "recorder-stopped", clock=clock)
        services.book_segments(calls[:1], clock)
    else:
        services.book_segments(calls, clock)
        if first == "sweep":
            services.sweep_gaps(clock)
        heard = queries.heard_until(source, clock)
        assert heard == START + 14 * SECOND
        services.open_gap(source, heard, "recorder-stopped", clock=clock)
    assert told(source, clock) == [(14, None, "recorder-stopped")]
    services.close_gap(source, clock.now(), clock=clock)
    assert not list(guarded_rows("catalog"))


@pytest.mark.parametrize(
    ("cause", "start", "recovered"),
    [("overloaded", 10, True), ("recorder-stopped", 10, False), ("recorder-stopped", 60, True)],
)
def test_other_gaps_begin_where_they_are_said_to(
    source: str, clock: ManualClock, cause: str, start: int, recovered: bool
) -> None:
    """A cause that was told, an item that ended by itself, one that ended long before."""
    clock.advance(timedelta(minutes=3))
    services.open_gap(source, START + start * SECOND, cause, clock=clock)
    services.book_segments([finished(source, 0, 9, recovered=recovered)], clock)
    assert told(source, clock) == [(start, None, cause)]


def test_the_gap_of_a_missing_call_goes_with_its_recording(office: RecordingOffice) -> None:
    """That is a gap in the sound of calls, and what is booked late takes it."""
    line = office.sources["line"]
    services.open_gap(line, NOON + 10 * SECOND, LineCause.NO_RECORDING, clock=office.clock)
    services.close_gap(line, NOON + 40 * SECOND, clock=office.clock)
    office.clock.advance(MINUTE)
    office.record(line, NOON, b"late", run="ab" * 16)
    assert gaps(office) == []
