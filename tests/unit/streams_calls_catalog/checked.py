"""What fsck finds of lines and calls; for tests."""

from datetime import datetime

from rejent.registers.guard.checks import guarded_rows
from rejent.streams.calls.catalog.checks import numbers_of_calls, numbers_of_notices, turns_of_calls
from tests.unit.catalog.conftest import START


def codes(now: datetime = START) -> list[str]:
    """Return the kinds of what is found at an instant, in order."""
    found = [*guarded_rows("calls"), *numbers_of_calls(), *turns_of_calls(), *numbers_of_notices(now)]
    return sorted(each.code for each in found)
