"""Holds against an oracle that looks at every second by itself."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rejent.kernel.intervals import Interval
from rejent.retention.terms.rules import Cover

ORIGIN = datetime(2026, 10, 25, tzinfo=UTC)
seconds = st.integers(0, 120)


def span(start: int, end: int) -> Interval:
    """From ``start`` to ``end``, in seconds."""
    return Interval(ORIGIN + timedelta(seconds=start), ORIGIN + timedelta(seconds=end))


spans = st.tuples(seconds, st.integers(1, 70)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(held=st.lists(spans, max_size=6), segment=spans)
def test_cover_agrees_with_looking_at_every_second(
    held: list[tuple[int, int]], segment: tuple[int, int]
) -> None:
    """A second of a segment is held exactly if one of the holds covers it."""
    kept = {second for second in range(*segment) if any(start <= second < end for start, end in held)}
    cover = Cover(span(*part) for part in held)
    found = {
        second
        for part in cover.within(span(*segment))
        for second in range(*segment)
        if part.start <= span(second, second + 1).start < part.end
    }
    assert found == kept
    assert (cover.within(span(*segment)) == [span(*segment)]) is (len(kept) == segment[1] - segment[0])
