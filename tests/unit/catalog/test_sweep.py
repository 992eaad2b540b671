"""The sweep and the causes it concludes."""

from datetime import timedelta

import pytest

from rejent.catalog import queries, services
from rejent.kernel.clock import ManualClock
from rejent.registers import queries as registers
from tests.unit.catalog.conftest import START, finished


def report(source: str, **changed: object) -> services.HealthReport:
    """A source that records."""
    given: dict[str, object] = {
        "source_id": source,
        "state": "recording",
        "cause": "",
        "since": START,
        "last_picture_at": START,
        "clock_offset_s": -0.5,
        "clock_method": "rtcp",
        "traits": {"codec": "avc1", "width": 1920, "height": 1080},
        "bytes_per_second": 500_000.0,
    }
    return services.HealthReport(**{**given, **changed})  # type: ignore[arg-type]  # each value has its parameter's type


def gaps(source: str, clock: ManualClock) -> list[tuple[float, float | None, str]]:
    """The booked gaps in seconds after noon."""
    return [
        (
            (gap.start - START).total_seconds(),
            (gap.end - START).total_seconds() if gap.end else None,
            gap.cause,
        )
        for gap in queries.gaps(source, START - timedelta(days=1), clock.now() + timedelta(days=1))
    ]


def test_nothing_is_accounted_for_before_the_first_sign_of_life(source: str, clock: ManualClock) -> None:
    """A source that was added and has not started yet has no gap; from its first report on it has."""
    clock.advance(timedelta(hours=1))
    assert services.sweep_gaps(clock) == 0
    services.report_health([report(source, state="connecting", cause="starting")], clock)
    clock.advance(timedelta(minutes=3))
    assert services.sweep_gaps(clock) == 1
    assert gaps(source, clock) == [(3600, None, "recorder-stopped")]


def test_a_silent_recorder_is_said_to_have_stopped(source: str, clock: ManualClock) -> None:
    """Two minutes after the last cover the gap is booked from there; sweeping again books nothing more."""
    services.book_segments([finished(source, 0, 60)], clock)
    clock.advance(timedelta(seconds=170))
    services.sweep_gaps(clock)
    assert gaps(source, clock) == []
    clock.advance(timedelta(seconds=20))
    assert services.sweep_gaps(clock) == 1
    clock.advance(timedelta(seconds=20))
    assert services.sweep_gaps(clock) == 0
    assert gaps(source, clock) == [(60, None, "recorder-stopped")]


def test_a_hole_with_a_talking_recorder_has_no_known_cause(source: str, clock: ManualClock) -> None:
    """The recorder reports and books, but not this stretch: the cause is unknown, and said to be."""
    services.book_segments([finished(source, 0, 60), finished(source, 75, 135)], clock)
    clock.advance(timedelta(seconds=260))
    services.report_health([report(source)], clock)
    services.sweep_gaps(clock)
    assert gaps(source, clock)[0] == (60, 75, "unknown")


def test_a_hole_between_two_runs_is_the_recorder_restarting(source: str, clock: ManualClock) -> None:
    """Segments of different runs on both sides tell that the recorder was started anew."""
    services.book_segments([finished(source, 0, 60), finished(source, 75, 135, run="run-2")], clock)
    clock.advance(timedelta(seconds=260))
    services.report_health([report(source)], clock)
    services.sweep_gaps(clock)
    assert gaps(source, clock)[0] == (60, 75, "recorder-stopped")


def test_a_long_silence_of_the_keeper_means_that_the_program_was_off(source: str, clock: ManualClock) -> None:
    """The sweep is the program's own sign of life; where it missed too, nothing ran."""
    services.book_segments([finished(source, 0, 60)], clock)
    clock.advance(timedelta(seconds=60))
    services.sweep_gaps(clock)
    clock.advance(timedelta(hours=2))
    services.sweep_gaps(clock)
    assert gaps(source, clock) == [(60, None, "program-off")]


def test_a_recorder_that_starts_books_its_downtime_and_the_first_segment_ends_it(
    source: str, clock: ManualClock
) -> None:
    """A recorder killed and started again opens the gap where the catalogue's cover ends, over what a sweep concluded."""
    services.book_segments([finished(source, 0, 60)], clock)
    clock.advance(timedelta(hours=1))
    services.sweep_gaps(clock)
    covered_until = queries.covered_until(source)
    assert covered_until is not None
    services.open_gap(source, covered_until, "recorder-failed", clock=clock)
    services.book_segments([finished(source, 3603, 3660, run="run-2")], clock)
    assert gaps(source, clock) == [(60, 3603, "recorder-failed")]


def test_a_removed_source_opens_no_more_gaps(source: str, clock: ManualClock) -> None:
    """A recorder that hears of the removal late leaves nothing open behind."""
    services.book_segments([finished(source, 0, 60)], clock)
    clock.advance(timedelta(seconds=60))
    services.remove_source(source, clock=clock, actor="")
    services.open_gap(source, clock.now(), "switched-off", clock=clock)
    assert gaps(source, clock) == []


def test_a_recovered_segment_shortens_the_gap_and_leaves_an_act(source: str, clock: ManualClock) -> None:
    """What a crash left is booked after the gap was: the gap moves, the correction is entered, and it stays open."""
    services.book_segments([finished(source, 0, 60)], clock)
    clock.advance(timedelta(minutes=5))
    services.sweep_gaps(clock)
    services.book_segments([finished(source, 60, 84, recovered=True)], clock)
    assert gaps(source, clock) == [(84, None, "recorder-stopped")]
    (corrected,) = registers.acts(names=["gap.corrected"]).acts
    assert corrected.facts is not None
    assert corrected.facts["remains"] == [[(START + timedelta(seconds=84)).isoformat(), None]]


def test_a_spool_booked_late_removes_the_gap_it_fills(source: str, clock: ManualClock) -> None:
    """A node that recorded on while the database was away leaves no gap behind."""
    services.book_segments([finished(source, 0, 60)], clock)
    clock.advance(timedelta(minutes=5))
    services.sweep_gaps(clock)
    late = [finished(source, start, start + 60) for start in range(60, 300, 60)]
    services.book_segments(late, clock)
    services.sweep_gaps(clock)
    assert gaps(source, clock) == []
    assert queries.totals(source, clock=clock)[:2] == (300, 0)


def test_a_changed_cause_ends_one_gap_and_begins_another(source: str, clock: ManualClock) -> None:
    """The register tells how long each cause lasted; the same cause told twice goes on."""
    services.book_segments([finished(source, 0, 60)], clock)
    for second, cause in ((50, "stalled"), (70, "stalled"), (90, "unreachable")):
        services.open_gap(source, START + timedelta(seconds=second), cause, clock=clock)
    services.close_gap(source, START + timedelta(seconds=120), clock=clock)
    services.close_gap(source, START + timedelta(seconds=130), clock=clock)
    assert gaps(source, clock) == [(60, 90, "stalled"), (90, 120, "unreachable")]


def test_what_no_sweep_has_found_yet_is_told_to_who_asks_with_a_clock(
    source: str, clock: ManualClock
) -> None:
    """The answer does not depend on when the keeper last ran."""
    services.book_segments([finished(source, 0, 60)], clock)
    clock.advance(timedelta(minutes=10))
    (gap,) = queries.gaps(source, START, clock.now(), clock=clock)
    assert (gap.start, gap.end, gap.cause) == (
        START + timedelta(seconds=60),
        START + timedelta(minutes=8),
        "unknown",
    )
    assert gaps(source, clock) == []


def test_a_clock_stepped_back_books_no_gap_over_what_is_recorded(source: str, clock: ManualClock) -> None:
    """Segments that lie ahead of a clock set back stay recorded, and nothing overlaps them."""
    services.book_segments([finished(source, 0, 60), finished(source, 3600, 3660)], clock)
    clock.advance(timedelta(minutes=30))
    services.sweep_gaps(clock)
    assert gaps(source, clock) == [(60, 3600, "recorder-stopped")]


@pytest.mark.parametrize("cause", ["unreachable", "recorder-stopped"])
def test_a_gap_no_longer_than_a_seam_vanishes(source: str, clock: ManualClock, cause: str) -> None:
    """A gap that closes as it opens leaves no row, and two acts that tell of it."""
    services.open_gap(source, START, cause, clock=clock)
    services.close_gap(source, START + timedelta(seconds=0.4), clock=clock)
    assert gaps(source, clock) == []
    assert len(registers.acts(names=["gap.opened", "gap.corrected"]).acts) == 2


def test_health_is_told_as_last_reported(source: str, clock: ManualClock) -> None:
    """A later report replaces the one before; one on an unknown source is passed over."""
    services.report_health([report(source)], clock)
    clock.advance(timedelta(seconds=5))
    services.report_health([report(source, state="connecting", cause="stalled"), report("nothing")], clock)
    services.report_health([], clock)
    health = queries.source(source).health
    assert health is not None
    assert (health.state, health.cause, health.reported_at) == ("connecting", "stalled", clock.now())
    assert health.clock_offset_s == -0.5


def test_a_source_whose_recorder_fell_silent_is_stopped(source: str, clock: ManualClock) -> None:
    """After fifteen seconds without a report it does not record, since the last one; a switched-off one is left alone."""
    services.report_health([report(source)], clock)
    clock.advance(timedelta(seconds=15))
    (still,) = queries.sources(clock=clock)
    assert still.health is not None
    assert still.health.state == "recording"
    clock.advance(timedelta(seconds=1))
    for view in (queries.source(source, clock=clock), *queries.sources(clock=clock)):
        assert view.health is not None
        told = view.health.state, view.health.cause, view.health.since, view.health.bytes_per_second
        assert told == ("stopped", "recorder-stopped", START, 0.0)
    services.switch_source(source, on=False, clock=clock, actor="")
    off = queries.source(source, clock=clock).health
    assert off is not None
    assert off.cause != "recorder-stopped"


def test_since_when_nothing_is_recorded_outlives_a_restart(source: str, clock: ManualClock) -> None:
    """A recorder that starts anew counts from its own start; what is told counts from the last picture or the first start."""
    services.report_health([report(source, state="stopped", cause="unreachable", since=START)], clock)
    clock.advance(timedelta(minutes=18))
    anew = report(source, state="connecting", cause="unreachable", since=clock.now())
    services.report_health([anew], clock)
    health = queries.source(source, clock=clock).health
    assert health is not None
    assert health.since == START
    services.book_segments([finished(source, 60, 120)], clock)
    health = queries.source(source, clock=clock).health
    assert health is not None
    assert health.since == START + timedelta(seconds=120)


@pytest.mark.parametrize("swept_before", [False, True])
def test_what_is_recovered_while_the_camera_runs_again_joins_its_gaps(
    source: str, clock: ManualClock, swept_before: bool
) -> None:
    """A stretch recovered after the next run has begun leaves no second between it and its neighbours untold."""
    services.book_segments([finished(source, 0, 60)], clock)
    clock.advance(timedelta(seconds=300))
    if swept_before:
        services.sweep_gaps(clock)
    clock.advance(timedelta(seconds=90))
    services.book_segments([finished(source, 310, 370, run="run-2")], clock)
    services.book_segments([finished(source, 70, 88)], clock)
    clock.advance(timedelta(minutes=3))
    services.report_health([report(source)], clock)
    services.sweep_gaps(clock)
    assert [gap[:2] for gap in gaps(source, clock)] == [(60, 70), (88, 310), (370, None)]


@pytest.mark.parametrize("cause", ["unreachable", "switched-off", "storage-full"])
def test_a_recorder_that_starts_again_leaves_an_open_gap_its_cause(
    source: str, clock: ManualClock, cause: str
) -> None:
    """It knows no more than that nothing was recorded since the last segment; who saw why had said it. What comes next is a gap of its own."""
    services.book_segments([finished(source, 0, 60)], clock)
    services.open_gap(source, START + timedelta(seconds=60), cause, clock=clock)
    services.open_gap(source, START + timedelta(seconds=60), "recorder-stopped", clock=clock)
    assert gaps(source, clock) == [(60, None, cause)]
    services.open_gap(source, START + timedelta(seconds=600), "stalled", clock=clock)
    assert gaps(source, clock) == [(60, 600, cause), (600, None, "stalled")]


def test_what_silence_told_gives_way_to_who_knows_better(source: str, clock: ManualClock) -> None:
    """The other way round the cause that somebody tells takes the place of the one that was concluded."""
    services.book_segments([finished(source, 0, 60)], clock)
    for cause in ("recorder-stopped", "unreachable"):
        services.open_gap(source, START + timedelta(seconds=60), cause, clock=clock)
    assert gaps(source, clock) == [(60, None, "unreachable")]
