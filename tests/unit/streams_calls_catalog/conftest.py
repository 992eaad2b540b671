"""An office with a regulation in force and a line, for tests of what the catalogue holds of calls."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from rejent.kernel.clock import ManualClock, civil_date
from rejent.office import services as office
from rejent.office.regulation import example
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.lines import StatedLine
from tests.unit.catalog.conftest import START, add_source, clock

__all__ = ["START", "add_source", "clock"]

CALLER = "sip:107770201@pbx"


@pytest.fixture
def regulation(
    db: None,  # noqa: ARG001 - asked for its effect
    clock: ManualClock,
) -> int:
    """The regulation of an office that records calls."""
    return office.activate_regulation(
        example("walbrzych-mops"), in_force_from=date(2026, 1, 1), clock=clock, actor=""
    )


@pytest.fixture
def source(
    regulation: int,  # noqa: ARG001 - asked for its effect
    clock: ManualClock,
) -> str:
    """One line."""
    stated = StatedLine(numbers=("+48 74 555",), siprec="127.0.0.1:5060")
    return call_services.add_line(name="Line", stated=stated, clock=clock, actor="")


@pytest.fixture
def announced_line(db: None, clock: ManualClock) -> str:  # noqa: ARG001 - asked for its effect
    """A line of an office whose callers must hear something, and whose employees read something."""
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
