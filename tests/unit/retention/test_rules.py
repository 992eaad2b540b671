"""What a term and the holds make of recordings."""

from datetime import UTC, date, datetime, timedelta

import pytest

from rejent.kernel.intervals import Interval
from rejent.kernel.terms import RetentionKind, RetentionRule, Unit, deadlines
from rejent.retention.rules import Cover, Fate, Picture, Run, Standing, runs_kept, standing

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def span(start: float, end: float) -> Interval:
    """From ``start`` to ``end``, in seconds after noon."""
    return Interval(NOON + timedelta(seconds=start), NOON + timedelta(seconds=end))


def pictures(count: int, *, key_every: int) -> list[Picture]:
    """Fragments of a second each."""
    return [Picture(span(number, number + 1), number % key_every == 0) for number in range(count)]


def test_a_fixed_period_forbids_destruction_to_its_last_instant() -> None:
    """A fixed 30 days from 1 March 2026 are kept until the midnight after 31 March, summer time included."""
    term = deadlines(RetentionRule(30, Unit.DAYS, RetentionKind.FIXED), date(2026, 3, 1))
    end = datetime(2026, 3, 31, 22, tzinfo=UTC)
    assert standing(term, end - timedelta(microseconds=1)) is Standing.KEPT
    assert standing(term, end) is Standing.DUE
    assert standing(term, end + timedelta(hours=1)) is Standing.OVERDUE


def test_a_maximum_opens_destruction_on_its_last_day_and_alarms_before_its_end() -> None:
    """A maximum of 3 months from 30 November 2025 is due all 28 February and overdue six hours before its end."""
    term = deadlines(RetentionRule(3, Unit.MONTHS, RetentionKind.MAXIMUM), date(2025, 11, 30))
    opens = datetime(2026, 2, 27, 23, tzinfo=UTC)
    assert standing(term, opens - timedelta(microseconds=1)) is Standing.KEPT
    assert standing(term, opens) is Standing.DUE
    assert standing(term, opens + timedelta(hours=18)) is Standing.OVERDUE


@pytest.mark.parametrize(
    ("held", "fate"),
    [
        ([], Fate.DESTROYED),
        ([(-60, 0)], Fate.DESTROYED),
        ([(60, 90)], Fate.DESTROYED),
        ([(0, 60)], Fate.KEPT),
        ([(-5, 20), (20, 61)], Fate.KEPT),
        ([(0, 59)], Fate.CUT),
        ([(10, 20), (30, 40)], Fate.CUT),
    ],
)
def test_holds_decide_a_segment_by_what_they_cover_of_it(held: list[tuple[float, float]], fate: Fate) -> None:
    """A segment touched by no hold goes, one wholly covered stays, one partly covered is cut."""
    assert Cover(span(*part) for part in held).fate(span(0, 60)) is fate


def test_nothing_held_covers_nothing() -> None:
    """Without holds the cover is empty."""
    assert not Cover([])
    assert Cover([span(0, 1)])


def test_a_run_starts_at_the_key_frame_before_what_is_held() -> None:
    """Seconds 12 to 14 of fragments with a key each five seconds keep fragments 10 to 13."""
    assert runs_kept(pictures(60, key_every=5), [span(12, 14)]) == [Run(10, 14)]


def test_runs_that_meet_are_one() -> None:
    """Two held stretches with the same key frame before them keep one run."""
    assert runs_kept(pictures(60, key_every=20), [span(1, 2), span(5, 6)]) == [Run(0, 6)]


def test_runs_apart_stay_apart() -> None:
    """What lies between two held stretches is not kept when a key frame divides them."""
    assert runs_kept(pictures(60, key_every=5), [span(1, 2), span(31, 32)]) == [Run(0, 2), Run(30, 32)]


def test_without_a_key_frame_the_run_starts_with_the_segment() -> None:
    """A segment that continues the last one has no key frame of its own at first; what is held is kept from the start."""
    fragments = [Picture(span(number, number + 1), key=False) for number in range(5)]
    assert runs_kept(fragments, [span(2, 3)]) == [Run(0, 3)]


def test_a_hold_in_a_seam_keeps_nothing() -> None:
    """What no fragment shows cannot be kept."""
    assert runs_kept(pictures(5, key_every=1), [span(7, 8)]) == []
