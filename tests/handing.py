"""A copy on its way out, step by step, for tests: its package left, was written, its paper signed, the carrier handed over."""

from typing import Any

from django.db import transaction

from rejent.cases.copies import queries
from rejent.cases.copies.services import (
    Handing,
    Written,
    enter_writing,
    hand_over_copy,
    prepare_hand_over,
    sign_hand_over,
)
from rejent.cases.copies.views import CopyView, HandOverView, Medium, Signing
from rejent.evidence.acts import EVIDENCE_TAKEN
from rejent.kernel.clock import Clock, civil_date
from rejent.office.views import PersonView
from rejent.registers.services import enter


def write_copy(copy: str, *, maker: PersonView, clock: Clock, code: str = "", **changed: Any) -> CopyView:
    """Enter that a package of a copy left for the office's carrier, and was written to it."""
    record = {"number": copy, "case": "", **({"code": code} if code else {})}
    with transaction.atomic():
        package = enter(
            EVIDENCE_TAKEN, actor=str(maker.id), subject=f"package:{copy}", record=record, at=clock.now()
        )
    given: dict[str, Any] = {"medium": Medium.DVD, "sign": "SN 7", "bag": "B-12", "place": "sejf"}
    return enter_writing(Written(copy, package, **(given | changed)), person=maker, clock=clock)


def sign_over(handing: Handing, *, maker: PersonView, giver: PersonView, clock: Clock) -> HandOverView:
    """Prepare the hand-over of a copy, written if it is not yet, and enter that both signed on paper."""
    if not queries.copy(handing.copy).carriers:
        write_copy(handing.copy, maker=maker, clock=clock)
    prepared = prepare_hand_over(handing, person=giver, clock=clock)
    return sign_hand_over(prepared.number, Signing.PAPER, civil_date(clock.now()), person=giver, clock=clock)


def hand_over(handing: Handing, *, maker: PersonView, giver: PersonView, clock: Clock) -> HandOverView:
    """Hand a copy over, from its package on."""
    signed = sign_over(handing, maker=maker, giver=giver, clock=clock)
    return hand_over_copy(signed.number, clock.now(), person=giver, clock=clock, ledger=None)
