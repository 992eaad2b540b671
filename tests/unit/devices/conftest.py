"""A clock and an authority, for tests of devices."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rejent.devices import services
from rejent.devices.authority import DeviceAuthority
from rejent.kernel.clock import ManualClock

NOON = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at noon, office time."""
    return ManualClock(NOON)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DeviceAuthority:
    """The office's authority, in a folder of its own."""
    made = DeviceAuthority.open_or_found(tmp_path, "ab" * 16, NOON)
    monkeypatch.setattr(services, "office_authority", lambda _clock: made)
    return made
