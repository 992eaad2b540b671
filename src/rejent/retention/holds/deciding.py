"""Confirm or lift a provisional hold, in the transaction of the decision on its application; whoever decides signs the ledger's head."""

from datetime import date

from rejent.kernel.clock import Clock, civil_date
from rejent.registers.services import enter
from rejent.retention.acts import HOLD_RESTRICTED, HOLD_REVIEWED
from rejent.retention.errors import HoldEndedError
from rejent.retention.holds.placing import demand_review, enter_ended, standing_row
from rejent.retention.models import Hold


def confirm_hold(number: str, *, review_on: date, clock: Clock, actor: str, restricted: bool = False) -> None:
    """Let a provisional hold stand until it is ended as any other; of a ``restricted`` one nobody opens what it keeps.

    Raises:
        NoSuchHoldError: there is none of that number.
        HoldEndedError: it has ended, or is not provisional.
        HoldRefusedError: the review lies in the past or too far ahead.
    """
    row, now = _provisional_row(number), clock.now()
    demand_review(row.source_id, review_on, civil_date(now))
    row.provisional, row.review_on, row.restricted = False, review_on, restricted
    row.save(update_fields=["provisional", "review_on", "restricted"])
    record = {
        "number": number,
        "source": row.source_id,
        "review_on": review_on.isoformat(),
        "decided_in": row.case,
    }
    act = HOLD_RESTRICTED if restricted else HOLD_REVIEWED
    enter(act, actor=actor, subject=f"source:{row.source_id}", record=record, at=now, row=row)


def prolong_hold(number: str, *, review_on: date, clock: Clock, actor: str) -> None:
    """Let a provisional hold wait for its decision until another day.

    Raises:
        NoSuchHoldError: there is none of that number.
        HoldEndedError: it has ended, or is not provisional.
        HoldRefusedError: the day lies in the past or too far ahead.
    """
    row, now = _provisional_row(number), clock.now()
    demand_review(row.source_id, review_on, civil_date(now))
    row.review_on = review_on
    row.save(update_fields=["review_on"])
    record = {
        "number": number,
        "source": row.source_id,
        "review_on": review_on.isoformat(),
        "waits_for": row.case,
    }
    enter(HOLD_REVIEWED, actor=actor, subject=f"source:{row.source_id}", record=record, at=now, row=row)


def lift_hold(number: str, *, clock: Clock, actor: str) -> None:
    """End a provisional hold; what no other keeps follows its ordinary term.

    Raises:
        NoSuchHoldError: there is none of that number.
        HoldEndedError: it has ended, or is not provisional.
    """
    row = _provisional_row(number)
    enter_ended(row, row.case, {"decided_in": row.case}, clock=clock, actor=actor)


def _provisional_row(number: str) -> Hold:
    row = standing_row(number)
    if not row.provisional:
        raise HoldEndedError("Hold {number} waits for no decision.", number=number)
    return row
