"""Cutting pictures into segments, and what is entered about those that are missing."""

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest

from rejent.formats.mp4.picture import TICKS_PER_SECOND
from rejent.kernel.clock import OFFICE_ZONE, civil_date
from rejent.recording.contract import GeneralCause, State
from rejent.streams.cameras.errors import CameraCause
from rejent.streams.cameras.recorder.open_segment import MOST_A_MINUTE, SegmentContext
from rejent.streams.cameras.recorder.segmenter import LARGEST, Segmenter
from tests.unit.streams_cameras.cut import (
    NOON,
    assert_in_order,
    assert_joined,
    assert_within,
    entered,
    finished,
    lengths,
)
from tests.unit.streams_cameras.stream import OTHER_SPS, PPS, SETS, SPS, Stream, coded


@pytest.mark.parametrize("group", [1, 25, 50, 175], ids=["all-key", "1s", "2s", "7s"])
def test_segments_are_a_minute_at_most_and_begin_with_a_key_picture(group):
    """Ten minutes become segments of at most a minute, without a picture lost or doubled."""
    stream = Stream(NOON, group=group)
    stream.send(600)
    segments = finished(stream)
    assert max(lengths(segments)) <= 60.1
    assert sum(segment.units for segment in segments) == 600 * 25
    assert all(segment.fragments[0].key for segment in segments)
    assert_joined(segments)
    assert len(segments) <= 13


def test_a_group_longer_than_a_minute_is_cut_into_a_segment_that_continues():
    """A camera with a key picture every three minutes still gets segments of a minute; the later ones say that they continue."""
    stream = Stream(NOON, group=25 * 180)
    stream.send(400)
    segments = finished(stream)
    assert max(lengths(segments)) <= 60.2
    assert sum(segment.units for segment in segments) == 400 * 25
    assert [segment.opening.continues for segment in segments].count(False) == 3


@pytest.mark.parametrize("group", [1, 25 * 180], ids=["keys", "one group"])
def test_a_segment_of_much_content_ends_before_its_minute(group):
    """A camera that sends without measure gets shorter segments, none much larger than what may be held in memory."""
    stream = Stream(NOON, group=group)
    content = bytes(8 * 1024 * 1024)
    key, other = coded(SPS, PPS, b"\x65\x88\x84" + content), coded(b"\x41\x9a" + content)
    for _ in range(200):
        unit = stream.unit()
        unit.data = key if unit.key else other
        stream.segmenter.take([unit])
    segments = finished(stream)
    sizes = [sum(len(part) for one in segment.fragments for part in one.parts) for segment in segments]
    assert sum(segment.units for segment in segments) == 200
    assert max(sizes) <= LARGEST + 2 * len(key)
    assert_joined(segments)


@pytest.mark.parametrize(
    "day", [date(2026, 11, 21), date(2026, 3, 28), date(2026, 10, 24), date(2026, 3, 29), date(2026, 10, 25)]
)
def test_no_segment_crosses_local_midnight_and_no_picture_is_lost_there(day):
    """At local midnight, on the nights of the clock changes too, the day's last segment ends and the rest of the group continues it."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=OFFICE_ZONE) + timedelta(days=1)
    midnight = datetime.combine(midnight.date(), datetime.min.time(), OFFICE_ZONE)
    stream = Stream(midnight.astimezone(UTC) - timedelta(seconds=91.3))
    stream.send(200)
    segments = finished(stream)
    assert sum(segment.units for segment in segments) == 200 * 25
    assert_joined(segments)
    for segment in segments:
        last = segment.ending.end - timedelta(microseconds=1)
        assert civil_date(segment.ending.start) == civil_date(last) == segment.opening.day
    continuing = [segment for segment in segments if segment.opening.continues]
    assert len(continuing) == 1
    assert continuing[0].opening.start - midnight < timedelta(milliseconds=41)
    assert lengths(continuing)[0] <= 2


@pytest.mark.parametrize(
    "evening", [datetime(2026, 3, 28, 22, 0, tzinfo=UTC), datetime(2026, 10, 24, 21, 0, tzinfo=UTC)]
)
def test_the_nights_of_the_clock_changes_are_recorded_without_a_gap_or_an_hour_twice(evening):
    """Through the nights of 29 March and 25 October instants go on evenly, whatever the civil hour does."""
    stream = Stream(evening, rate=1, group=10)
    stream.send(5 * 3600)
    segments = finished(stream)
    assert sum(segment.units for segment in segments) == 5 * 3600
    assert (segments[-1].ending.end - segments[0].ending.start).total_seconds() == pytest.approx(
        5 * 3600, abs=1
    )
    for earlier, later in itertools.pairwise(segments):
        assert abs((later.ending.start - earlier.ending.end).total_seconds()) < 1.01


def test_lost_packets_end_the_segment_and_the_gap_lasts_to_the_next_key_picture():
    """After a loss nothing is kept until decoding can start again."""
    stream = Stream(NOON)
    stream.send(10)
    stream.segmenter.take([stream.unit(damaged=True)])
    stream.lose()
    for _ in range(20):
        stream.segmenter.take([stream.unit(damaged=True)])
    stream.send(10)
    first, second = finished(stream)
    gap = next(gap for gap in stream.notebook.gaps["hall"] if gap.cause is CameraCause.PACKETS_LOST)
    assert (gap.start, gap.end) == (first.ending.end, second.ending.start)
    assert first.units == 250
    assert (gap.end - gap.start).total_seconds() == pytest.approx(2.0, abs=0.01)
    assert first.opening.run == second.opening.run


def test_a_slow_picture_does_not_last_into_the_future():
    """The last picture of a camera that is slow lasts as long as the one before at most, and never past five seconds from now."""
    stream = Stream(NOON, rate=1, group=1)
    for _ in range(10):
        stream.skip(14)
        stream.segmenter.take([stream.unit()])
    now = stream.clock.now()
    segments = finished(stream)
    assert sum(segment.units for segment in segments) == 10
    assert_within(segments, NOON, now)


def test_what_a_camera_kept_before_it_was_asked_is_recorded():
    """Pictures of the last four seconds that come at once at the beginning stand where they were taken."""
    stream = Stream(NOON, group=25)
    kept = [stream.unit() for _ in range(100)]
    for unit in kept:
        unit.arrival = stream.clock.monotonic()
    stream.segmenter.take(kept)
    stream.send(10)
    (segment,) = finished(stream)
    assert segment.units == 350
    assert (segment.ending.end - segment.ending.start).total_seconds() == pytest.approx(14, abs=0.1)
    assert segment.ending.end <= stream.clock.now() + timedelta(seconds=0.1)


def test_a_pause_is_a_gap_and_not_a_long_picture():
    """A pause in the middle of a run is entered with its true length."""
    stream = Stream(NOON)
    stream.send(10)
    stream.skip(12)
    stream.send(10)
    first, second = finished(stream)
    gap = next(gap for gap in stream.notebook.gaps["hall"] if gap.cause is CameraCause.STALLED)
    assert (gap.start, gap.end) == (first.ending.end, second.ending.start)
    assert (gap.end - gap.start).total_seconds() == pytest.approx(12, abs=0.01)


def test_a_slow_camera_has_no_gaps():
    """A camera that sends a picture every five seconds is recorded in one piece after its first pictures."""
    stream = Stream(NOON, rate=1, group=1)
    stream.rate = 1
    for _ in range(60):
        stream.skip(4)
        stream.segmenter.take([stream.unit()])
    gaps = [gap for gap in stream.notebook.gaps["hall"] if gap.cause is CameraCause.STALLED]
    assert len(gaps) <= 1


def test_a_new_size_begins_a_new_segment_without_a_gap():
    """Other parameter sets with a key picture end the segment there and then."""
    stream = Stream(NOON)
    stream.send(10)
    stream.segmenter.take([stream.unit(key=True, sets=(OTHER_SPS, PPS))])
    for _ in range(60):
        stream.segmenter.take([stream.unit(key=False)])
    first, second = finished(stream)
    assert first.opening.traits["width"] != second.opening.traits["width"]
    assert_joined([first, second])
    assert [gap.cause for gap in stream.notebook.gaps["hall"]] == [
        GeneralCause.STARTING,
        GeneralCause.RECORDER_STOPPED,
    ]


def test_what_was_not_covered_before_the_start_is_a_gap():
    """The time since the last booked segment is entered as the recorder's own."""
    stream = Stream(NOON)
    Segmenter(SegmentContext("stairs", stream.notebook, stream.steady), NOON - timedelta(minutes=5))
    (gap,) = stream.notebook.gaps["stairs"]
    assert (gap.start, gap.end, gap.cause) == (
        NOON - timedelta(minutes=5),
        None,
        GeneralCause.RECORDER_STOPPED,
    )


def test_a_failing_store_is_asked_again_and_its_gap_begins_at_what_was_kept():
    """A segment that cannot go on is covered up to its last kept fragment; the gap with the store's cause begins there."""
    stream = Stream(NOON)
    stream.send(10)
    stream.notebook.failure = stream.notebook.refusal = GeneralCause.STORAGE_FULL
    stream.send(10)
    status = stream.segmenter.status
    assert (status.state, status.cause) == (State.STOPPED, GeneralCause.STORAGE_FULL)
    stream.notebook.failure = stream.notebook.refusal = None
    stream.send(10)
    assert stream.segmenter.status.state is State.RECORDING
    first = stream.notebook.segments[0]
    kept = sum(fragment.duration for fragment in first.fragments) / TICKS_PER_SECOND
    gap = next(gap for gap in stream.notebook.gaps["hall"] if gap.cause is GeneralCause.STORAGE_FULL)
    assert (gap.start - first.opening.start).total_seconds() == pytest.approx(kept, abs=0.001)
    assert gap.end == stream.notebook.segments[-1].opening.start


def test_changing_causes_that_last_are_entered_one_after_another():
    """A gap whose cause changes is entered as two that touch, as soon as the second has lasted longer than a seam."""
    stream = Stream(NOON)
    stream.segmenter.interrupted(CameraCause.UNREACHABLE)
    stream.clock.advance(timedelta(seconds=30))
    stream.segmenter.interrupted(CameraCause.REFUSED_PASSWORD)
    assert entered(stream) == [(CameraCause.UNREACHABLE, None)]
    stream.clock.advance(timedelta(seconds=1))
    stream.segmenter.look(stream.clock.monotonic())
    assert entered(stream) == [(CameraCause.UNREACHABLE, 30), (CameraCause.REFUSED_PASSWORD, None)]
    first, second = (
        gap for gap in stream.notebook.gaps["hall"] if gap.cause in {c for c, _ in entered(stream)}
    )
    assert first.end == second.start


def test_a_hole_of_two_short_causes_is_one_gap_with_the_first():
    """Neither cause lasts longer than a seam, and the hole does: it does not vanish between the two."""
    stream = Stream(NOON, group=25)
    stream.send(10)
    stream.segmenter.take([stream.unit(damaged=True)])
    stream.lose()
    stream.clock.advance(timedelta(seconds=0.36))
    stream.segmenter.interrupted(CameraCause.CLOSED)
    stream.number = 268
    stream.segmenter.connected(SETS)
    stream.segmenter.take([stream.unit(key=True)])
    stream.send(5)
    first, second = finished(stream)
    (gap,) = (gap for gap in stream.notebook.gaps["hall"] if gap.start == first.ending.end and gap.end)
    assert (gap.cause, gap.end) == (CameraCause.PACKETS_LOST, second.ending.start)
    assert CameraCause.CLOSED not in [gap.cause for gap in stream.notebook.gaps["hall"]]


def test_a_short_cause_before_one_that_lasts_belongs_to_it():
    """A camera that ends the connection and cannot be reached for minutes is unreachable from the beginning of the hole on."""
    stream = Stream(NOON)
    stream.send(10)
    stream.segmenter.interrupted(CameraCause.CLOSED)
    stream.clock.advance(timedelta(seconds=0.4))
    stream.segmenter.interrupted(CameraCause.UNREACHABLE)
    stream.clock.advance(timedelta(seconds=300))
    stream.segmenter.interrupted(CameraCause.UNREACHABLE)
    assert entered(stream)[-1] == (CameraCause.UNREACHABLE, None)
    assert stream.notebook.gaps["hall"][-1].start == stream.notebook.segments[0].ending.end


def test_no_segment_begins_before_its_connection():
    """What a camera kept of the seconds before it was asked comes at once, and is fitted behind the beginning, in its order."""
    stream = Stream(NOON, group=25)
    kept = [stream.unit() for _ in range(100)]
    begun = stream.clock.now()
    stream.segmenter.connected(SETS)
    for unit in kept:
        unit.arrival = stream.clock.monotonic()
    stream.segmenter.take(kept)
    stream.send(120)
    segments = finished(stream)
    assert sum(segment.units for segment in segments) == 31 * 100
    assert_in_order(segments, begun, stream.clock.now())
    assert_joined(segments)
    late = [segment.ending.end - segment.opening.start for segment in segments[1:-1]]
    assert all(length.total_seconds() == pytest.approx(60, abs=1.1) for length in late)


def test_parameter_sets_that_change_all_the_time_end_no_more_segments_than_there_is_room_for():
    """What cannot begin is counted, and told as garbage; nobody is disconnected."""
    stream = Stream(NOON, group=5)
    for number in range(25 * 40):
        stream.segmenter.take([stream.unit(sets=(SPS if number // 5 % 2 else OTHER_SPS, PPS))])
    segments = finished(stream)
    assert len(segments) == MOST_A_MINUTE
    assert CameraCause.GARBAGE in {gap.cause for gap in stream.notebook.gaps["hall"]}
    assert sum(segment.units for segment in segments) + stream.segmenter.dropped == 25 * 40


def test_short_pauses_and_pictures_that_were_not_kept_are_counted():
    """A pause too short for a gap stands with its segment, and so do sound pictures that depend on lost ones."""
    stream = Stream(NOON)
    stream.send(10)
    stream.skip(0.96)
    stream.send(3.04)
    stream.lose()
    for _ in range(10):
        stream.segmenter.take([stream.unit(damaged=True)])
    stream.number += -stream.number % stream.group
    stream.send(10)
    first, second = (segment.ending.missed for segment in finished(stream))
    assert (first.pauses, first.dropped) == (1, 0)
    assert first.pauses_s == pytest.approx(0.96, abs=0.1)
    assert (second.pauses, second.dropped) == (0, 10)
