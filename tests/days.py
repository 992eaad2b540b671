"""Days as an office counts them, asked for when they are needed: a run may go on past midnight."""

from datetime import date

from rejent.kernel.clock import SystemClock, civil_date


def today() -> date:
    """Return the civil date of now."""
    return civil_date(SystemClock().now())
