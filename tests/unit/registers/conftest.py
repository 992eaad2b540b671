"""A ledger in a temporary folder and an act to enter in it."""

from datetime import UTC, datetime, timedelta

import pytest

from rejent.kernel.acts import Act
from rejent.kernel.clock import ManualClock
from rejent.ledger.location import LedgerLocation
from rejent.registers import services

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HAPPENED = Act("test.happened", "{what} happened")
OTHER = Act("test.other", "Something else")


@pytest.fixture
def clock():
    """A clock that stands at noon."""
    return ManualClock(START)


@pytest.fixture
def place(tmp_path):
    """A ledger's folder, its key apart, its witness elsewhere."""
    return LedgerLocation(
        tmp_path / "ledger",
        tmp_path / "secrets" / "ledger",
        "rejent/test",
        witness=tmp_path / "stick" / "witness",
    )


@pytest.fixture
def stick(place):
    """The witness's stick is plugged in."""
    place.witness.parent.mkdir()
    return place.witness


def happen(what, *, actor="p1", subject="thing:1", act=HAPPENED, after=0):
    """Enter an act; gives its index."""
    return services.enter(
        act, actor=actor, subject=subject, record={"what": what}, at=START + timedelta(seconds=after)
    )
