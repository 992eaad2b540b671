"""Confirm or lift a provisional hold, in the transaction of the decision on its application; whoever decides signs the ledger's head.

Each function raises NoSuchHoldError where there is none of that number, HoldEndedError where it has ended or is not provisional,
and HoldRefusedError for a review that lies in the past or too far ahead.
"""

from datetime import date

from rejent.kernel.clock import Clock
from rejent.retention.acts import HOLD_RESTRICTED, HOLD_REVIEWED
from rejent.retention.errors import HoldEndedError
from rejent.retention.holds.placing import enter_ended, enter_reviewed, standing_row
from rejent.retention.models import Hold


def confirm_hold(number: str, *, review_on: date, clock: Clock, actor: str, restricted: bool = False) -> None:
    """Let a provisional hold stand until it is ended as any other; of a ``restricted`` one nobody opens what it keeps."""
    row = _provisional_row(number)
    row.provisional, row.restricted = False, restricted
    act = HOLD_RESTRICTED if restricted else HOLD_REVIEWED
    enter_reviewed(row, review_on, {"decided_in": row.case}, clock=clock, actor=actor, act=act)


def prolong_hold(number: str, *, review_on: date, clock: Clock, actor: str) -> None:
    """Let a provisional hold wait for its decision until another day."""
    row = _provisional_row(number)
    enter_reviewed(row, review_on, {"waits_for": row.case}, clock=clock, actor=actor)


def lift_hold(number: str, *, clock: Clock, actor: str) -> None:
    """End a provisional hold; what no other keeps follows its ordinary term."""
    row = _provisional_row(number)
    enter_ended(row, row.case, {"decided_in": row.case}, clock=clock, actor=actor)


def _provisional_row(number: str) -> Hold:
    row = standing_row(number)
    if not row.provisional:
        raise HoldEndedError("Hold {number} waits for no decision.", number=number)
    return row
