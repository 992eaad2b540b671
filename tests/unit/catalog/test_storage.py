"""The storage forecast."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from rejent.catalog import queries, services
from rejent.catalog.forecast import Demand, forecast, full_day
from rejent.kernel.clock import ManualClock
from tests.unit.catalog.conftest import finished
from tests.unit.catalog.test_sweep import report

GIGABYTE = 10**9


@dataclass(frozen=True)
class Room:
    """Room in a vault."""

    used: int
    free: int | None


def test_nothing_recorded_fills_nothing(source: str, clock: ManualClock) -> None:
    """Without a recording there is no last day, and everything fits."""
    assert source
    told = queries.storage_forecast(clock=clock)
    assert (told.used, told.free, told.per_day, told.days_left, told.enough) == (None, None, 0, None, True)
    services.read_storage(Room(0, 5 * GIGABYTE), clock)
    assert queries.storage_forecast(clock=clock).days_left is None


@pytest.mark.parametrize(("free", "enough"), [(40 * GIGABYTE, True), (20 * GIGABYTE, False)])
def test_the_period_fits_or_the_alarm_is_raised_days_ahead(
    source: str, clock: ManualClock, free: int, enough: bool
) -> None:
    """An hour of 43.2 MB is 1.04 GB a day; 30 days and the day of recording need 32 GB (R-OPEN-1)."""
    batch = [finished(source, start, start + 60, bytes=720_000) for start in range(0, 3600, 60)]
    services.book_segments(batch, clock)
    services.read_storage(Room(1, free), clock)
    told = queries.storage_forecast(clock=clock)
    assert told.per_day == pytest.approx(1_036_800_000)
    assert told.by_source == {source: told.per_day}
    assert told.needed_days == 31
    assert told.needed == pytest.approx(32_140_800_000)
    assert told.days_left == pytest.approx(free / 1_036_800_000)
    assert told.enough is enough


def test_a_store_without_a_known_limit_lasts_for_ever_and_grows(source: str, clock: ManualClock) -> None:
    """Nothing is full, no day is the last one; what comes until the period has run in is the period's less what is there."""
    services.book_segments(
        [finished(source, start, start + 60, bytes=720_000) for start in range(0, 3600, 60)], clock
    )
    services.read_storage(Room(43_200_000, None), clock)
    told = queries.storage_forecast(clock=clock)
    assert (told.used, told.free, told.days_left, told.enough) == (43_200_000, None, None, True)
    assert told.to_come == pytest.approx(32_140_800_000 - 43_200_000)


def test_before_ten_minutes_are_recorded_the_recorder_says_how_much(source: str, clock: ManualClock) -> None:
    """A new camera counts from its first report, not from a minute's luck."""
    services.report_health([report(source, bytes_per_second=1000.0)], clock)
    services.book_segments([finished(source, 0, 60, bytes=10 * GIGABYTE)], clock)
    assert queries.storage_forecast(clock=clock).per_day == 86_400_000


def test_a_source_that_is_off_needs_no_more_than_what_it_left(
    add_source: Callable[..., str], clock: ManualClock
) -> None:
    """Removed and switched off cameras yield nothing, but what is kept of them stays in the sum."""
    off, removed = add_source("Off"), add_source("Removed")
    for each in (off, removed):
        services.book_segments([finished(each, 60 * n, 60 * n + 60) for n in range(20)], clock)
    services.switch_source(off, on=False, clock=clock, actor="")
    services.remove_source(removed, clock=clock, actor="")
    told = queries.storage_forecast(clock=clock)
    assert (told.per_day, told.needed) == (0, 40 * 500_000)


def test_held_material_counts_beyond_the_period() -> None:
    """What holds keep makes a source need more than its period alone."""
    told = forecast(100, 50, {"camera": Demand(per_day=1.0, days=10, kept=100)})
    assert (told.needed, told.enough) == (100, True)
    assert not forecast(0, 50, {"camera": Demand(per_day=6.0, days=10, kept=0)}).enough
    assert full_day(599_999, 10**12, 1.0) == 86_400


def test_readings_close_together_replace_each_other(source: str, clock: ManualClock) -> None:
    """The newest reading counts; ten rounds of a keeper a minute do not fill the database."""
    assert source
    for free in range(10):
        services.read_storage(Room(0, free), clock)
        clock.advance(timedelta(seconds=10))
    assert queries.storage_forecast(clock=clock).free == 9
    clock.advance(timedelta(minutes=10))
    services.read_storage(Room(7, 70), clock)
    told = queries.storage_forecast(clock=clock)
    assert (told.used, told.free) == (7, 70)
