"""Recordings of which somebody recorded had the processing restricted: nobody opens them (GDPR art. 18)."""

from datetime import datetime, timedelta

from rejent.access.rules.decision import Decision, Rule
from rejent.kernel.intervals import Interval
from rejent.retention.holds.standing import restricted_over

LEAD = timedelta(minutes=1)
"""A piece may begin with the key picture before it."""


def restriction(source_id: str, start: datetime, end: datetime, item: str = "") -> Decision | None:
    """Return the refusal of a viewing of an interval, or of one item, that reaches into what is restricted; None where none does."""
    for hold in restricted_over(source_id, Interval(start - LEAD, end), item):
        return Decision(
            False,
            Rule.RESTRICTED,
            "Somebody recorded had the use of this recording restricted (GDPR art. 18): nobody opens it. Hold: {hold}.",
            facts={"hold": hold.number},
            advice="Open the time before or after it. Only the head of the office ends the restriction, with the hold.",
        )
    return None
