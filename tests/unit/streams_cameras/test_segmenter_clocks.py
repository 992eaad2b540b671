"""Cutting pictures into segments while the camera's clock, or the system's, jumps, lags, stands still or floods."""

from datetime import timedelta

import pytest

from rejent.formats.mp4.picture import TICKS_PER_SECOND
from rejent.recording.contract import GeneralCause
from rejent.streams.cameras.errors import CameraCause
from rejent.streams.cameras.recorder.open_segment import MOST_A_MINUTE
from rejent.streams.cameras.recorder.pace import PAUSE
from tests.unit.streams_cameras.cut import (
    NOON,
    assert_in_order,
    assert_joined,
    assert_within,
    finished,
    lengths,
)
from tests.unit.streams_cameras.stream import Stream


@pytest.mark.parametrize("jump", [3600, -3600, 20 * 365 * 86_400, -30])
def test_a_jump_of_picture_times_begins_a_new_run_at_the_right_time(jump):
    """When picture times jump, the pictures stay where they arrived, and the new run says that it is one."""
    stream = Stream(NOON)
    stream.send(10)
    stream.shift = jump * TICKS_PER_SECOND
    stream.send(10)
    segments = finished(stream)
    spans = (segments[-1].ending.end - segments[0].ending.start).total_seconds()
    assert spans == pytest.approx(20, abs=0.1)
    assert segments[0].opening.run != segments[1].opening.run
    assert sum(segment.units for segment in segments) == 500
    assert {gap.cause for gap in stream.notebook.gaps["hall"][1:]} == {
        CameraCause.CAMERA_CLOCK,
        GeneralCause.RECORDER_STOPPED,
    }


@pytest.mark.parametrize(
    ("stall", "told"), [(0, set()), (40, {CameraCause.OFF_PACE})], ids=["falls-behind", "stands-still"]
)
def test_a_camera_that_falls_behind_and_catches_up_is_not_said_to_have_leapt(stall, told):
    """As a camera, a network or a machine under load does: what is missing is told, and a lag in which nothing is missing leaves no act."""
    stream = Stream(NOON)
    stream.send(30)
    for _ in range(25 * 70):
        stream.delay += 0 if stall else 25 / (25 * 70)
        stream.segmenter.take([stream.unit()])
    stream.delay = stall
    stream.send(2)
    stream.delay = 0
    stream.send(60)
    assert {gap.cause for gap in stream.notebook.gaps["hall"][1:]} - {GeneralCause.RECORDER_STOPPED} == told


@pytest.mark.parametrize("group", [1, 1_000], ids=["all-key", "one-key"])
@pytest.mark.parametrize("settled", [0, 3, 5, 6, 7, 40])
def test_leaps_that_grow_do_not_pass_for_the_cameras_habit(group, settled):
    """A camera whose picture times leap ever farther books nothing ahead of the clock, and nothing before its start."""
    stream = Stream(NOON, rate=5, group=group)
    stream.send(20)
    leap, habit = 600.0, 0.2
    for number in range(20):
        stream.shift += int(leap * TICKS_PER_SECOND)
        habit += (leap - habit) * 0.1
        leap = 3.8 * habit
        stream.segmenter.take([stream.unit(key=not number or group == 1)])
        if not number:
            stream.send(settled / 5)
            habit *= 0.9**settled
            leap = 3.8 * habit
    now = stream.clock.now()
    segments = finished(stream)
    assert sum(segment.units for segment in segments) > 100
    assert_within(segments, NOON, now)


@pytest.mark.parametrize("leap", [0.9, 1.9, 4.9, -0.45, -0.9], ids=str)
@pytest.mark.parametrize("after", [0, 20])
@pytest.mark.parametrize("group", [1, 10])
def test_small_leaps_do_not_add_up(leap, after, group):
    """However small the leaps of picture times are, they never take a segment far from when its pictures arrived."""
    stream = Stream(NOON, rate=5, group=group)
    stream.send(after)
    for _ in range(500):
        stream.shift += int(leap * TICKS_PER_SECOND)
        stream.segmenter.take([stream.unit()])
    now = stream.clock.now()
    segments = finished(stream)
    assert sum(segment.units for segment in segments) >= 30
    assert_within(segments, NOON, now)


def test_a_camera_whose_picture_times_stand_still_is_cut():
    """Pictures that all claim one moment are not taken for one that lasts: at most half a minute goes by unnoticed."""
    stream = Stream(NOON, rate=5, group=5)
    stream.send(2)
    for _ in range(5 * 200):
        unit = stream.unit()
        unit.time = 2 * TICKS_PER_SECOND
        stream.segmenter.take([unit])
    segments = finished(stream)
    assert len(segments) >= 6
    assert_within(segments, NOON, stream.clock.now())


@pytest.mark.parametrize("hours", [1, -1])
def test_a_step_of_the_system_clock_does_not_tear_the_timeline(hours):
    """When the civil clock steps by an hour, the segments go on evenly and the step is reported once."""
    stream = Stream(NOON)
    stream.send(100)
    stream.clock.step(timedelta(hours=hours))
    assert stream.steady.new_step() == pytest.approx(hours * 3600, abs=0.01)
    assert stream.steady.new_step() is None
    stream.send(100)
    segments = finished(stream)
    assert_joined(segments)
    assert (segments[-1].ending.end - segments[0].ending.start).total_seconds() == pytest.approx(200, abs=0.1)


def test_a_confirmed_clock_is_taken_for_the_next_run():
    """Once a person has confirmed the new time, the next run stands in it."""
    stream = Stream(NOON)
    stream.send(10)
    stream.clock.step(timedelta(hours=1))
    stream.segmenter.interrupted(GeneralCause.CLOCK_SET)
    stream.steady.confirm()
    stream.send(10)
    first, second = finished(stream)
    assert (second.ending.start - first.ending.end).total_seconds() == pytest.approx(3600, abs=0.1)


def test_a_fast_media_clock_is_pulled_by_no_more_than_500_ppm():
    """A camera whose clock runs 100 ppm fast stays with the receiver's clock; segments still join."""
    stream = Stream(NOON)
    for number in range(25 * 1800):
        unit = stream.unit()
        unit.time += number * 36 // 100
        stream.segmenter.take([unit])
    segments = finished(stream)
    assert_joined(segments)
    drift = (segments[-1].ending.end - NOON).total_seconds() - 1800
    assert abs(drift) < 0.05


def test_a_media_clock_that_does_not_count_seconds_is_not_followed():
    """A camera that stamps 25 pictures a second and sends 21 is placed by arrival, not by its stamps."""
    stream = Stream(NOON, rate=21, group=42)
    for number in range(21 * 600):
        unit = stream.unit()
        unit.time = number * 3600
        stream.segmenter.take([unit])
    segments = finished(stream)
    assert (segments[-1].ending.end - NOON).total_seconds() == pytest.approx(600, abs=3)
    assert_joined(segments[:-1])


def test_the_start_of_a_run_is_where_the_delay_was_least():
    """A first picture that was held up by the network does not move the whole run."""
    stream = Stream(NOON)
    stream.delay = 0.8
    stream.segmenter.take([stream.unit()])
    stream.delay = 0.0
    stream.send(10)
    (segment,) = finished(stream)
    assert abs((segment.ending.start - NOON).total_seconds()) < 0.05


@pytest.mark.parametrize("speed", [2, 10, 100])
@pytest.mark.parametrize("group", [1, 10, 50])
def test_a_flood_is_kept_whole_and_in_order(speed, group):
    """Of pictures that come faster than time goes by, each is in a segment; segments follow one another."""
    stream = Stream(NOON, rate=25 * speed, group=group)
    for _ in range(2_000):
        unit = stream.unit()
        unit.time *= speed
        stream.segmenter.take([unit])
    now = stream.clock.now()
    segments = finished(stream)
    assert_in_order(segments, NOON, now)
    assert sum(segment.units for segment in segments) == 2_000
    assert len(segments) <= MOST_A_MINUTE + 1
    assert {gap.cause for gap in stream.notebook.gaps["hall"]} <= {
        GeneralCause.STARTING,
        GeneralCause.RECORDER_STOPPED,
        CameraCause.OFF_PACE,
    }


@pytest.mark.parametrize("group", [25, 100])
def test_outlying_time_stamps_cost_no_picture_and_are_counted(group):
    """A camera that stamps every fiftieth picture hours ahead or behind is recorded without a gap."""
    stream = Stream(NOON, group=group)
    for number in range(100 * 25):
        off = (37_600 if number % 100 == 99 else -9_800) if number % 50 == 49 else 0
        stream.shift = off * TICKS_PER_SECOND
        stream.segmenter.take([stream.unit()])
    segments = finished(stream)
    assert sum(segment.units for segment in segments) == 100 * 25
    assert_joined(segments)
    assert sum(lengths(segments)) == pytest.approx(100, abs=0.1)
    assert sum(segment.ending.missed.retimed for segment in segments) == 50


def test_a_clock_that_jumps_all_the_time_is_followed_once_there_is_no_room():
    """Jumps end segments up to their limit; after that the pictures go on in one segment, where they arrive."""
    stream = Stream(NOON, group=5)
    for number in range(25 * 50):
        stream.shift += (number % 10 == 0) * 3600 * TICKS_PER_SECOND
        stream.segmenter.take([stream.unit()])
    segments = finished(stream)
    assert MOST_A_MINUTE <= len(segments) <= MOST_A_MINUTE + 2
    assert sum(segment.units for segment in segments) == 25 * 50
    assert lengths(segments)[-1] == pytest.approx(50 - MOST_A_MINUTE * 0.4, abs=2)
    assert_within(segments, NOON, stream.clock.now())


@pytest.mark.parametrize("away", [0.8, 1.6, 12])
def test_a_jump_that_is_followed_hides_no_time(away):
    """A camera that wears the room for segments out and is silent behind its next jump: the time is a gap, or stands as a pause."""
    stream = Stream(NOON, group=5)
    for number in range(25 * 14):
        stream.shift += (number % 10 == 0) * 3600 * TICKS_PER_SECOND
        stream.segmenter.take([stream.unit()])
    stream.skip(away)
    stream.shift += 3600 * TICKS_PER_SECOND
    stream.send(70)
    segments = finished(stream)
    begin = NOON + timedelta(seconds=14)
    gaps = [gap for gap in stream.notebook.gaps["hall"] if gap.end is not None and gap.end > begin]
    missing = sum((gap.end - gap.start).total_seconds() for gap in gaps)
    missed = [segment.ending.missed for segment in segments]
    if away > PAUSE:
        assert gaps[0].cause is CameraCause.CAMERA_CLOCK
        assert missing > away - 0.5
    else:
        assert sum(each.pauses_s for each in missed) == pytest.approx(away, abs=0.1)
    late = [segment.ending for segment in segments if segment.ending.end > begin - timedelta(seconds=0.5)]
    recorded = sum((ending.end - max(ending.start, begin)).total_seconds() for ending in late)
    assert recorded + missing == pytest.approx(70 + away, abs=0.1)
    assert late[-1].end == pytest.approx(stream.clock.now(), abs=timedelta(seconds=0.1))
    assert sum(each.retimed for each in missed) >= 35 - MOST_A_MINUTE
    assert_within(segments, NOON, stream.clock.now())


def test_a_clock_that_a_person_confirmed_to_be_earlier_stops_no_recording():
    """Pictures go on in the earlier time at once, by another order of segments."""
    stream = Stream(NOON)
    stream.send(10)
    stream.clock.step(timedelta(hours=-1))
    stream.segmenter.interrupted(GeneralCause.CLOCK_SET)
    stream.steady.confirm()
    stream.segmenter.clock_confirmed()
    stream.send(10)
    first, second = finished(stream)
    assert second.units == 250
    assert (first.ending.end - second.ending.start).total_seconds() == pytest.approx(3600, abs=0.1)
    assert first.opening.run.partition(".")[0] != second.opening.run.partition(".")[0]
