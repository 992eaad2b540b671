"""What a segment makes of a gap."""

from datetime import UTC, datetime, timedelta

import pytest

from rejent.catalog.coverage import SWEPT, Missing, holes, pushed_back, seconds, within
from rejent.kernel.intervals import Interval

ZERO = datetime(2026, 11, 21, tzinfo=UTC)


def at(second: float) -> datetime:
    """So many seconds into the day."""
    return ZERO + timedelta(seconds=second)


def gap(start: float, end: float | None, cause: str = "unreachable") -> Missing:
    """A gap in seconds."""
    return Missing(at(start), None if end is None else at(end), cause)


def part(start: float, end: float) -> Interval:
    """A segment in seconds."""
    return Interval(at(start), at(end))


@pytest.mark.parametrize(
    ("before", "segment", "recovered", "after"),
    [
        (gap(10, 20), part(20, 30), False, [gap(10, 20)]),
        (gap(10, 20), part(0, 10), False, [gap(10, 20)]),
        (gap(10, 20), part(0, 12), False, [gap(12, 20)]),
        (gap(10, 20), part(18, 30), False, [gap(10, 18)]),
        (gap(10, 20), part(12, 18), False, [gap(10, 12), gap(18, 20)]),
        (gap(10, 20), part(10.3, 19.7), False, []),
        (gap(10, None), part(15, 30), False, [gap(10, 15)]),
        (gap(10, None), part(15, 30), True, [gap(10, 15), gap(30, None)]),
        (gap(10, None), part(5, 12), False, [gap(12, None)]),
        (gap(10, None), part(5, 12), True, [gap(12, None)]),
        (gap(10, None), part(10, 70), False, []),
        (gap(10, None), part(9, 70), False, [gap(70, None)]),
        (gap(10, None), part(0, 10), False, [gap(10, None)]),
        *[(gap(10, None, cause), part(9, 70), False, []) for cause in sorted(SWEPT)],
        *[(gap(10, None, cause), part(10, 70), True, [gap(70, None, cause)]) for cause in sorted(SWEPT)],
    ],
)
def test_a_segment_pushes_a_gap_back(
    before: Missing, segment: Interval, recovered: bool, after: list[Missing]
) -> None:
    """Live segments end open gaps, recovered ones only shorten them, silence is disproved by a picture."""
    assert pushed_back(before, segment, recovered=recovered) == after


def test_a_seam_is_no_hole() -> None:
    """Half a second between segments is a seam; more is a hole."""
    assert holes(part(0, 10), [part(0, 4), part(4.5, 10)]) == []
    assert holes(part(0, 10), [part(0, 4), part(4.6, 10)]) == [part(4, 4.6)]


def test_an_open_end_reaches_as_far_as_the_whole() -> None:
    """Clipping a gap to an interval closes its open end there and gives nothing where they do not meet."""
    assert within(part(0, 10), at(5), None) == part(5, 10)
    assert within(part(0, 10), at(-5), at(3)) == part(0, 3)
    assert within(part(0, 10), at(10), None) is None
    assert seconds([part(0, 1.5), part(3, 4)]) == 2.5
