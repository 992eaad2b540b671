"""An office with a regulation in force and a line, for tests of what the catalogue holds of calls."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import count

import pytest

from rejent.kernel.clock import ManualClock, civil_date
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.lines.addresses import StatedLine
from tests.prepared import prepared
from tests.unit.catalog.conftest import START, clock

__all__ = ["START", "clock"]

CALLER = "sip:107770201@pbx"


@pytest.fixture
def add_line(db: None, clock: ManualClock) -> Callable[..., str]:  # noqa: ARG001 - asked for its effect
    """Adds lines of an office that records calls, each at a port of its own; returns their identifiers."""
    office.activate_regulation(
        example("walbrzych-mops"), in_force_from=date(2026, 1, 1), clock=clock, actor=""
    )
    ports = count(5060)

    def add(name: str) -> str:
        stated = StatedLine(numbers=("+48 74 555",), siprec=f"127.0.0.1:{next(ports)}")
        return call_services.add_line(name=name, stated=stated, clock=clock, actor="")

    return add


@pytest.fixture
def source(add_line: Callable[..., str]) -> str:
    """One line."""
    return add_line("Line")


@pytest.fixture
def announced_line(db: None, clock: ManualClock) -> str:  # noqa: ARG001 - asked for its effect
    """A line of an office whose callers must hear something, and whose employees read something."""
    return prepared("announced line", lambda: _announced_line(clock))


def _announced_line(clock: ManualClock) -> str:
    office.activate_regulation(example("boleslawiec"), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    stated = StatedLine(numbers=("+48 10 555 01",), siprec="127.0.0.1:5080")
    return call_services.add_line(name="Switchboard", stated=stated, clock=clock, actor="")


@pytest.fixture
def announced_call(announced_line: str, clock: ManualClock) -> Callable[..., str]:
    """Enters a call that has ended."""

    def made(number: int = 1, start: datetime = START, **changed: str) -> str:
        name = f"{number:032x}"
        facts = {"direction": "incoming", "caller": CALLER, "called": "105550100", **changed}
        call_services.begin_call(
            call_services.BegunCall(name, announced_line, civil_date(start), start, **facts), clock=clock
        )
        call_services.end_call(name, start + timedelta(seconds=60), "bye", clock=clock)
        return name

    return made
