"""Viewings of a week, and its closing, for tests of supervision."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from rejent.access import services
from rejent.access.supervision.samples import CLOSES_AFTER
from rejent.access.supervision.weeks import Week
from rejent.access.views import ViewingView
from rejent.kernel.clock import ManualClock
from rejent.ledger.location import LedgerLocation
from rejent.registers import queries as registers
from rejent.registers.signing.checkpoints import checkpoint
from tests.unit.access.conftest import NOON, Issue, People, add_camera
from tests.unit.access.test_viewings import open_viewing

WEEK = Week.at(NOON)
MINUTE = timedelta(minutes=1)

Views = Callable[[int], list[ViewingView]]
Close = Callable[[], None]


@pytest.fixture
def views(person: People, issue: Issue, source: str, clock: ManualClock) -> Views:
    """Opens so many viewings, each by a person of their own."""

    def opened(count: int) -> list[ViewingView]:
        made = []
        for _ in range(count):
            viewer = person("viewer")
            issue(viewer)
            made.append(open_viewing(viewer, source, clock))
        return made

    return opened


@pytest.fixture
def close_week(source: str, clock: ManualClock, tmp_path: Path) -> Close:  # noqa: ARG001 - after the office is set up
    """Goes on to the instant at which the week is closed, lets something be entered, and signs the ledger."""
    place = LedgerLocation(folder=tmp_path / "ledger", key=tmp_path / "key", origin="rejent/test")

    def go_on() -> None:
        clock.advance(Week.at(clock.now()).interval.end + CLOSES_AFTER - clock.now())
        services.close_ended_viewings(clock=clock)
        add_camera(f"Added {clock.now()}", clock)
        checkpoint(place, clock=clock)

    return go_on


def entered(name: str) -> list[Any]:
    """The records of the acts of a name, newest first."""
    return [act.facts for act in registers.acts(names=[name]).acts]
