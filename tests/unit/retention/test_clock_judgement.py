"""When the clock is believed."""

from datetime import UTC, datetime, timedelta

from rejent.retention.clock import Anchor, Reading, Verdict, accepted, judge

START = datetime(2026, 11, 1, tzinfo=UTC)


def reading(passed: timedelta, *, off_by: timedelta = timedelta(), boot: str = "a") -> Reading:
    """A reading after so much monotonic time, with the civil clock that far off."""
    return Reading(START + passed + off_by, passed.total_seconds(), boot)


ANCHOR: Anchor = accepted(reading(timedelta())).anchor
HOUR = timedelta(hours=1)


def test_a_clock_that_runs_with_the_monotonic_one_is_steady() -> None:
    """An hour on both hands is an hour."""
    assert judge(ANCHOR, reading(HOUR)).verdict is Verdict.STEADY


def test_a_forward_jump_is_noticed_and_not_forgotten() -> None:
    """A clock set ahead by an hour is ahead at the next reading and at all later ones, until it returns."""
    found = judge(ANCHOR, reading(HOUR, off_by=HOUR))
    assert (found.verdict, found.off_by) == (Verdict.AHEAD, HOUR)
    assert judge(found.anchor, reading(3 * HOUR, off_by=HOUR)).verdict is Verdict.AHEAD
    assert judge(found.anchor, reading(4 * HOUR)).verdict is Verdict.STEADY


def test_a_clock_that_creeps_away_is_ahead_within_the_day() -> None:
    """Four minutes at a time are believed once, not again and again."""
    anchor, verdicts = ANCHOR, []
    for step in range(1, 4):
        found = judge(anchor, reading(step * HOUR, off_by=step * timedelta(minutes=4)))
        anchor = found.anchor
        verdicts.append(found.verdict)
    assert verdicts == [Verdict.STEADY, Verdict.AHEAD, Verdict.AHEAD]


def test_a_small_drift_is_taken_over_each_day() -> None:
    """A clock that loses a minute a day stays steady for a month."""
    anchor = ANCHOR
    for day in range(1, 31):
        found = judge(anchor, reading(timedelta(days=day), off_by=-timedelta(minutes=day)))
        assert found.verdict is Verdict.STEADY
        anchor = found.anchor


def test_a_clock_set_back_is_behind_and_the_time_seen_stands() -> None:
    """An hour back is noticed, and what it must at least be is counted on from the anchor."""
    set_back = reading(2 * HOUR, off_by=-HOUR)
    found = judge(ANCHOR, set_back)
    assert (found.verdict, found.off_by) == (Verdict.BEHIND, -HOUR)
    assert found.anchor.expected(set_back) == START + 2 * HOUR


def test_a_night_without_power_is_believed_but_no_longer_interruption() -> None:
    """After another boot nothing tells how long the machine was off: twelve hours pass, a day waits for a person."""
    assert judge(ANCHOR, reading(12 * HOUR, boot="b")).verdict is Verdict.STEADY
    assert judge(ANCHOR, reading(24 * HOUR, boot="b")).verdict is Verdict.AHEAD


def test_a_battery_that_died_puts_the_clock_behind() -> None:
    """A clock that starts years ago after a boot is behind, and steady once a time server has mended it."""
    found = judge(ANCHOR, reading(HOUR, off_by=-timedelta(days=3650), boot="b"))
    assert found.verdict is Verdict.BEHIND
    assert found.anchor.expected(reading(HOUR, off_by=-timedelta(days=3650), boot="b")) == START
    assert judge(found.anchor, reading(2 * HOUR, boot="b")).verdict is Verdict.STEADY
