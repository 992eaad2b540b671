"""What is missing of a line: its recorder's silence, not the hours in which nobody calls."""

from datetime import datetime, timedelta
from pathlib import Path

from rejent.catalog import queries, services
from rejent.catalog.checks import findings
from rejent.catalog.models import Source
from rejent.kernel.clock import ManualClock
from rejent.vault.store.disk import DiskStore
from tests.unit.catalog.conftest import START, finished
from tests.unit.catalog.test_sweep import gaps, report
from tests.unit.streams_calls_catalog.lined import line

__all__ = ["line"]


def heard(line: str, clock: ManualClock) -> None:
    """Its recorder says that it listens."""
    services.report_health([report(line, traits={})], clock)


def test_a_line_that_nobody_calls_has_no_gap(line: str, clock: ManualClock) -> None:
    """While its recorder speaks nothing is missing, neither booked nor said to be about to be."""
    heard(line, clock)
    for _ in range(20):
        clock.advance(timedelta(minutes=1))
        heard(line, clock)
        services.sweep_gaps(clock)
    assert queries.gaps(line, START, clock.now(), clock=clock) == []
    assert queries.totals(line, clock=clock)[:2] == (0, 0)


def test_a_line_that_nobody_listens_to_has_a_gap_from_the_last_word_on(line: str, clock: ManualClock) -> None:
    """Two minutes after its recorder's last word the gap is told and booked from there, and ends when it listens again."""
    heard(line, clock)
    clock.advance(timedelta(seconds=110))
    services.sweep_gaps(clock)
    assert queries.gaps(line, START, clock.now(), clock=clock) == []
    clock.advance(timedelta(minutes=3))
    (told,) = queries.gaps(line, START, clock.now(), clock=clock)
    assert told.start == START
    services.sweep_gaps(clock)
    assert gaps(line, clock) == [(0, None, "recorder-stopped")]
    services.close_gap(line, clock.now(), clock=clock)
    heard(line, clock)
    clock.advance(timedelta(minutes=1))
    services.sweep_gaps(clock)
    assert gaps(line, clock) == [(0, 290, "recorder-stopped")]


def test_a_silence_is_not_talked_away_by_the_row_of_the_line(line: str, clock: ManualClock) -> None:
    """Of a line, of which nothing need be booked, the sweep goes by the sweep before, and not by what somebody wrote ahead of it."""
    services.report_health([report(line)], clock)
    services.sweep_gaps(clock)
    Source.objects.update(started_at=clock.now() + timedelta(hours=9))
    Source.objects.update(accounted_until=clock.now() + timedelta(hours=9))
    clock.advance(timedelta(minutes=20))
    assert services.sweep_gaps(clock) == 1
    assert gaps(line, clock) == [(0, None, "program-off")]


def test_a_word_under_a_clock_that_was_ahead_hides_no_silence(line: str, clock: ManualClock) -> None:
    """Its recorder spoke last before the clock was set back, and then no more: that is a gap, and it does not count as recorded."""
    heard(line, clock)
    clock.advance(timedelta(hours=8))
    heard(line, clock)
    clock.step(-timedelta(hours=7))
    assert queries.heard_until(line, clock) == START
    assert services.sweep_gaps(clock) == 1
    assert gaps(line, clock) == [(0, None, "recorder-stopped")]
    health = queries.source(line, clock=clock).health
    assert health is not None
    assert (health.state, health.cause) == ("stopped", "recorder-stopped")


def test_a_line_struck_off_has_no_gap_behind_its_last_word(line: str, clock: ManualClock) -> None:
    """The seconds between a recorder's last word and the end of a line are no gap."""
    heard(line, clock)
    clock.advance(timedelta(seconds=5))
    services.remove_source(line, clock=clock, actor="")
    clock.advance(timedelta(minutes=10))
    services.sweep_gaps(clock)
    assert gaps(line, clock) == []


def test_hours_between_calls_are_no_finding(line: str, clock: ManualClock, tmp_path: Path) -> None:
    """A call of eight minutes, hours of silence and two calls at once are as they should be."""
    heard(line, clock)
    for start, end, run in ((60, 540, "a"), (300, 420, "b"), (20_000, 20_100, "c")):
        services.book_segments([finished(line, start, end, run=run)], clock)
    clock.advance(timedelta(hours=8))
    heard(line, clock)
    services.sweep_gaps(clock)
    store = DiskStore(tmp_path)
    codes = {each.code for each in findings(store, clock)}
    assert codes <= {"catalog.object-missing", "catalog.day-key-differs"}
    (day,) = queries.month_summary(line, datetime.date(START), datetime.date(START), clock=clock)
    assert day.recorded_s == 580


def test_the_forecast_counts_the_calls_that_come(line: str, clock: ManualClock) -> None:
    """A minute of calls on a line's first day is a minute's bytes a day, not those of a day full of calls."""
    heard(line, clock)
    booked = finished(line, 60, 120, run="a")
    services.book_segments([booked], clock)
    assert queries.storage_forecast(clock=clock).per_day == booked.bytes
