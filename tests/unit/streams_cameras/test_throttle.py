"""Limit of the segments a camera may end, and the pauses after it."""

import pytest

from rejent.streams.cameras.recorder.open_segment import (
    CALM,
    FIRST_PAUSE,
    LONGEST_PAUSE,
    MINUTE,
    MOST_A_MINUTE,
    SegmentThrottle,
)


def hurry(throttle: SegmentThrottle, now: float) -> None:
    """End as many segments at once as may end within a minute."""
    for _ in range(MOST_A_MINUTE):
        throttle.segment_ended(now)


def test_a_camera_within_the_limit_is_never_paused() -> None:
    """One segment fewer a minute than is too many goes on for ever."""
    throttle, apart = SegmentThrottle(), MINUTE / (MOST_A_MINUTE - 1) + 0.001
    for number in range(10 * MOST_A_MINUTE):
        throttle.segment_ended(number * apart)
        assert not throttle.is_paused(number * apart)


def test_too_many_ends_in_a_minute_are_followed_by_a_pause() -> None:
    """The last of too many begins the rest, and when it is over the camera has the whole number again."""
    throttle = SegmentThrottle()
    hurry(throttle, 100.0)
    assert throttle.is_paused(100.0)
    assert throttle.is_paused(100.0 + FIRST_PAUSE - 0.1)
    assert not throttle.is_paused(100.0 + FIRST_PAUSE)
    for _ in range(MOST_A_MINUTE - 1):
        throttle.segment_ended(100.0 + FIRST_PAUSE)
    assert not throttle.is_paused(100.0 + FIRST_PAUSE)


def test_pauses_grow_up_to_a_longest_one() -> None:
    """A camera that goes on as before right after each pause is paused for twice as long, up to sixteen minutes."""
    throttle, now, pauses = SegmentThrottle(), 0.0, []
    for _ in range(7):
        hurry(throttle, now)
        pauses.append(throttle.paused_until - now)
        now = throttle.paused_until
    assert pauses == [FIRST_PAUSE, 120.0, 240.0, 480.0, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]


@pytest.mark.parametrize("forgiven", [True, False])
def test_a_pause_is_forgotten_after_a_calm_while_or_a_change_by_hand(*, forgiven: bool) -> None:
    """After ten minutes at the throttle, or with another address or login, the first rest is as short as ever."""
    throttle = SegmentThrottle()
    hurry(throttle, 0.0)
    hurry(throttle, throttle.paused_until)
    now = throttle.paused_until + CALM + 1
    if forgiven:
        now = 70.0
        throttle.reset()
        assert not throttle.is_paused(now)
    hurry(throttle, now)
    assert throttle.paused_until == now + FIRST_PAUSE


def test_losses_pause_nobody_but_leave_room_between_segments() -> None:
    """A lossy line ends as many segments as may end in a minute; the next begins as soon as the first is a minute old."""
    throttle = SegmentThrottle()
    for second in range(MOST_A_MINUTE):
        assert throttle.has_room(float(second))
        throttle.segment_ended(float(second), by_loss=True)
    assert not throttle.has_room(MINUTE - 0.1)
    assert not throttle.is_paused(MINUTE - 0.1)
    assert throttle.has_room(MINUTE + 0.1)
