"""Enter how a copy that was handed over reached whoever takes it; what is learnt later is added, and changes nothing."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from rejent.cases.copies.acts import COPY_DELIVERED
from rejent.cases.copies.errors import CopyRefusedError
from rejent.cases.copies.models import Delivery, HandOver
from rejent.cases.copies.row_views import hand_over_view
from rejent.cases.copies.services.handing import demand_duty
from rejent.cases.copies.services.making import sign
from rejent.cases.copies.views import DeliveryWay, HandOverView
from rejent.kernel.clock import Clock, FrozenClock
from rejent.kernel.errors import NotFoundError
from rejent.ledger.location import LedgerLocation
from rejent.office.views import PersonView
from rejent.registers.guard.rows import verified
from rejent.registers.services import enter
from rejent.retention.services import sign_at_once

LONGEST_REFERENCE = 80


@dataclass(frozen=True, slots=True)
class Delivered:
    """What is said of a delivery. ``received_at`` is None while nobody knows of the receipt, ``sent_at`` for a delivery in person."""

    hand_over: str
    way: DeliveryWay
    reference: str = ""
    sent_at: datetime | None = None
    received_at: datetime | None = None


def enter_delivery(
    said: Delivered, *, person: PersonView, clock: Clock, ledger: LedgerLocation | None
) -> HandOverView:
    """Enter the delivery of a copy that was handed over, beside what was entered before.

    Raises NotFoundError: there is no such hand-over; AccessRefusedError: it is not this person's to enter; CopyRefusedError: number or
    times are missing, or the times do not follow one another; LedgerMismatchError: its row is not as it was entered.
    """
    clock = FrozenClock(clock)
    demand_duty(person, "hand-over-copy", clock)
    with transaction.atomic():
        row = HandOver.objects.select_for_update(of=("self",)).filter(number=said.hand_over).first()
        if row is None:
            raise NotFoundError("There is no hand-over {number}.", number=said.hand_over)
        row = verified(row)
        reference = _reference(said)
        _demand_times(said, row.at, clock.now())
        before = row.bound_parts["deliveries"]
        told = Delivery.objects.create(
            hand_over=row,
            way=said.way.value,
            reference=reference,
            sent_at=said.sent_at,
            received_at=said.received_at,
            at=clock.now(),
            by=str(person.id),
        )
        row.state_parts(deliveries=[*before, told.bound()])
        record = {"number": row.number, "copy": row.copy.number, "delivery": said.way.value}
        times = {"sent_at": said.sent_at, "received_at": said.received_at}
        record |= {name: at.isoformat() for name, at in times.items() if at is not None}
        subject = f"copy:{row.copy_id.hex}"
        enter(COPY_DELIVERED, actor=told.by, subject=subject, record=record, at=told.at, row=row)
    sign_at_once(ledger, clock)
    return hand_over_view(row)


def _reference(said: Delivered) -> str:
    reference = sign("reference", " ".join(said.reference.split()), LONGEST_REFERENCE)
    if said.way is not DeliveryWay.IN_PERSON and not reference:
        raise CopyRefusedError(
            "A delivery has a number.",
            part="reference",
            advice="Enter that of the message or of the registered letter.",
        )
    return reference


def _demand_times(said: Delivered, handed_at: datetime, now: datetime) -> None:
    """See that the times are there and follow one another; they are known to the minute."""
    if said.way is DeliveryWay.IN_PERSON and said.sent_at is not None:
        raise CopyRefusedError(
            "What is delivered in person is not sent.",
            part="sent_on",
            advice="Leave the time of sending empty.",
        )
    if said.way is DeliveryWay.IN_PERSON and said.received_at is None:
        raise CopyRefusedError("Enter when it was received.", part="received_on")
    if said.way is not DeliveryWay.IN_PERSON and said.sent_at is None:
        raise CopyRefusedError("Enter when it was sent.", part="sent_on")
    first = handed_at.replace(second=0, microsecond=0)
    for part, at in (("sent_on", said.sent_at), ("received_on", said.received_at)):
        if at is not None and at > now:
            raise CopyRefusedError("This time has not come yet.", part=part)
        if at is not None and at < first:
            raise CopyRefusedError("This is before the hand-over was entered.", part=part)
    if said.sent_at is not None and said.received_at is not None and said.received_at < said.sent_at:
        raise CopyRefusedError("It cannot be received before it was sent.", part="received_on")
