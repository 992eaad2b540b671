"""Booking segments."""

from datetime import timedelta

from tests.unit.catalog.conftest import START, finished

from rejent.catalog import queries, services
from rejent.kernel.clock import ManualClock

HOUR = timedelta(hours=1)


def test_booked_segment_is_found_as_it_was_given(source: str, clock: ManualClock) -> None:
    """Every column of a segment comes back as the recorder gave it, with the entry that tells of it."""
    given = finished(source, 0, 60)
    services.book_segments([given], clock)
    (found,) = queries.segments(source, START - HOUR, START + HOUR)
    for name in services.FinishedSegment.__slots__:
        assert getattr(found, name) == getattr(given, name)
    assert found.state == "sealed"
    assert found.entry > 0
