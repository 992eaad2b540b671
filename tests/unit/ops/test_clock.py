"""Which clock the program runs by, as its environment says."""

from datetime import UTC, datetime, timedelta

import pytest

from rejent.kernel.clock import ShiftedClock, SystemClock
from rejent.kernel.errors import InputRefusedError
from rejent.ops.clock import chosen_clock, offset_seconds

NEAR = timedelta(seconds=30)


def test_without_a_word_the_systems_clock_is_taken() -> None:
    """An empty environment, and empty variables, mean the machine's own clock."""
    assert isinstance(chosen_clock({}, test=False), SystemClock)
    assert isinstance(chosen_clock({"REJENT_CLOCK": "", "REJENT_CLOCK_OFFSET": ""}, test=True), SystemClock)


def test_a_test_installation_starts_where_told() -> None:
    """The clock starts at the instant, in whatever zone it is written, and counts as confirmed."""
    clock = chosen_clock({"REJENT_CLOCK": "2027-03-28T03:30:00+02:00"}, test=True)
    assert isinstance(clock, ShiftedClock)
    assert clock.confirmed
    assert timedelta() <= clock.now() - datetime(2027, 3, 28, 1, 30, tzinfo=UTC) < NEAR


def test_a_running_program_hands_its_clock_on_as_an_offset() -> None:
    """A child's clock, made from the offset, agrees with its parent's, whatever instant the variable still names."""
    parent = chosen_clock({"REJENT_CLOCK": "2031-01-01T00:00:00Z"}, test=True)
    offset = repr(offset_seconds(parent))
    child = chosen_clock({"REJENT_CLOCK_OFFSET": offset, "REJENT_CLOCK": "2001-01-01T00:00:00Z"}, test=True)
    assert abs(child.now() - parent.now()) < timedelta(seconds=1)


@pytest.mark.parametrize("variable", ["REJENT_CLOCK", "REJENT_CLOCK_OFFSET"])
def test_a_real_installation_refuses_any_other_clock(variable: str) -> None:
    """Neither variable moves the clock of an installation that was not made with --test."""
    with pytest.raises(InputRefusedError, match="not a test one"):
        chosen_clock({variable: "2027-01-01T00:00:00Z"}, test=False)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("REJENT_CLOCK", "2027-01-01T00:00:00"), ("REJENT_CLOCK", "2027-01-01"), ("REJENT_CLOCK", "tomorrow"),
        ("REJENT_CLOCK", "9999-12-31T23:59:59-12:00"), ("REJENT_CLOCK", "0001-01-01T00:00:00+12:00"),
        ("REJENT_CLOCK_OFFSET", "nan"), ("REJENT_CLOCK_OFFSET", "inf"), ("REJENT_CLOCK_OFFSET", "1e300"),
        ("REJENT_CLOCK_OFFSET", "later"),
    ],
)  # fmt: skip
def test_what_is_no_instant_is_refused(variable: str, value: str) -> None:
    """Instants without an offset, outside any office's time, and numbers that are none are refused by name."""
    with pytest.raises(InputRefusedError, match=variable):
        chosen_clock({variable: value}, test=True)
