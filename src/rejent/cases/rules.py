"""Rules of cases: what counts as filed, in time, sought, and which decision is possible. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, timedelta
from types import MappingProxyType

from rejent.cases.errors import ApplicationRefusedError, DecisionRefusedError
from rejent.cases.views import Channel, Kind, State
from rejent.kernel.clock import local_midnight
from rejent.kernel.holidays import POLAND, HolidayTable, table
from rejent.kernel.intervals import Interval
from rejent.kernel.terms import ActDeadline, Length, deadline_to_act, term_origin, working_days_after
from rejent.office.regulation.provisions import StreamRules
from rejent.office.regulation.vocabulary import ApplicationField, LatePolicy

TRANSITIONS: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.WAITING: frozenset({State.GRANTED, State.PARTLY, State.REFUSED}),
        State.GRANTED: frozenset(),
        State.PARTLY: frozenset(),
        State.REFUSED: frozenset(),
    }
)
"""The states that may follow each; the database's triggers say the same."""

PROVISIONAL_DAYS = 10
"""Working days for which a provisional hold is meant (R-OPEN-2)."""
AROUND = timedelta(minutes=30)
"""Before and after an hour that is known about."""
MOST_DAYS = 31
"""Days in which an event may have been; who knows less asks for a browse, not for a recording."""


@dataclass(frozen=True, slots=True)
class Demands:
    """What a regulation says of one kind of application.

    Attributes:
        fields: what it must state.
        window: within how long after the event it is filed; None for any time.
        late: what becomes of later ones.
        posting_date_counts: whether the day of posting counts as the day of filing.
        written: whether it must be written.
        clause: where the regulation says so.
    """

    fields: tuple[ApplicationField, ...]
    window: Length | None
    late: LatePolicy
    posting_date_counts: bool
    written: bool
    clause: str


def demands_of(rules: StreamRules, kind: Kind) -> Demands:
    """Return what a stream's rules say of a kind of application; entitled bodies have no term."""
    asking, handing = rules.preservation, rules.handover
    if kind is Kind.PRESERVATION:
        return Demands(
            asking.fields,
            asking.window,
            asking.late,
            asking.posting_date_counts,
            asking.written,
            asking.clause,
        )
    counts = asking.posting_date_counts
    return Demands(
        handing.fields, None, LatePolicy.ACCEPTED, counts, handing.written_application, handing.clause
    )


def filed_on(channel: Channel, received_on: date, posted_on: date | None, demands: Demands) -> date:
    """Return the day that counts as the day of filing: of the postmark where that counts (Administrative Procedure art. 57 § 5)."""
    if channel is Channel.POST and posted_on is not None and demands.posting_date_counts:
        return posted_on
    return received_on


def filing_deadline(
    demands: Demands, first: date, last: date, holidays: HolidayTable = POLAND
) -> ActDeadline | None:
    """Return the deadline of filing after an event that was on one of these days; None where there is none.

    The last possible day starts the term. Raises `TermError`, or `HolidaysUnknownError` before the tables begin.
    """
    if demands.window is None:
        return None
    return deadline_to_act(term_origin(first, last), demands.window, holidays)


def recounted(demands: Demands, first: date, last: date, version: str) -> ActDeadline | None:
    """Return the same, counted by the holidays of a stored deadline."""
    return filing_deadline(demands, first, last, table(version)) if version else None


def decide_by(entered_on: date) -> date:
    """Return the last day for which the provisional hold of an application is meant."""
    return working_days_after(entered_on, PROVISIONAL_DAYS)


def sought(first: date, last: date, start: datetime | None, end: datetime | None) -> Interval:
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


def demand_days(received_on: date, posted_on: date | None, first: date, last: date, today: date) -> None:
    """Raise `ApplicationRefusedError` for days that cannot follow one another."""
    if received_on > today:
        raise ApplicationRefusedError("The day of receipt has not come yet.", part="received_on")
    if posted_on is not None and posted_on > received_on:
        raise ApplicationRefusedError("It was posted after it was received.", part="posted_on")
    if last < first:
        raise ApplicationRefusedError("The last day is before the first.", part="event_last")
    if last > (posted_on or received_on):
        raise ApplicationRefusedError(
            "The event lies after the application.", part="event_first", advice="Correct one of the days."
        )


def possible(demands: Demands, *, late: bool) -> tuple[State, ...]:
    """Return the decisions that the regulation leaves on an application."""
    if late and demands.late is LatePolicy.NOT_CONSIDERED:
        return (State.REFUSED,)
    return (State.GRANTED, State.PARTLY, State.REFUSED)


def demand_decision(
    demands: Demands,
    *,
    late: bool,
    outcome: State,
    reasons: str,
    basis: str,
    knowledge: bool | None,
    kept: int,
    holds: int,
) -> None:
    """Raise `DecisionRefusedError` for a decision that lacks something, or that the regulation does not leave.

    Args:
        demands: of the regulation the application follows.
        late: whether it was filed after its term.
        outcome: consent, consent in part, or refusal.
        reasons: as written.
        basis: as written.
        knowledge: the answer whether the recording may be evidence.
        kept: how many of its holds are to stand, of an application granted in part.
        holds: how many it has.
    """
    if outcome not in possible(demands, late=late):
        raise DecisionRefusedError(
            "The regulation does not consider late applications ({clause}).",
            part="outcome",
            clause=demands.clause,
            advice="Refuse it. If the recording may be evidence, say so, and it stays held.",
        )
    if not basis:
        raise DecisionRefusedError("A decision has a legal basis.", part="basis", advice="Enter it.")
    if outcome is not State.GRANTED and not reasons:
        raise DecisionRefusedError(
            "A refusal, also in part, has reasons.", part="reasons", advice="Enter them: at least a sentence."
        )
    if knowledge is None and (late or outcome is State.REFUSED):
        raise DecisionRefusedError(
            "Say whether the office now knows that the recording may be evidence.", part="knowledge"
        )
    if outcome is State.PARTLY and not 0 < kept < holds:
        raise DecisionRefusedError(
            "A consent in part keeps some of the holds and lifts others.",
            part="kept",
            advice="Choose which stay, or decide on the whole.",
        )


def stands_after(outcome: State, number: str, kept: frozenset[str], *, knowledge: bool | None) -> bool:
    """Return whether a hold stands after the decision."""
    return outcome is State.GRANTED or knowledge is True or (outcome is State.PARTLY and number in kept)
