"""Breaches and incidents: their clocks, the steps entered, closing, and rows that somebody wrote by hand."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from rejent.kernel.clock import ManualClock
from rejent.office import checks
from rejent.office.breaches import queries, services
from rejent.office.breaches.models import Breach
from rejent.office.breaches.rules import BreachView, clocks, lacking
from rejent.office.errors import BreachRefusedError
from rejent.office.views import PersonView
from rejent.registers import queries as registers

People = Callable[..., PersonView]


def opened(clock: ManualClock, *, incident: bool = True) -> BreachView:
    """A breach found an hour ago."""
    return services.open_breach(
        found_at=clock.now() - timedelta(hours=1),
        facts="Zginął nośnik z kopią.",
        personal_data=True,
        incident=incident,
        clock=clock,
        actor="cli",
    )


def test_hours_run_through_the_night_the_weekend_and_the_change_of_the_clock(
    add: People, clock: ManualClock
) -> None:
    """72 hours are 72 hours on UTC; the final report's month runs from the report, to the end of its last day."""
    add("clerk")
    clock = ManualClock(datetime(2026, 10, 24, 21, 0, tzinfo=UTC))
    found = opened(clock)
    ends = {each.step: each.ends_at - found.found_at for each in clocks(found)}
    hours = timedelta(hours=1)
    assert ends == {"warned_at": 24 * hours, "notified_at": 72 * hours, "reported_at": 72 * hours}
    reported = services.change_breach(found.number, {"reported_at": clock.now()}, clock=clock, actor="cli")
    final = next(each for each in clocks(reported) if each.step == "final_at")
    assert final.ends_at == datetime(2026, 11, 24, 23, 0, tzinfo=UTC)
    assert not final.late(final.ends_at)
    assert final.late(final.ends_at + timedelta(seconds=1))


def test_a_breach_is_closed_once_everything_stands_there(add: People, clock: ManualClock) -> None:
    """Effects, remedies, the notification or why not, the people or why not; numbered, and the ledger names steps alone."""
    add("clerk")
    found = opened(clock, incident=False)
    assert found.number == "N-2026-1"
    with pytest.raises(BreachRefusedError):
        services.close_breach(found.number, clock=clock, actor="cli")
    told = {"effects": "Brak.", "remedies": "Szyfrowanie.", "not_notified": "Nośnik zaszyfrowany."}
    changed = services.change_breach(found.number, told, clock=clock, actor="cli")
    assert lacking(changed) == ["told_at"]
    services.change_breach(found.number, {"told_at": clock.now()}, clock=clock, actor="cli")
    assert services.close_breach(found.number, clock=clock, actor="cli").closed_at == clock.now()
    with pytest.raises(BreachRefusedError):
        services.change_breach(found.number, {"effects": "Inne."}, clock=clock, actor="cli")
    written = str([act.facts for act in registers.acts(names=["breach.opened", "breach.changed"]).acts])
    assert "effects" in written
    assert "nośnik" not in written.casefold()
    assert list(checks.findings(clock)) == []


@pytest.mark.parametrize("hours", [-2, 1])
def test_a_step_is_taken_after_the_finding_and_not_in_the_future(
    hours: int, add: People, clock: ManualClock
) -> None:
    """Neither before it was found nor later than now."""
    add("clerk")
    found = opened(clock)
    at = clock.now() + timedelta(hours=hours)
    with pytest.raises(BreachRefusedError):
        services.change_breach(found.number, {"notified_at": at}, clock=clock, actor="cli")
    assert queries.breach(found.number).notified_at is None


def test_what_was_changed_by_hand_or_taken_out_is_found(add: People, clock: ManualClock) -> None:
    """A finding moved to a later hour, and a number that is missing."""
    add("clerk")
    first, second = opened(clock), opened(clock)
    Breach.objects.filter(number=first.number).update(found_at=clock.now())
    Breach.objects.filter(number=second.number).delete()
    codes = [one.code for one in checks.findings(clock)]
    assert len(set(codes)) >= 2
