"""Lines of drills, whose calls are none of the office's, and lines of the office that would pass for one."""

from datetime import date
from pathlib import Path

import pytest

from rejent.catalog import services
from rejent.catalog.checks import findings
from rejent.catalog.errors import AddressRefusedError
from rejent.catalog.models import Source
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.lines.addresses import DRILLED, StatedLine
from rejent.vault.store.disk import DiskStore


@pytest.fixture
def line(db: None, clock: ManualClock) -> str:  # noqa: ARG001 - asked for its effect
    """A line of an office that records calls."""
    office.activate_regulation(example("boleslawiec"), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    stated = StatedLine(siprec="127.0.0.1:5060", numbers=("+48 75 734",))
    return call_services.add_line(name="Switchboard", stated=stated, clock=clock, actor="")


@pytest.mark.parametrize("removed", [False, True])
def test_no_line_of_the_office_passes_for_a_drill_s(
    line: str, removed: bool, clock: ManualClock, tmp_path: Path
) -> None:
    """An address that was edited hides no call, and is found, also of a line that was struck off."""
    store = DiskStore(tmp_path)
    if removed:
        services.remove_source(line, clock=clock, actor="")
    before = {each.code for each in findings(store, clock)}
    row = Source.objects.get(pk=line)
    Source.objects.update(address=row.address.replace("numbers=+4875734", f"numbers={DRILLED}"))
    assert Source.objects.get(pk=line).address != row.address
    assert call_queries.drill_lines() == frozenset()
    assert {each.code for each in findings(store, clock)} - before == {"catalog.differs-from-ledger"}


def test_numbers_of_drills_are_no_line_s(line: str, clock: ManualClock) -> None:
    """Neither when it is added nor later; calls of such a line would be found by nobody."""
    stated = StatedLine(siprec="127.0.0.1:5062", numbers=("+48 10 999 00 01",))
    with pytest.raises(AddressRefusedError, match="drills"):
        call_services.add_line(name="Another", stated=stated, clock=clock, actor="")
    with pytest.raises(AddressRefusedError, match="drills"):
        call_services.change_line(line, StatedLine(numbers=(DRILLED,)), clock=clock, actor="")
