"""Pairs of ports where others on this machine have some of the range, as the service that announces recording does."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from rejent.kernel.clock import ManualClock
from rejent.streams.calls.network.rtp.ports import MAX_ATTEMPTS, REST_S, MediaPort, NoPortError, PortPairs
from tests.unit.streams_calls.test_rtp_receiver import free_range

HOST = "127.0.0.98"


class Tried(PortPairs):
    """Pairs that count how often one is tried."""

    def __init__(self, first: int, last: int, clock: ManualClock) -> None:
        super().__init__(HOST, first, last, clock, chosen=lambda count: count - 1)
        self.tried = 0

    def _bound(self, number: int, *, shut: bool) -> MediaPort:
        self.tried += 1
        return super()._bound(number, shut=shut)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands."""
    return ManualClock(datetime(2026, 11, 22, 12, tzinfo=UTC))


@pytest.fixture
def others() -> Iterator[list[socket.socket]]:
    """Sockets of another program; closed afterwards."""
    made: list[socket.socket] = []
    yield made
    for each in made:
        each.close()


def occupied(others: list[socket.socket], count: int) -> tuple[int, int]:
    """A range of so many pairs, all of them another program's."""
    first = free_range()[0]
    first = min(first + first % 2, 65_000 - 2 * count)
    for number in range(first, first + 2 * count, 2):
        others.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        others[-1].bind((HOST, number))
    return first, first + 2 * count - 1


def test_pair_that_somebody_else_has_is_not_tried_again_for_a_while(
    clock: ManualClock, others: list[socket.socket]
) -> None:
    """However often a pair is asked for, one that is another's is tried once a minute, and does not count as free."""
    pairs = Tried(*occupied(others, 3), clock)
    for _ in range(100):
        with pytest.raises(NoPortError):
            pairs.take()
        pairs.open_ahead(1)
    assert (pairs.tried, pairs.free) == (3, 0)
    others.pop().close()
    clock.advance(timedelta(seconds=REST_S))
    taken = pairs.take()
    taken.close()
    assert pairs.tried < 7


def test_search_for_a_pair_is_bounded(clock: ManualClock, others: list[socket.socket]) -> None:
    """Whoever asks waits for a bounded number of attempts, and the next one goes on behind them."""
    pairs = Tried(*occupied(others, MAX_ATTEMPTS + 1), clock)
    others.pop(0).close()
    with pytest.raises(NoPortError):
        pairs.take()
    assert pairs.tried == MAX_ATTEMPTS
    taken = pairs.take()
    taken.close()
    assert (pairs.tried, pairs.free) == (MAX_ATTEMPTS + 1, 0)


def test_address_that_is_not_there_yet_costs_no_pair(clock: ManualClock) -> None:
    """A fault that says nothing of a port lets it stay free: it can be had once the fault is gone."""
    first, last = free_range()
    pairs = PortPairs("192.0.2.1", first, last, clock)
    before = pairs.free
    with pytest.raises(NoPortError):
        pairs.take()
    assert 0 < before == pairs.free
