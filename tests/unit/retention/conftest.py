"""Offices with cameras, for tests of retention."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.retention.office import RecordingOffice

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def elblag(db: None, tmp_path: Path) -> RecordingOffice:  # noqa: ARG001 - asked for its effect
    """An office that keeps camera recordings for exactly 30 days."""
    return RecordingOffice.open(tmp_path, START, "elblag")


@pytest.fixture
def pleszew(db: None, tmp_path: Path) -> RecordingOffice:  # noqa: ARG001 - asked for its effect
    """An office that keeps camera recordings for at most 30 days."""
    return RecordingOffice.open(tmp_path, START, "pleszew")
