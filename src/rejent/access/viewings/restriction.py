"""Recordings that nobody opens: somebody recorded had their processing restricted, or erased (GDPR art. 7(3), 17, 18, 21)."""

from datetime import datetime

from rejent.access.rules.decision import Decision, Rule
from rejent.kernel.intervals import Interval, uncovered
from rejent.retention.destruction.early import blocking
from rejent.retention.holds.standing import restricted_over


def restriction(source_id: str, start: datetime, end: datetime, item: str = "") -> Decision | None:
    """Return the refusal of a recording, or of one item, that reaches into what is restricted; None where none does."""
    found = restricted_over(source_id, Interval(start, end), item)
    if found:
        return _refusal(found[0].number)
    erased = blocking(source_id, Interval(start, end), item)
    return _erased(erased[0].number) if erased else None


def whole_restriction(source_id: str, start: datetime, end: datetime, item: str = "") -> Decision | None:
    """Return the refusal of a viewing of which nothing could be opened, since all of it is restricted; None where something could."""
    whole = Interval(start, end)
    found, erased = restricted_over(source_id, whole, item), blocking(source_id, whole, item)
    closed = [
        *(each.time_of(item or None) for each in found),
        *(Interval(each.start, each.end) for each in erased),
    ]
    if not closed or uncovered(whole, closed):
        return None
    return _refusal(found[0].number) if found else _erased(erased[0].number)


def _refusal(hold: str) -> Decision:
    return Decision(
        False,
        Rule.RESTRICTED,
        "Somebody recorded had the use of this recording restricted (GDPR art. 18): nobody opens it. Hold: {hold}.",
        facts={"hold": hold},
        advice="Open the time before or after it. Only the head of the office ends the restriction, with the hold.",
    )


def _erased(number: str) -> Decision:
    return Decision(
        False,
        Rule.RESTRICTED,
        "Somebody recorded withdrew their consent to this recording, or its erasure was granted: nobody opens it. Erasure: {erasure}.",
        facts={"erasure": number},
        advice="Open the time before or after it. The decision on the application says what becomes of it.",
    )
