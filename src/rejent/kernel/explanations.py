"""Explanations of deadlines in four lines, as values the pages translate.

1. its end; 2. the day from which it is counted; 3. the result of the count and why it moved or not; 4. its grounds. The
holiday table's version goes with a deadline that may move.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from rejent.kernel.clock import OFFICE_ZONE, civil_date
from rejent.kernel.sentences import Fact, Sentence
from rejent.kernel.terms import ActDeadline, Length, RetentionKind, RetentionTerm, Unit


class DeadlinePurpose(StrEnum):
    """The act a deadline is for."""

    FILE_APPLICATION = "file-application"
    ANSWER_PERSON = "answer-person"
    DECIDE = "decide"


@dataclass(frozen=True, slots=True)
class Explanation:
    """A deadline in four lines; ``holidays`` is the version of the holiday table used, empty where none was needed."""

    result: tuple[Sentence, ...]
    origin: tuple[Sentence, ...]
    count: tuple[Sentence, ...]
    grounds: tuple[Sentence, ...]
    holidays: str = ""

    @property
    def lines(self) -> tuple[tuple[Sentence, ...], ...]:
        """The four lines; each is one or more sentences."""
        return (self.result, self.origin, self.count, self.grounds)


@dataclass(frozen=True, slots=True)
class Suspension:
    """A standing hold that keeps a recording, or the ``part`` of it given as clock times of the day, beyond its term."""

    number: str
    review_on: date
    part: str = ""


_ACTS = {
    DeadlinePurpose.FILE_APPLICATION: Sentence("Last day to file the application"),
    DeadlinePurpose.ANSWER_PERSON: Sentence("Last day to answer the person"),
    DeadlinePurpose.DECIDE: Sentence("Last day to decide"),
}


def explain_deadline(
    deadline: ActDeadline,
    act: DeadlinePurpose,
    now: datetime,
    *,
    clause: str = "",
    posting_date_counts: bool = False,
    zone: ZoneInfo = OFFICE_ZONE,
) -> Explanation:
    """Return a deadline to act in four lines, read at ``now``; ``clause`` is the office's own for the term."""
    grounds = [_grounds(clause)]
    if posting_date_counts:
        grounds.append(Sentence("The day of posting at a post office counts."))
    return Explanation(
        result=(
            Sentence(
                "{act}: {day}, until the end of the day.", {"act": _ACTS[act], "day": deadline.last_day}
            ),
            _left((deadline.last_day - civil_date(now, zone)).days),
        ),
        origin=(Sentence("Event: {day}.", {"day": deadline.origin}), _NOT_COUNTED),
        count=_count_lines(deadline),
        grounds=tuple(grounds),
        holidays=deadline.holidays,
    )


def explain_retention(
    term: RetentionTerm,
    now: datetime,
    *,
    holds: Sequence[Suspension] = (),
    all_held: bool = False,
) -> Explanation:
    """Return a retention limit in four lines, read at ``now``; it never moves, and a hold suspends it.

    It begins with the last day on which the recording can be used; where holds keep all that is left (``all_held``), and after
    the term, with the holds.
    """
    period: dict[str, Fact] = {"length": _length(term.rule.length), "clause": term.rule.clause}
    if term.rule.kind is RetentionKind.FIXED:
        kept = (
            Sentence("Retention: {length} ({clause}).", period)
            if term.rule.clause
            else Sentence("Retention: {length}.", period)
        )
    else:
        kept = (
            Sentence("Retention: up to {length} ({clause}).", period)
            if term.rule.clause
            else Sentence("Retention: up to {length}.", period)
        )
    day: dict[str, Fact] = {"day": term.last_usable_day}
    left = _time_left(term.readable_until - now)
    if all_held or (holds and now >= term.readable_until):
        result = (*_held(holds), Sentence("Term: through {day}, until midnight.", day), left)
    else:
        result = (Sentence("The recording exists through {day}, until midnight.", day), left, *_held(holds))
    return Explanation(
        result=result,
        origin=(Sentence("Recorded: {day}.", {"day": term.day}), _NOT_COUNTED),
        count=(kept, Sentence("This limit is not moved to a working day.")),
        grounds=(Sentence("A hold suspends destruction."),),
    )


def _held(holds: Sequence[Suspension]) -> tuple[Sentence, ...]:
    if not holds:
        return ()
    each = tuple(
        Sentence(
            "Held: {number}, {part}, until the hold is ended (review by {day})."
            if hold.part
            else "Held: {number}, until the hold is ended (review by {day}).",
            {"number": hold.number, "part": hold.part, "day": hold.review_on},
        )
        for hold in holds
    )
    return (*each, Sentence("Destroyed at once after that if the term is over by then."))


def counted_line(deadline: ActDeadline) -> Sentence:
    """Return how a deadline to act was counted, in one line: ``10.12.2026 + 14 days = 24.12.2026 (…) → Monday, 28 December 2026``."""
    facts: dict[str, Fact] = {
        "origin": f"{deadline.origin:%d.%m.%Y}",
        "length": _length(deadline.length),
        "last": deadline.last_day,
    }
    if not deadline.skipped:
        return Sentence("{origin} + {length} = {last}", facts)
    facts |= {"nominal": f"{deadline.nominal_day:%d.%m.%Y}", "reason": Sentence(deadline.skipped[0].reason)}
    return Sentence("{origin} + {length} = {nominal} ({reason}) → {last}", facts)


_NOT_COUNTED = Sentence("That day is not counted.")


def _left(days: int) -> Sentence:
    if days < 0:
        return Sentence("It ended {count} day ago.", {"count": -days}, "It ended {count} days ago.")
    if days == 0:
        return Sentence("It ends today.")
    return Sentence("{count} day left.", {"count": days}, "{count} days left.")


def _time_left(left: timedelta) -> Sentence:
    """Return what is left until an instant: whole days, on the last of them hours, in the last hour minutes."""
    if left <= timedelta():
        return _left(-(-left).days) if left <= -timedelta(days=1) else Sentence("The term is over.")
    hours, minutes = left // timedelta(hours=1), left // timedelta(minutes=1)
    if left.days:
        return _left(left.days)
    if hours:
        return Sentence("{count} hour left.", {"count": hours}, "{count} hours left.")
    return Sentence("{count} minute left.", {"count": max(1, minutes)}, "{count} minutes left.")


def _length(length: Length) -> Sentence:
    facts: dict[str, Fact] = {"count": length.count}
    match length.unit:
        case Unit.DAYS:
            return Sentence("{count} day", facts, "{count} days")
        case Unit.WEEKS:
            return Sentence("{count} week", facts, "{count} weeks")
        case Unit.MONTHS:
            return Sentence("{count} month", facts, "{count} months")


def _count_lines(deadline: ActDeadline) -> tuple[Sentence, ...]:
    counted = Sentence(
        "Term: {length}; its last day is {day}.",
        {"length": _length(deadline.length), "day": deadline.nominal_day},
    )
    free = tuple(
        Sentence("{day} is free: {reason}.", {"day": skipped.day, "reason": Sentence(skipped.reason)})
        for skipped in deadline.skipped
    )
    if not free:
        return (counted, Sentence("It is a working day, so the term does not move."))
    return (counted, *free, Sentence("So the term moves to {day}.", {"day": deadline.last_day}))


def _grounds(clause: str) -> Sentence:
    if clause:
        return Sentence(
            "Grounds: {clause}; counting: Code of Administrative Procedure art. 57.", {"clause": clause}
        )
    return Sentence("Counting: Code of Administrative Procedure art. 57.")
