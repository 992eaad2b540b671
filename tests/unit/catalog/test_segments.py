"""Booking segments and what becomes of them."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rejent.catalog import queries, services, views
from rejent.catalog.errors import NoSuchSegmentError
from rejent.kernel.clock import ManualClock
from rejent.registers import queries as registers
from tests.unit.catalog.conftest import START, finished

HOUR = timedelta(hours=1)
DAY = date(2026, 11, 21)


def test_booked_segment_is_found_as_it_was_given(source: str, clock: ManualClock) -> None:
    """Every column of a segment comes back as the recorder gave it, with the entry that tells of it."""
    given = finished(source, 0, 60)
    services.book_segments([given], clock)
    (found,) = queries.segments(source, START - HOUR, START + HOUR)
    for name in services.FinishedSegment.__slots__:
        assert getattr(found, name) == getattr(given, name)
    assert found.state == "sealed"
    entered = registers.act(found.entry)
    assert entered.act == "segment.sealed"
    assert entered.facts is not None
    assert entered.facts["sha256"] == given.sha256
    assert queries.segment(given.id) == found
    assert queries.covered_until(source) == given.end


def test_booking_again_changes_nothing(source: str, clock: ManualClock) -> None:
    """A booking that was cut short is repeated whole: rows, ledger and totals stay as they were."""
    batch = [finished(source, 0, 60), finished(source, 60, 120)]
    services.book_segments(batch[:1], clock)
    services.book_segments([*batch, batch[1]], clock)
    head = registers.tree_head()
    services.book_segments(batch, clock)
    services.book_segments([], clock)
    assert registers.tree_head() == head
    assert len(queries.segments(source, START, START + HOUR)) == 2
    assert queries.totals(source).recorded_s == 120


def test_what_is_too_short_for_a_gap_is_counted(source: str, clock: ManualClock) -> None:
    """Holes up to half a second stand with the segment that is booked later, in its act and in the sums; longer ones are gaps."""
    counted = finished(source, 60.4, 120, seams=2, seams_ms=1500, dropped=29, retimed=4)
    services.book_segments([finished(source, 0, 60), counted], clock)
    services.book_segments([finished(source, 180.1, 240)], clock)
    services.book_segments([finished(source, 120.3, 180)], clock)
    services.book_segments([finished(source, 300, 360)], clock)
    found = queries.segments(source, START, START + HOUR)
    assert [(each.seams, each.seams_ms, each.dropped) for each in found] == [
        (0, 0, 0),
        (3, 1900, 29),
        (2, 400, 0),
        (0, 0, 0),
        (0, 0, 0),
    ]
    facts = registers.act(found[1].entry).facts or {}
    assert [facts[name] for name in ("seams", "seams_ms", "dropped", "retimed")] == [3, 1900, 29, 4]
    assert [each.retimed for each in found] == [0, 4, 0, 0, 0]
    assert queries.totals(source).short == (5, 2.3, 29, 4)


def test_the_seam_behind_a_mended_segment_is_counted(source: str, clock: ManualClock) -> None:
    """Where a segment that was cut short ends shows only when it is mended."""
    cut = finished(source, 0, 0.001, recovered=True)
    services.book_segments([cut], clock)
    services.book_segments([finished(source, 60, 120)], clock)
    services.note_mended(
        cut.id,
        end=START + timedelta(seconds=59.8),
        bytes=1,
        sha256="",
        head="",
        units=1,
        index=b"",
        clock=clock,
    )
    assert queries.segment(cut.id).seams_ms == 200
    assert queries.totals(source).short == (1, 0.2, 0, 0)


def test_a_seam_that_mending_closes_is_counted_no_more(source: str, clock: ManualClock) -> None:
    """The next segment had counted it; nobody had counted the one before a gap that was entered later."""
    cut, apart = finished(source, 0, 59.8, recovered=True), finished(source, 180, 180.001, recovered=True)
    services.book_segments([cut, apart], clock)
    services.book_segments([finished(source, 60, 120)], clock)
    services.open_gap(source, START + timedelta(seconds=180.4), "recorder-stopped", clock=clock)
    counted = queries.totals(source).short
    for each, end in ((cut, 60), (apart, 180.4)):
        services.note_mended(
            each.id,
            end=START + timedelta(seconds=end),
            bytes=1,
            sha256="",
            head="",
            units=1,
            index=b"",
            clock=clock,
        )
    assert (counted, queries.totals(source).short) == ((1, 0.2, 0, 0), (0, 0.0, 0, 0))


def test_what_is_being_recorded_counts_as_recorded(source: str, clock: ManualClock) -> None:
    """A segment is booked once a minute; until then what its recorder says counts, and nothing while it is silent or a gap is open."""
    services.book_segments([finished(source, 0, 60)], clock)
    report = views.HealthReport(source, "recording", "", START, clock.now(), None, "", {}, 0.0)
    clock.advance(START + timedelta(seconds=85) - clock.now())
    services.report_health([report], clock)
    clock.advance(timedelta(seconds=5))
    assert queries.totals(source, clock=clock).recorded_s == 85
    assert queries.totals(source).recorded_s == 60
    clock.advance(timedelta(minutes=1))
    assert queries.totals(source, clock=clock).recorded_s == 60
    services.report_health([report], clock)
    services.open_gap(source, clock.now(), "stalled", clock=clock)
    assert queries.totals(source, clock=clock).recorded_s == 60


def test_only_what_reaches_into_the_interval_is_found(source: str, clock: ManualClock) -> None:
    """Both ends are half-open, and the order is that of time."""
    services.book_segments([finished(source, 60, 120), finished(source, 0, 60)], clock)
    found = queries.segments(source, START + timedelta(seconds=59.9), START + timedelta(seconds=60.1))
    assert [view.start for view in found] == [START, START + timedelta(seconds=60)]
    assert queries.segments(source, START + timedelta(seconds=120), START + HOUR) == []
    assert queries.segments(source, START - HOUR, START) == []


def test_a_batch_of_many_cameras_costs_few_statements(
    add_source: Callable[..., str], clock: ManualClock
) -> None:
    """32 cameras' minutes are one transaction of at most 15 statements, whatever their number."""
    ids = [add_source(f"Camera {number}") for number in range(32)]
    services.book_segments([finished(each, 0, 60) for each in ids], clock)
    with CaptureQueriesContext(connection) as seen:
        services.book_segments([finished(each, 60, 120) for each in ids], clock)
    assert len(seen) <= 15
    assert all(queries.totals(each).recorded_s == 120 for each in ids)


def test_overlapping_segments_count_their_time_once(source: str, clock: ManualClock) -> None:
    """Two recorders at once do no harm: what both recorded is one time, two objects."""
    services.book_segments([finished(source, 0, 60)], clock)
    services.book_segments([finished(source, 30, 90), finished(source, 20, 40)], clock)
    (day,) = queries.month_summary(source, DAY, DAY)
    assert (day.recorded_s, day.segments) == (90, 3)
    assert queries.totals(source).recorded_s == 90


def test_a_day_tells_what_it_holds_and_what_it_lacks(source: str, clock: ManualClock) -> None:
    """Recorded and missing seconds of the civil date; an open gap counts up to now."""
    services.book_segments([finished(source, 0, 60)], clock)
    services.open_gap(source, START + timedelta(seconds=60), "stalled", clock=clock)
    services.book_segments([finished(source, 90, 150)], clock)
    services.open_gap(source, START + timedelta(seconds=150), "unreachable", clock=clock)
    clock.advance(timedelta(seconds=200))
    assert queries.totals(source, clock=clock)[:2] == (120, 80)
    month = queries.month_summary(source, date(2026, 11, 20), date(2026, 11, 22), clock=clock)
    told = [(day.recorded_s, day.gap_s, day.segments, day.gaps) for day in month]
    assert told == [(0, 0, 0, 0), (120, 80, 2, 2), (0, 0, 0, 0)]


def test_destroying_marks_one_key_of_one_day(source: str, clock: ManualClock) -> None:
    """Only the segments under that key lose their state and index; what is kept shrinks by their bytes."""
    batch = [
        finished(source, 0, 60),
        finished(source, 60, 120),
        finished(source, 120, 180, recipient="age1hold"),
    ]
    services.book_segments(batch, clock)
    assert [(day.recipient, day.segments, day.bytes) for day in queries.living_days(DAY)] == [
        ("age1day", 2, 1_000_000),
        ("age1hold", 1, 500_000),
    ]
    assert len(queries.stored_objects(source, DAY, "age1day")) == 2
    assert services.mark_destroyed(source, DAY, "age1day") == (2, 1_000_000)
    assert services.mark_destroyed(source, DAY, "age1day") == (0, 0)
    (left,) = queries.segments(source, START, START + HOUR)
    assert left.recipient == "age1hold"
    everything = queries.segments(source, START, START + HOUR, destroyed=True)
    assert [(view.state, view.index) for view in everything] == [
        ("destroyed", b""),
        ("destroyed", b""),
        ("sealed", b"index"),
    ]
    assert queries.totals(source).recorded_s == 180
    assert [view.object_name for view in queries.stored_objects(source, DAY)] == [left.object_name]


def test_resealing_tells_the_new_digest_and_keeps_the_old_one(source: str, clock: ManualClock) -> None:
    """A held segment is under the hold's key from then on; the act tells what it was and what it became."""
    given = finished(source, 0, 60)
    services.book_segments([given], clock)
    entry = services.note_resealed(
        given.id,
        recipient="age1hold",
        object_name=given.object_name,
        bytes=500_010,
        sha256="f" * 64,
        head="e" * 64,
        hold="Z-2026-1",
        clock=clock,
    )
    view = queries.segment(given.id)
    assert (view.state, view.recipient, view.sha256, view.bytes) == ("held", "age1hold", "f" * 64, 500_010)
    facts = registers.act(entry).facts
    assert facts is not None
    assert (facts["was"], facts["sha256"], facts["hold"]) == (given.sha256, "f" * 64, "Z-2026-1")
    services.mark_destroyed(source, DAY, "age1hold")
    for identifier in (given.id, uuid4()):
        with pytest.raises(NoSuchSegmentError):
            services.note_resealed(
                identifier,
                recipient="age1other",
                object_name="other",
                bytes=1,
                sha256="",
                head="",
                hold="Z-2026-2",
                clock=clock,
            )


def test_mending_lengthens_a_cut_segment_and_shrinks_the_gap(source: str, clock: ManualClock) -> None:
    """What was booked as an instant turns out to be twenty seconds; the gap begins after them."""
    cut = finished(source, 60, 60.001, recovered=True)
    services.book_segments([finished(source, 0, 60), cut], clock)
    clock.advance(timedelta(minutes=10))
    assert services.sweep_gaps(clock) == 1
    assert queries.cut_short() == [cut.id]
    services.note_mended(
        cut.id,
        end=START + timedelta(seconds=80),
        bytes=400_000,
        sha256="e" * 64,
        head="d" * 64,
        units=500,
        index=b"new",
        clock=clock,
    )
    (gap,) = queries.gaps(source, START, clock.now())
    assert (gap.start, gap.end) == (START + timedelta(seconds=80), None)
    assert queries.totals(source).recorded_s == 80
    assert queries.segment(cut.id).index == b"new"


def test_a_segment_that_is_not_there_is_said(source: str, clock: ManualClock) -> None:
    """Asking for, or mending, an unknown segment answers with the one error."""
    assert source
    with pytest.raises(NoSuchSegmentError):
        queries.segment(uuid4())
    with pytest.raises(NoSuchSegmentError):
        services.note_mended(
            uuid4(),
            end=START,
            bytes=1,
            sha256="",
            head="",
            units=1,
            index=b"",
            clock=clock,
        )


def test_holding_marks_only_what_is_sealed(source: str, clock: ManualClock) -> None:
    """A destroyed segment never becomes a held one."""
    first, second = finished(source, 0, 60), finished(source, 60, 120, recipient="age1old")
    services.book_segments([first, second], clock)
    services.mark_destroyed(source, DAY, "age1old")
    services.mark_held([first.id, second.id])
    assert (queries.segment(first.id).state, queries.segment(second.id).state) == ("held", "destroyed")
