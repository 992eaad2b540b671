"""Weeks, and the arithmetic by which viewings are drawn for review: pure, repeatable, and as a shell would do it."""

import subprocess
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejent.access.supervision.samples import drawn, lot, sample_size, seed
from rejent.access.supervision.weeks import Week, WeekRefusedError

WEEK = Week.read("2026-W47")
ROOT = bytes(range(32))


@given(st.dates(date(2000, 1, 10), date(2100, 12, 20)))
def test_every_day_lies_in_the_week_that_bears_its_number(day: date) -> None:
    """A week is found again by its written form, holds its days, and begins where the one before it ends."""
    week = Week.of(day)
    assert Week.read(str(week)) == week
    assert week.first <= day <= week.last
    assert (week.year, week.number) == day.isocalendar()[:2]
    assert week.after(-1).interval.end == week.interval.start


def test_a_week_is_as_long_as_its_clock() -> None:
    """The week in which summer time ends has an hour more; it ends at local midnight."""
    autumn = Week.of(date(2026, 10, 25))
    assert autumn.interval.length == timedelta(hours=169)
    assert autumn.interval.end == datetime(2026, 10, 25, 23, 0, tzinfo=UTC)
    assert Week.at(autumn.interval.end - timedelta(microseconds=1)) == autumn


@pytest.mark.parametrize(
    "written", ["", "2026", "2026-W00", "2026-W54", "2025-W53", "0001-W01", "9999-W52", "２０２６-W47"]
)
def test_what_names_no_week_is_refused(written: str) -> None:
    """Nothing is guessed from what is no week of the calendar."""
    with pytest.raises(WeekRefusedError):
        Week.read(written)


@pytest.mark.parametrize(
    ("population", "percent", "least", "drawn_of_it"),
    [
        (0, 5, 3, 0),
        (2, 5, 3, 2),
        (60, 5, 3, 3),
        (61, 5, 3, 4),
        (1000, 5, 3, 50),
        (10, 0, 0, 0),
        (10, 500, 3, 10),
    ],
)
def test_the_share_is_rounded_up_and_bounded(
    population: int, percent: int, least: int, drawn_of_it: int
) -> None:
    """Five of a hundred begun, three at least, never more than there are."""
    assert sample_size(population, percent, least) == drawn_of_it


@given(st.lists(st.integers(1, 10_000).map("O-2026-{}".format), unique=True), st.randoms())
def test_the_order_of_the_numbers_decides_nothing(numbers: list[str], shuffled: object) -> None:
    """The same viewings give the same sample, in whatever order they are told, and a larger sample holds the smaller one."""
    by = seed(WEEK, 4821, ROOT)
    first = drawn(numbers, by, 3)
    shuffled.shuffle(numbers)  # type: ignore[attr-defined]  # hypothesis' random
    assert drawn(numbers, by, 3) == first
    assert drawn(numbers, by, 5)[:3] == first


def test_every_part_of_the_state_changes_the_lots() -> None:
    """Another week, another size or another root is another seed."""
    seeds = {seed(WEEK, 7, ROOT), seed(WEEK.after(), 7, ROOT), seed(WEEK, 8, ROOT), seed(WEEK, 7, ROOT[::-1])}
    assert len(seeds) == 4


def test_a_lot_is_drawn_again_by_a_shell() -> None:
    """The arithmetic of the reference, done by sha256sum, gives the same lot."""
    lines = "rejent sample v1\\n2026-W47\\n4821\\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\\n"
    script = f"""
        seed=$(printf '{lines}' | sha256sum | cut -c1-64)
        {{ printf "$(printf %s "$seed" | sed 's/../\\\\x&/g')"; printf %s O-2026-3; }} | sha256sum | cut -c1-64
    """
    said = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout.strip()
    assert said == lot(seed(WEEK, 4821, ROOT), "O-2026-3").hex()
