"""What a term and the holds make of recordings."""

from datetime import UTC, date, datetime, timedelta

import pytest

from rejent.kernel.intervals import Interval
from rejent.kernel.terms import RetentionKind, RetentionRule, Unit, deadlines
from rejent.retention.terms.rules import Cover, TermState, VersionRule, applicable_term, term_state

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def span(start: float, end: float) -> Interval:
    """From ``start`` to ``end``, in seconds after noon."""
    return Interval(NOON + timedelta(seconds=start), NOON + timedelta(seconds=end))


def test_a_fixed_period_forbids_destruction_to_its_last_instant() -> None:
    """A fixed 30 days from 1 March 2026 are kept until the midnight after 31 March, summer time included."""
    term = deadlines(RetentionRule(30, Unit.DAYS, RetentionKind.FIXED), date(2026, 3, 1))
    end = datetime(2026, 3, 31, 22, tzinfo=UTC)
    assert term_state(term, end - timedelta(microseconds=1)) is TermState.KEPT
    assert term_state(term, end) is TermState.DUE
    assert term_state(term, end + timedelta(hours=1)) is TermState.OVERDUE


def test_a_maximum_opens_destruction_on_its_last_day_and_alarms_before_its_end() -> None:
    """A maximum of 3 months from 30 November 2025 is due all 28 February and overdue six hours before its end."""
    term = deadlines(RetentionRule(3, Unit.MONTHS, RetentionKind.MAXIMUM), date(2025, 11, 30))
    opens = datetime(2026, 2, 27, 23, tzinfo=UTC)
    assert term_state(term, opens - timedelta(microseconds=1)) is TermState.KEPT
    assert term_state(term, opens) is TermState.DUE
    assert term_state(term, opens + timedelta(hours=18)) is TermState.OVERDUE


@pytest.mark.parametrize(
    ("held", "kept"),
    [
        ([], []),
        ([(-60, 0)], []),
        ([(60, 90)], []),
        ([(0, 60)], [(0, 60)]),
        ([(-5, 20), (20, 61)], [(0, 60)]),
        ([(0, 59)], [(0, 59)]),
        ([(10, 20), (30, 40)], [(10, 20), (30, 40)]),
    ],
)
def test_holds_keep_of_a_segment_exactly_what_they_cover(
    held: list[tuple[float, float]], kept: list[tuple[float, float]]
) -> None:
    """Of a segment touched by no hold nothing is kept, of one wholly covered all of it, else the covered parts."""
    assert Cover(span(*part) for part in held).within(span(0, 60)) == [span(*part) for part in kept]


def test_nothing_held_covers_nothing() -> None:
    """Without holds the cover is empty."""
    assert not Cover([])
    assert Cover([span(0, 1)])


FIXED_30 = RetentionRule(30, Unit.DAYS, RetentionKind.FIXED)
AT_MOST_14 = RetentionRule(14, Unit.DAYS, RetentionKind.MAXIMUM)
OLD, NEW = date(2026, 1, 1), date(2026, 3, 10)


@pytest.mark.parametrize(
    ("versions", "day", "today", "rule"),
    [
        ([], date(2026, 3, 1), date(2026, 3, 1), None),
        ([VersionRule(OLD, None, shortens=False)], date(2026, 3, 1), date(2026, 3, 1), None),
        ([VersionRule(OLD, FIXED_30, shortens=False)], date(2026, 3, 1), date(2026, 3, 1), FIXED_30),
        ([VersionRule(OLD, FIXED_30, shortens=False)], date(2025, 12, 1), date(2026, 3, 1), FIXED_30),
        (
            [VersionRule(OLD, FIXED_30, shortens=False), VersionRule(NEW, AT_MOST_14, shortens=False)],
            date(2026, 3, 1),
            date(2026, 3, 12),
            FIXED_30,
        ),
        (
            [VersionRule(OLD, FIXED_30, shortens=False), VersionRule(NEW, AT_MOST_14, shortens=True)],
            date(2026, 3, 1),
            date(2026, 3, 12),
            AT_MOST_14,
        ),
        (
            [VersionRule(OLD, FIXED_30, shortens=False), VersionRule(NEW, AT_MOST_14, shortens=True)],
            date(2026, 3, 1),
            date(2026, 3, 9),
            FIXED_30,
        ),
        (
            [VersionRule(OLD, AT_MOST_14, shortens=False), VersionRule(NEW, FIXED_30, shortens=True)],
            date(2026, 3, 1),
            date(2026, 3, 12),
            AT_MOST_14,
        ),
        (
            [VersionRule(OLD, FIXED_30, shortens=False), VersionRule(OLD, AT_MOST_14, shortens=False)],
            date(2026, 3, 1),
            date(2026, 3, 1),
            AT_MOST_14,
        ),
    ],
)
def test_the_version_in_force_that_day_governs_unless_a_later_one_shortens(
    versions: list[VersionRule], day: date, today: date, rule: RetentionRule | None
) -> None:
    """Older recordings keep their term; a later version in force ends them sooner only if it says so, never later."""
    term = applicable_term(versions, day, today)
    assert (term.rule if term is not None else None) == rule
