"""Room between the segments of a camera whose segments end too often."""

from rejent.streams.cameras.recorder.open_segment import MINUTE, MOST_A_MINUTE, SegmentThrottle


def test_a_camera_within_the_limit_always_has_room() -> None:
    """One segment fewer a minute than is too many goes on for ever."""
    throttle, apart = SegmentThrottle(), MINUTE / (MOST_A_MINUTE - 1) + 0.001
    for number in range(10 * MOST_A_MINUTE):
        throttle.segment_ended(number * apart)
        assert throttle.has_room(number * apart)


def test_the_next_segment_begins_as_soon_as_there_is_room() -> None:
    """A camera ends as many segments as may end in a minute; the next begins when the first is a minute old."""
    throttle = SegmentThrottle()
    for second in range(MOST_A_MINUTE):
        assert throttle.has_room(float(second))
        throttle.segment_ended(float(second))
    assert not throttle.has_room(MINUTE - 0.1)
    assert throttle.has_room(MINUTE + 0.1)


def test_a_change_by_hand_makes_room() -> None:
    """Another address or login is another camera."""
    throttle = SegmentThrottle()
    for _ in range(MOST_A_MINUTE):
        throttle.segment_ended(0.0)
    throttle.reset()
    assert throttle.has_room(0.0)
