"""The ports at which callers are spoken to."""

from datetime import timedelta

import pytest

from rejent.kernel.clock import ManualClock
from rejent.streams.calls.announcing.service import port_pairs
from rejent.streams.calls.network.rtp.ports import NoPortError
from tests.unit.streams_calls.caller import START
from tests.unit.streams_calls.test_rtp_receiver import HOST, free_range


def test_short_calls_leave_ports_for_others() -> None:
    """Whoever rings and hangs up all the time uses none of them up for long: a pair is to be had again after seconds."""
    clock = ManualClock(START)
    first, _ = free_range()
    even = first + first % 2
    pairs = port_pairs(HOST, (even, even + 3), clock)
    for _ in range(10):
        taken = [pairs.take(), pairs.take()]
        for each in taken:
            pairs.give_back(each)
        with pytest.raises(NoPortError):
            pairs.take()
        clock.advance(timedelta(seconds=3))
    assert pairs.free == 2
