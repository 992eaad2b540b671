"""Rules of cases: what counts as filed, in time, sought, and which decision is possible. Pure."""

from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, timedelta

from rejent.cases.errors import ApplicationRefusedError, DecisionRefusedError
from rejent.cases.kinds import KINDS, UNPROVEN, Demands, rules_of_right
from rejent.cases.views import Channel, Kind, State
from rejent.kernel.clock import local_midnight
from rejent.kernel.holidays import POLAND, HolidayTable
from rejent.kernel.intervals import Interval
from rejent.kernel.terms import ActDeadline, deadline_to_act, term_origin, working_days_after
from rejent.office.regulation.vocabulary import LatePolicy

PROVISIONAL_DAYS = 10
"""Working days for which a provisional hold is meant (R-OPEN-2)."""
AROUND = timedelta(minutes=30)
"""Before and after an hour that is known about."""
MOST_DAYS = 31
"""Days in which an event may have been; who knows less asks for a browse, not for a recording."""


def filed_on(channel: Channel, received_on: date, posted_on: date | None, demands: Demands) -> date:
    """Return the day that counts as the day of filing: of the postmark where that counts (Administrative Procedure art. 57 § 5)."""
    if channel is Channel.POST and posted_on is not None and demands.posting_date_counts:
        return posted_on
    return received_on


def filing_deadline(
    demands: Demands, first: date | None, last: date | None, holidays: HolidayTable = POLAND
) -> ActDeadline | None:
    """Return the deadline of filing after an event that was on one of these days; None where there is none.

    The last possible day starts the term. Raises `TermError`, or `HolidaysUnknownError` before the tables begin.
    """
    if demands.window is None or first is None or last is None:
        return None
    return deadline_to_act(term_origin(first, last), demands.window, holidays)


def answer_deadline(
    kind: Kind, received_on: date, holidays: HolidayTable = POLAND, *, prolonged: bool = False
) -> ActDeadline | None:
    """Return the deadline of the answer to an application; None where the law sets no term for its kind.

    A term that was put off is counted anew from the receipt, not from its former end (`kernel.terms`, T6).
    """
    term = KINDS[kind].at_most if prolonged else KINDS[kind].answer_within
    return deadline_to_act(received_on, term, holidays) if term is not None else None


def decide_by(kind: Kind, received_on: date, entered_on: date) -> date:
    """Return the last day to decide: of the answer where the law sets its term, else the last one of the provisional hold.

    The ten working days count from the entry, with which the hold begins, and not from the receipt: they are the office's own (R-OPEN-2).
    Neither a statute nor the five regulations set a term of decision; Pleszew § 6 sec. 4 sets one of filing, „w terminie do 14 dni licząc
    od dnia, w którym zdarzenie mogło zostać zarejestrowane”. What is entered late, its term being over already, is to be decided today.
    """
    answer = answer_deadline(kind, received_on)
    if answer is None:
        return working_days_after(entered_on, PROVISIONAL_DAYS)
    return max(answer.last_day, entered_on)


def requested_interval(first: date, last: date, start: datetime | None, end: datetime | None) -> Interval:
    """Return the time that is asked for: as stated; around the one hour that is known; else the whole days.

    Raises `ApplicationRefusedError` if it is empty or longer than a month.
    """
    if last.year >= MAXYEAR:
        raise ApplicationRefusedError("There is no such day.", part="event_last")
    if start is None:
        whole = Interval(local_midnight(first), local_midnight(last + timedelta(days=1)))
    elif end is None and first == last:
        whole = Interval(start - AROUND, start + AROUND)
    else:
        end = end or local_midnight(last + timedelta(days=1))
        if end <= start:
            raise ApplicationRefusedError(
                "The time “to” is not later than “from”.", part="end", advice="Correct one of them."
            )
        whole = Interval(start, end)
    if whole.length > timedelta(days=MOST_DAYS, hours=1):
        raise ApplicationRefusedError(
            "An application covers {most} days at most.",
            part="event_last",
            most=MOST_DAYS,
            advice="Ask the applicant when it was.",
        )
    return whole


def require_days(
    received_on: date, posted_on: date | None, first: date | None, last: date | None, today: date
) -> None:
    """Raise `ApplicationRefusedError` for days that cannot follow one another."""
    if received_on > today:
        raise ApplicationRefusedError("The day of receipt has not come yet.", part="received_on")
    if posted_on is not None and posted_on > received_on:
        raise ApplicationRefusedError("It was posted after it was received.", part="posted_on")
    if first is None or last is None:
        return
    if last < first:
        raise ApplicationRefusedError("The last day is before the first.", part="event_last")
    if last > (posted_on or received_on):
        raise ApplicationRefusedError(
            "The event lies after the application.", part="event_first", advice="Correct one of the days."
        )


def possible(demands: Demands, *, late: bool, withdrawn: bool = False) -> tuple[State, ...]:
    """Return the decisions that are left on an application; one that was withdrawn is only closed."""
    if withdrawn:
        return (State.WITHDRAWN,)
    if late and demands.late is LatePolicy.NOT_CONSIDERED:
        return (State.REFUSED,)
    return demands.outcomes


@dataclass(frozen=True, slots=True)
class Deciding:
    """A decision as it is about to be entered, with what it depends on.

    ``number``: of the application; ``kept``: how many of the holds are to stand, of a consent in part; ``erases``: any recording is asked to be erased; ``knowledge``: it
    may be evidence.
    """

    demands: Demands
    kind: Kind
    number: str
    late: bool
    withdrawn: bool
    right: str
    identity: str
    holds: int
    erases: bool
    outcome: State
    reasons: str
    basis: str
    knowledge: bool | None
    kept: int


def require_decision(given: Deciding) -> None:
    """Raise `DecisionRefusedError` for a decision that lacks something, or that is not left."""
    _require_outcome(given)
    if given.outcome is not State.WITHDRAWN:
        _require_grounds(given)
    erased = given.outcome in {State.GRANTED, State.PARTLY} and given.erases
    if erased and given.knowledge is True:
        raise DecisionRefusedError(
            "What may be evidence is not erased (GDPR art. 17(3)(e)).",
            part="knowledge",
            advice="Refuse it, and place a hold, or say that it is no evidence.",
        )
    if given.knowledge is None and (erased or asks_evidence(given.kind, given.outcome, late=given.late)):
        raise DecisionRefusedError(
            "Say whether the office now knows that the recording may be evidence.", part="knowledge"
        )
    if given.outcome is State.PARTLY and not 0 < given.kept < given.holds:
        raise DecisionRefusedError(
            "A consent in part keeps some of the holds and lifts others.",
            part="kept",
            advice="Choose which stay, or decide on the whole.",
        )


def asks_evidence(kind: Kind, outcome: State, *, late: bool) -> bool:
    """Return whether a decision needs the answer if the recording may be evidence (Labour Code art. 22² § 4)."""
    return KINDS[kind].recordings and (late or outcome in {State.REFUSED, State.WITHDRAWN})


def _require_outcome(given: Deciding) -> None:
    if given.outcome in possible(given.demands, late=given.late, withdrawn=given.withdrawn):
        return
    if given.withdrawn:
        raise DecisionRefusedError(
            "The applicant has withdrawn the application.",
            part="outcome",
            advice="Say whether the recording may be evidence; the case ends by it.",
        )
    if given.late and given.demands.late is LatePolicy.NOT_CONSIDERED:
        raise DecisionRefusedError(
            "The regulation does not consider late applications ({clause}).",
            part="outcome",
            clause=given.demands.clause,
            advice="Refuse it. If the recording may be evidence, say so, and it stays held.",
        )
    if not given.demands.refused_since:
        raise DecisionRefusedError("This is no decision.", part="outcome", advice="Choose one.")
    raise DecisionRefusedError(
        given.demands.refused_since, part="outcome", clause=given.demands.clause, advice="Refuse it."
    )


def _require_grounds(given: Deciding) -> None:
    if not given.basis:
        raise DecisionRefusedError("A decision has a legal basis.", part="basis", advice="Enter it.")
    if given.basis.casefold() == given.number.casefold():
        raise DecisionRefusedError(
            "The legal basis repeats the number of the application.",
            part="basis",
            advice="State the provision.",
        )
    if given.outcome is not State.GRANTED and not given.reasons:
        raise DecisionRefusedError(
            "A refusal, also in part, has reasons.", part="reasons", advice="Enter them: at least a sentence."
        )
    if given.right and given.outcome is not State.REFUSED and given.identity in UNPROVEN:
        raise DecisionRefusedError(
            "The applicant's identity was not checked.",
            part="outcome",
            advice="Ask them to show it (GDPR art. 12(6)), and correct the application.",
        )


def require_prolongable(kind: Kind, by: date, today: date, *, prolonged: bool, reasons: str) -> None:
    """Raise `DecisionRefusedError` where the answer cannot be put off: the kind has no such rule, once was enough, or it is too late."""
    if KINDS[kind].at_most is None:
        raise DecisionRefusedError("The law does not let the answer to this application be put off.")
    if prolonged:
        raise DecisionRefusedError(
            "The answer was put off before.", advice="Decide by the day that was told."
        )
    if today > by:
        raise DecisionRefusedError(
            "The term ended on {day}: it cannot be prolonged any more.",
            day=by.isoformat(),
            advice="Decide at once.",
        )
    if not reasons:
        raise DecisionRefusedError(
            "An answer is put off with reasons (GDPR art. 12(3)).", part="reasons", advice="Enter them."
        )


def stands_after(outcome: State, number: str, kept: frozenset[str], *, knowledge: bool | None) -> bool:
    """Return whether a hold stands after the decision."""
    return outcome is State.GRANTED or knowledge is True or (outcome is State.PARTLY and number in kept)


def erased_after(outcome: State, number: str, chosen: frozenset[str]) -> bool:
    """Return whether a recording that is asked to be erased goes after the decision."""
    return outcome is State.GRANTED or (outcome is State.PARTLY and number in chosen)


def restricted_after(outcome: State, right: str) -> bool:
    """Return whether nobody opens what stays held after the decision (GDPR art. 18)."""
    return outcome in {State.GRANTED, State.PARTLY} and rules_of_right(right).restricts
