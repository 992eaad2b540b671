"""Half-open intervals: what they share, how they merge, what they leave uncovered; against sets of whole minutes."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejent.kernel.intervals import Interval, merged, uncovered

ZERO = datetime(2026, 3, 29, tzinfo=UTC)


def minutes(start: int, end: int) -> Interval:
    """The interval between two whole minutes."""
    return Interval(ZERO + timedelta(minutes=start), ZERO + timedelta(minutes=end))


def inside(intervals: list[Interval]) -> set[int]:
    """The whole minutes that intervals cover: another way to say the same."""
    return {
        minute
        for interval in intervals
        for minute in range(
            (interval.start - ZERO) // timedelta(minutes=1), (interval.end - ZERO) // timedelta(minutes=1)
        )
    }


INTERVALS = st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda pair: minutes(pair[0], sum(pair)))


def test_an_interval_needs_offsets_and_length() -> None:
    """Instants without an offset, an empty interval and one that runs backwards are refused."""
    for start, end in ((ZERO.replace(tzinfo=None), ZERO), (ZERO, ZERO), (ZERO + timedelta(1), ZERO)):
        with pytest.raises(ValueError, match="interval"):
            Interval(start, end)


def test_neighbours_share_nothing() -> None:
    """An end belongs to the next interval, not to its own."""
    first, second = minutes(0, 1), minutes(1, 2)
    assert not first.overlaps(second)
    assert first.intersection(second) is None
    assert first.length == timedelta(minutes=1)


@given(INTERVALS, INTERVALS)
def test_what_two_share_is_what_both_cover(one: Interval, other: Interval) -> None:
    """The common part is the intersection, and there is one exactly if they overlap."""
    common = one.intersection(other)
    assert inside([common] if common else []) == inside([one]) & inside([other])
    assert one.overlaps(other) == (common is not None) == other.overlaps(one)


@given(st.lists(INTERVALS))
def test_merging_keeps_the_cover_with_the_fewest_intervals(intervals: list[Interval]) -> None:
    """The same minutes are covered, in order, and no two neighbours touch."""
    joined = merged(intervals)
    assert inside(joined) == inside(intervals)
    assert all(left.end < right.start for left, right in itertools.pairwise(joined))


@given(st.lists(INTERVALS), st.integers(1, 5))
def test_slack_closes_small_gaps_only(intervals: list[Interval], slack: int) -> None:
    """After merging with slack every gap left is longer than it, and nothing covered is lost."""
    joined = merged(intervals, timedelta(minutes=slack))
    assert inside(joined) >= inside(intervals)
    assert all(
        right.start - left.end > timedelta(minutes=slack) for left, right in itertools.pairwise(joined)
    )


@given(INTERVALS, st.lists(INTERVALS))
def test_what_is_uncovered_is_the_rest(whole: Interval, covers: list[Interval]) -> None:
    """Covers and what they leave open make up the whole, without overlap."""
    left = uncovered(whole, covers)
    assert inside(left) == inside([whole]) - inside(covers)
    assert left == merged(left)
