"""A line of an office that records calls, as the tests of lines use it."""

from datetime import date

import pytest

from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.lines.addresses import (
    StatedLine,
)

LOOPBACK = "127.0.0.1:5060"


@pytest.fixture
def line(db: None, clock: ManualClock) -> str:  # noqa: ARG001 - asked for its effect
    """A line of an office that records calls."""
    office.activate_regulation(example("boleslawiec"), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    return added("Switchboard", clock)


def added(name: str, clock: ManualClock) -> str:
    """Add a line."""
    return call_services.add_line(
        name=name,
        stated=StatedLine(siprec=LOOPBACK, numbers=("+48 75 734",)),
        clock=clock,
        actor="",
    )
