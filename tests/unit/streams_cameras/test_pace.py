"""How often a camera may break off, and how long it is left alone afterwards."""

import pytest

from rejent.streams.cameras.recorder.pace import CALM, FIRST_REST, LONGEST_REST, MINUTE, MOST_A_MINUTE, Pace


def hurry(pace: Pace, now: float) -> None:
    """End as many segments at once as may end within a minute."""
    for _ in range(MOST_A_MINUTE):
        pace.ended(now)


def test_a_camera_that_keeps_the_pace_is_never_left_alone() -> None:
    """One segment fewer a minute than is too many goes on for ever."""
    pace, apart = Pace(), MINUTE / (MOST_A_MINUTE - 1) + 0.001
    for number in range(10 * MOST_A_MINUTE):
        pace.ended(number * apart)
        assert not pace.rests(number * apart)


def test_too_many_in_a_minute_are_followed_by_a_rest() -> None:
    """The last of too many begins the rest, and when it is over the camera has the whole number again."""
    pace = Pace()
    hurry(pace, 100.0)
    assert pace.rests(100.0)
    assert pace.rests(100.0 + FIRST_REST - 0.1)
    assert not pace.rests(100.0 + FIRST_REST)
    for _ in range(MOST_A_MINUTE - 1):
        pace.ended(100.0 + FIRST_REST)
    assert not pace.rests(100.0 + FIRST_REST)


def test_rests_grow_up_to_a_longest_one() -> None:
    """A camera that goes on as before right after each rest is left alone for twice as long, up to sixteen minutes."""
    pace, now, rests = Pace(), 0.0, []
    for _ in range(7):
        hurry(pace, now)
        rests.append(pace.rests_until - now)
        now = pace.rests_until
    assert rests == [FIRST_REST, 120.0, 240.0, 480.0, LONGEST_REST, LONGEST_REST, LONGEST_REST]


@pytest.mark.parametrize("forgiven", [True, False])
def test_a_rest_is_forgotten_after_a_calm_while_or_a_change_by_hand(*, forgiven: bool) -> None:
    """After ten minutes at the pace, or with another address or login, the first rest is as short as ever."""
    pace = Pace()
    hurry(pace, 0.0)
    hurry(pace, pace.rests_until)
    now = pace.rests_until + CALM + 1
    if forgiven:
        now = 70.0
        pace.forgive()
        assert not pace.rests(now)
    hurry(pace, now)
    assert pace.rests_until == now + FIRST_REST
