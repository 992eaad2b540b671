"""The remaining life of what a viewing shows: its term, and the holds that keep it beyond."""

from collections.abc import Sequence
from datetime import date, datetime

from rejent.kernel.explanations import Explanation, Suspension, explain_retention
from rejent.kernel.intervals import Interval, merged, uncovered
from rejent.kernel.terms import RetentionTerm
from rejent.retention.queries import HoldView
from rejent.web.player.timeline import JOINED
from rejent.web.words.wording import clock_span


def lifetime(
    term: RetentionTerm, living: Sequence[Interval], holds: Sequence[HoldView], now: datetime
) -> Explanation:
    """Explain the term of a civil date in four lines, with the standing ``holds`` that keep parts of the ``living`` recordings."""
    whole = merged(living, JOINED)
    covers = [hold.interval for hold in holds]
    loose = [part for each in whole for part in uncovered(each, covers)]
    kept = [(hold, _kept(hold.interval, whole)) for hold in holds]
    suspensions = [
        _suspension(hold.number, hold.review_on, parts, whole=parts == whole) for hold, parts in kept if parts
    ]
    return explain_retention(term, now, holds=suspensions, all_held=bool(suspensions) and not loose)


def _kept(held: Interval, living: Sequence[Interval]) -> list[Interval]:
    return [part for each in living if (part := each.intersection(held)) is not None]


def _suspension(number: str, review_on: date, parts: Sequence[Interval], *, whole: bool) -> Suspension:
    """Return the hold as a suspension; of a part, with its clock times."""
    span = "" if whole else clock_span(parts[0].start, parts[-1].end)
    return Suspension(number, review_on, span)
