"""A clock, for tests of devices."""

from datetime import UTC, datetime

import pytest

from rejent.kernel.clock import ManualClock

NOON = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at noon, office time."""
    return ManualClock(NOON)
