"""Outages enter themselves in the log of faults: each gap once, whenever the program starts again, and closed when the gap is."""

from collections.abc import Callable
from datetime import timedelta

from rejent.catalog import services
from rejent.catalog.services.sweep import LEAST, enter_outages
from rejent.kernel.clock import ManualClock, civil_date
from rejent.office import checks
from rejent.office.people import maintenance


def test_an_outage_is_entered_once_and_closed_with_its_gap(
    add_source: Callable[..., str], clock: ManualClock
) -> None:
    """Neither a short gap nor one that is no fault; of a gap that goes on, one row, linked with it; nobody is called in by it."""
    camera, other = add_source(name="Hol"), add_source(name="Wejście")
    services.open_gap(camera, clock.now(), "no-signal", clock=clock)
    services.open_gap(other, clock.now(), "switched-off", clock=clock)
    clock.advance(LEAST - timedelta(seconds=1))
    assert enter_outages(clock=clock) == 0
    clock.advance(timedelta(seconds=1))
    assert enter_outages(clock=clock) == 1
    assert enter_outages(clock=clock) == 0
    (fault,) = maintenance.faults()
    assert (fault.source, fault.closed_at, fault.opened_by) == (camera, None, "")
    assert maintenance.outages_entered().keys() == {fault.outage}
    assert maintenance.attended(civil_date(clock.now())) == []
    services.close_gap(camera, clock.now(), clock=clock)
    assert enter_outages(clock=clock) == 1
    (fault,) = maintenance.faults()
    assert fault.closed_at == clock.now()
    assert enter_outages(clock=clock) == 0
    assert list(checks.findings(clock)) == []


def test_an_outage_that_was_over_before_the_keeper_came_is_entered_and_closed(
    add_source: Callable[..., str], clock: ManualClock
) -> None:
    """The keeper was off: the row is there afterwards, with an earlier gap of another source beside a later one."""
    first, second = add_source(name="Hol"), add_source(name="Wejście")
    services.open_gap(first, clock.now(), "no-signal", clock=clock)
    clock.advance(timedelta(minutes=2))
    services.open_gap(second, clock.now() - timedelta(minutes=2), "no-signal", clock=clock)
    clock.advance(timedelta(hours=1))
    for source in (second, first):
        services.close_gap(source, clock.now(), clock=clock)
    assert enter_outages(clock=clock) == 4
    assert {one.source for one in maintenance.faults()} == {first, second}
    assert all(one.closed_at for one in maintenance.faults())
