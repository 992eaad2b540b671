"""Enter how a copy that was handed over was delivered; what was entered is never changed, a later entry is added."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from rejent.cases.copies import permission
from rejent.cases.copies.acts import COPY_DELIVERED
from rejent.cases.copies.errors import CopyRefusedError, CopyStateError
from rejent.cases.copies.models import Delivery
from rejent.cases.copies.queries import hand_over_view
from rejent.cases.copies.services.handing import lock_hand_over
from rejent.cases.copies.services.making import sign
from rejent.cases.copies.views import DeliveryWay, HandOverState, HandOverView
from rejent.kernel.clock import Clock, FrozenClock
from rejent.ledger.location import LedgerLocation
from rejent.office.views import PersonView
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
    delivered: Delivered, *, person: PersonView, clock: Clock, ledger: LedgerLocation | None
) -> HandOverView:
    """Enter the delivery of a copy that was handed over, beside what was entered before.

    Raises NotFoundError: there is no such hand-over; AccessRefusedError: it is not this person's to enter; CopyStateError: nothing was
    handed over by it; CopyRefusedError: number or times are missing, or the times do not follow one another; LedgerMismatchError: its row
    is not as it was entered.
    """
    clock = FrozenClock(clock)
    permission.require_duty(person, "hand-over-copy", clock)
    with transaction.atomic():
        row = lock_hand_over(delivered.hand_over)
        if row.state != HandOverState.HANDED or row.handed_at is None:
            raise CopyStateError("By {number} nothing was handed over.", number=row.number)
        reference = _read_reference(delivered)
        _require_times(delivered, row.handed_at, clock.now())
        before = row.bound_parts["deliveries"]
        delivery = Delivery.objects.create(
            hand_over=row,
            way=delivered.way.value,
            reference=reference,
            sent_at=delivered.sent_at,
            received_at=delivered.received_at,
            at=clock.now(),
            by=str(person.id),
        )
        row.state_parts(deliveries=[*before, delivery.bound()])
        record = {"number": row.number, "copy": row.copy.number, "delivery": delivered.way.value}
        times = {"sent_at": delivered.sent_at, "received_at": delivered.received_at}
        record |= {name: at.isoformat() for name, at in times.items() if at is not None}
        subject = f"copy:{row.copy_id.hex}"
        enter(COPY_DELIVERED, actor=delivery.by, subject=subject, record=record, at=delivery.at, row=row)
    sign_at_once(ledger, clock)
    return hand_over_view(row)


def _read_reference(delivered: Delivered) -> str:
    reference = sign("reference", " ".join(delivered.reference.split()), LONGEST_REFERENCE)
    if delivered.way is not DeliveryWay.IN_PERSON and not reference:
        raise CopyRefusedError(
            "A delivery has a number.",
            part="reference",
            advice="Enter that of the message or of the registered letter.",
        )
    return reference


def _require_times(delivered: Delivered, handed_at: datetime, now: datetime) -> None:
    """See that the times are there and follow one another; they are known to the minute."""
    if delivered.way is DeliveryWay.IN_PERSON and delivered.sent_at is not None:
        raise CopyRefusedError(
            "What is delivered in person is not sent.",
            part="sent_on",
            advice="Leave the time of sending empty.",
        )
    if delivered.way is DeliveryWay.IN_PERSON and delivered.received_at is None:
        raise CopyRefusedError("Enter when it was received.", part="received_on")
    if delivered.way is not DeliveryWay.IN_PERSON and delivered.sent_at is None:
        raise CopyRefusedError("Enter when it was sent.", part="sent_on")
    first = handed_at.replace(second=0, microsecond=0)
    for part, at in (("sent_on", delivered.sent_at), ("received_on", delivered.received_at)):
        if at is not None and at > now:
            raise CopyRefusedError("This time has not come yet.", part=part)
        if at is not None and at < first:
            raise CopyRefusedError("This is before the hand-over.", part=part)
    if (
        delivered.sent_at is not None
        and delivered.received_at is not None
        and delivered.received_at < delivered.sent_at
    ):
        raise CopyRefusedError("It cannot be received before it was sent.", part="received_on")
