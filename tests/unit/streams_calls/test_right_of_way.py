"""Whoever answers callers goes before those who receive and book, and never for long."""

from datetime import UTC, datetime, timedelta

from rejent.kernel.clock import ManualClock
from rejent.streams.calls.network.rtp import receiver as right_of_way
from rejent.streams.calls.network.rtp.receiver import AGAIN_AFTER_S, CLAIMED_S, MAX_WAIT_S, SignallingPriority


class Waits:
    """Time that passes while somebody waits, and is counted."""

    def __init__(self, clock: ManualClock, way: SignallingPriority) -> None:
        self.clock, self.waited = clock, 0.0
        way._wait.wait = self  # type: ignore[assignment, method-assign]  # time of its own

    def __call__(self, seconds: float) -> bool:
        """Let so much pass."""
        self.clock.advance(timedelta(seconds=seconds))
        self.waited += seconds
        return False


def made() -> tuple[ManualClock, SignallingPriority, Waits]:
    """A right of way on a clock that goes on only while somebody waits."""
    clock = ManualClock(datetime(2026, 3, 2, 8, 15, tzinfo=UTC))
    way = SignallingPriority(clock)
    return clock, way, Waits(clock, way)


def test_others_wait_while_a_caller_is_answered() -> None:
    """Only a moment, and not at all where nobody calls."""
    _, way, waits = made()
    way.give()
    assert waits.waited == 0
    way.claim()
    way.give()
    assert CLAIMED_S <= waits.waited < CLAIMED_S + 2 * right_of_way._LOOK_S
    way.give()
    assert waits.waited < CLAIMED_S + 2 * right_of_way._LOOK_S


def test_nobody_stands_still_however_many_call() -> None:
    """Of every half a second of calls without end the others wait a part, and work in the rest."""
    clock, way, waits = made()
    worked = 0.0
    begun = clock.monotonic()
    while clock.monotonic() - begun < 4 * AGAIN_AFTER_S:
        way.claim()
        way.give()
        clock.advance(timedelta(seconds=0.001))
        worked += 0.001
    assert waits.waited <= 5 * (MAX_WAIT_S + right_of_way._LOOK_S)
    assert worked > waits.waited
