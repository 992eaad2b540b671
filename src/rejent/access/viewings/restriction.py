"""Recordings of which somebody recorded had the processing restricted: nobody opens them (GDPR art. 18)."""

from datetime import datetime

from rejent.access.rules.decision import Decision, Rule
from rejent.kernel.intervals import Interval, uncovered
from rejent.retention.holds.standing import restricted_over


def restriction(source_id: str, start: datetime, end: datetime, item: str = "") -> Decision | None:
    """Return the refusal of a recording, or of one item, that reaches into what is restricted; None where none does."""
    found = restricted_over(source_id, Interval(start, end), item)
    return _refusal(found[0].number) if found else None


def whole_restriction(source_id: str, start: datetime, end: datetime, item: str = "") -> Decision | None:
    """Return the refusal of a viewing of which nothing could be opened, since all of it is restricted; None where something could."""
    found = restricted_over(source_id, Interval(start, end), item)
    if found and not uncovered(Interval(start, end), (each.time_of(item or None) for each in found)):
        return _refusal(found[0].number)
    return None


def _refusal(hold: str) -> Decision:
    return Decision(
        False,
        Rule.RESTRICTED,
        "Somebody recorded had the use of this recording restricted (GDPR art. 18): nobody opens it. Hold: {hold}.",
        facts={"hold": hold},
        advice="Open the time before or after it. Only the head of the office ends the restriction, with the hold.",
    )
