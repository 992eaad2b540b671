"""Choice of the clock that the program runs by."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from rejent.kernel.clock import Clock, ShiftedClock, SystemClock
from rejent.kernel.errors import InputRefusedError

START = "REJENT_CLOCK"
OFFSET = "REJENT_CLOCK_OFFSET"
YEARS = range(2000, 2200)
"""Years an office may be tried in; far from the ends of the calendar."""


def chosen_clock(environment: Mapping[str, str], *, test: bool) -> Clock:
    """Return the system's clock, or in a test installation the one that ``REJENT_CLOCK`` starts.

    A running program hands its clock to the processes it starts by ``REJENT_CLOCK_OFFSET``, in seconds. Raises
    InputRefusedError: the instant cannot be read, lacks an offset, or the installation is not for tests.
    """
    start, offset = environment.get(START, ""), environment.get(OFFSET, "")
    if not start and not offset:
        return SystemClock()
    if not test:
        raise InputRefusedError(
            "REJENT_CLOCK is refused: this installation is not a test one.",
            advice="Unset it, or create a test installation with: rejent init DIR --regulation NAME --test",
        )
    try:
        instant = (
            SystemClock().now() + timedelta(seconds=float(offset))  # type: ignore[outside-number]  # of our parent, signed
            if offset
            else datetime.fromisoformat(start)
        )
        known = instant.tzinfo is not None and instant.astimezone(UTC).year in YEARS
    except (ValueError, OverflowError):
        known = False
    if not known:
        raise InputRefusedError(
            "{variable} is not an instant with an offset: {given}.",
            variable=OFFSET if offset else START,
            given=offset or start,
            advice="Write it as 2026-12-24T12:00:00+01:00",
        )
    return ShiftedClock(instant)


def offset_seconds(clock: Clock) -> float:
    """Return how far ahead of the system's clock it runs."""
    return (clock.now() - SystemClock().now()).total_seconds()
