"""Cutting pictures into segments, and what is entered about those that are missing."""

import itertools
import zlib
from datetime import UTC, date, datetime, timedelta

import pytest

from rejent.formats.mp4.picture import TICKS_PER_SECOND
from rejent.kernel.clock import OFFICE_ZONE, civil_date
from rejent.recording.contract import GeneralCause, State
from rejent.streams.cameras.errors import CameraCause
from rejent.streams.cameras.recorder.open_segment import MOST_A_MINUTE, SegmentContext
from rejent.streams.cameras.recorder.pace import PAUSE
from rejent.streams.cameras.recorder.segmenter import LARGEST, Segmenter
from tests.unit.streams_cameras.stream import OTHER_SPS, PPS, SETS, SPS, Stream, coded

NOON = datetime(2026, 11, 21, 11, 0, zlib.crc32(b"hall") % 60, 500_000, tzinfo=UTC)
"""Half a second after the camera's own boundary of minutes, which differs from camera to camera."""


def finished(stream):
    """Every segment after the recorder was stopped in order."""
    stream.segmenter.interrupted(GeneralCause.RECORDER_STOPPED, State.STOPPED)
    return stream.notebook.segments


def lengths(segments):
    """Seconds of each segment."""
    return [(segment.ending.end - segment.ending.start).total_seconds() for segment in segments]


def assert_joined(segments):
    """Each segment begins where the last one ended."""
    for earlier, later in itertools.pairwise(segments):
        assert abs((later.ending.start - earlier.ending.end).total_seconds()) < 0.041


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


def assert_within(segments, start, end):
    """No segment begins more than five seconds before `start`, lasts two minutes, or ends as much after `end`."""
    slack = timedelta(seconds=5.1)
    assert min(segment.ending.start for segment in segments) >= start - slack
    assert max(segment.ending.end for segment in segments) <= end + slack
    assert max(lengths(segments)) <= 120


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


def entered(stream):
    """Causes of the gaps that were not withdrawn, each with its seconds; None for the open one."""
    return [
        (gap.cause, gap.end and pytest.approx((gap.end - gap.start).total_seconds(), abs=0.05))
        for gap in stream.notebook.gaps["hall"]
        if gap.end is None or gap.end > gap.start
    ]


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


def assert_in_order(segments, start, end):
    """No segment begins before `start` or before the end of the one before it, and none ends after `end`."""
    assert segments[0].ending.start >= start
    for earlier, later in itertools.pairwise(segments):
        assert later.ending.start >= earlier.ending.end
    assert segments[-1].ending.end <= end + timedelta(milliseconds=1)


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
