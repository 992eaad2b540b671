"""Hand a copy over under a disclosure that was consented to, enter its delivery, and let it live longer by a further application."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from rejent.access.errors import AccessRefusedError
from rejent.cases import queries as cases
from rejent.cases.copies import permission, rules
from rejent.cases.copies.acts import COPY_DELIVERED, COPY_HANDED_OVER, COPY_LEFT, COPY_RENEWED
from rejent.cases.copies.errors import CopyRefusedError, CopyStateError, NoSuchCopyError
from rejent.cases.copies.models import Copy, Delivery, HandOver, Receiver
from rejent.cases.copies.queries import copy_view, hand_over_view, in_commission
from rejent.cases.copies.services.making import sign
from rejent.cases.copies.stream_parts import COPIES
from rejent.cases.copies.views import CopyView, DeliveryWay, HandOverView, State
from rejent.cases.views import CaseView, Kind
from rejent.catalog import queries as catalog
from rejent.kernel.clock import Clock, FrozenClock, civil_date
from rejent.kernel.errors import NotFoundError
from rejent.kernel.intervals import Interval
from rejent.kernel.plain_text import is_of_one_script
from rejent.ledger.location import LedgerLocation
from rejent.office import queries as office
from rejent.office.regulation.provisions import Handover
from rejent.office.regulation.vocabulary import HandoverDocument
from rejent.office.views import PersonView
from rejent.registers.books.numbers import written_number
from rejent.registers.guard.rows import first_verified
from rejent.registers.services import enter, take_number
from rejent.retention.services import sign_at_once

SERIES = "hand-overs"
_MARK = "P"
LONGEST_NAME = 200
LONGEST_REMARKS = 1000


@dataclass(frozen=True, slots=True)
class Handing:
    """What is said of a hand-over.

    ``case`` is the disclosure under which; ``declared``: the recipient declares to use it only for the purposes of the application.
    """

    copy: str
    case: str
    recipient: str = field(repr=False)
    post: str = ""
    body: str = field(default="", repr=False)
    declared: bool = False
    remarks: str = ""


def handing_rules(case: CaseView) -> Handover:
    """Return the rules of handing over of the regulation that a case follows."""
    found = office.verified_version(case.version).streams.get(case.application.stream)
    return found.handover if found else Handover()


def papers_of(case: CaseView) -> tuple[HandoverDocument, ...]:
    """Return the papers of a hand-over under a case; a recorded person signs a receipt, whatever the regulation has for bodies."""
    return (
        (HandoverDocument.RECEIPT,) if rules.is_derived_alone(case) else tuple(handing_rules(case).documents)
    )


def hand_over_copy(
    handing: Handing, *, person: PersonView, clock: Clock, ledger: LedgerLocation | None
) -> HandOverView:
    """Enter that a copy is handed over, before its carrier changes hands; the papers are then signed by hand.

    Raises NoSuchCopyError, NoSuchCaseError: there is none; AccessRefusedError: it is not this person's to hand over, or somebody recorded
    had it restricted and the decision states no ground; CopyStateError: it was handed over or destroyed before, or a commission is about to
    destroy it; CopyRefusedError: the case is no disclosure consented to, or is about another recording; its life is over; the recipient is
    missing, or the declaration that the regulation's protocol has; LedgerMismatchError: a row is not as it was entered.
    """
    clock = FrozenClock(clock)
    permission.demand_duty(person, "hand-over-copy", clock)
    with transaction.atomic():
        row = locked_copy(handing.copy)
        case = cases.case(handing.case)
        _demand_handable(row, case, civil_date(clock.now()))
        restricted = permission.restricting(case, row.source_id, Interval(row.start, row.end), row.item)
        if restricted is not None:
            raise AccessRefusedError(restricted)
        handed = _hand_over_row(handing, row, case, person, clock)
        row.state = State.HANDED
        record = {
            "number": handed.number,
            "copy": row.number,
            "case": case.number,
            "documents": handed.documents,
        }
        subject, actor, now = f"copy:{row.pk.hex}", handed.by, clock.now()
        enter(COPY_HANDED_OVER, actor=actor, subject=subject, record=record, at=now, row=handed)
        enter(
            COPY_LEFT,
            actor=actor,
            subject=subject,
            record={"number": handed.number, "copy": row.number},
            at=now,
            row=row,
        )
        row.save()
    sign_at_once(ledger, clock)
    return hand_over_view(handed)


def _hand_over_row(handing: Handing, row: Copy, case: CaseView, person: PersonView, clock: Clock) -> HandOver:
    """Store a hand-over with a number of its own, and who takes the copy."""
    documents = [each.value for each in papers_of(case)]
    receiver = _receiver(handing, documents, to_body=not rules.is_derived_alone(case))
    year = civil_date(clock.now()).year
    handed = HandOver(
        number=written_number(_MARK, year, take_number(SERIES, year)),
        copy=row,
        case_id=case.number,
        documents=documents,
        declared=handing.declared,
        at=clock.now(),
        by=str(person.id),
        remarks=sign("remarks", " ".join(handing.remarks.split()), LONGEST_REMARKS),
    )
    handed.save(force_insert=True)
    taken_by = Receiver.objects.create(hand_over=handed, **receiver)
    handed.state_parts(receiver=taken_by.bound(), deliveries=[])
    return handed


def locked_copy(number: str) -> Copy:
    """Return the verified row of a copy, locked until the transaction ends. Raises NoSuchCopyError: there is none."""
    rows = Copy.objects.select_for_update(of=("self",)).filter(number=number).exclude(number="")
    return first_verified(rows, NoSuchCopyError("There is no copy {number}.", number=number))


def handable_under(copy: CopyView, case: CaseView) -> bool:
    """Return whether a copy may be handed over under a case.

    That is a disclosure consented to, of what the copy shows; or, of a copy that was derived, a recorded person's right to it
    under its own case.
    """
    if case.state not in rules.GRANTED or case.erased_at is not None:
        return False
    if rules.is_derived_alone(case):
        return bool(copy.origin) and copy.case == case.number
    if case.application.kind is not Kind.DISCLOSURE:
        return False
    held = permission.copyable(case)
    own = copy.case == case.number
    return own or permission.covering(held, copy.source_id, copy.item, copy.interval) is not None


def _demand_handable(row: Copy, case: CaseView, today: date) -> None:
    if row.state != State.KEPT:
        raise CopyStateError(
            "Copy {number} was handed over or destroyed before, perhaps in another window.", number=row.number
        )
    if row.pk in in_commission():
        raise CopyStateError("A commission is about to destroy copy {number}.", number=row.number)
    if not handable_under(copy_view(row), case):
        raise CopyRefusedError(
            "Copy {number} is handed over only under a disclosure of this recording that was consented to.",
            part="case",
            number=row.number,
            advice="Enter the body's application and have it decided on first. A recorded person gets a copy derived from it.",
        )
    if row.due_on is not None and row.due_on < today:
        raise CopyRefusedError("The life of copy {number} is over: it is to be destroyed.", number=row.number)


def _receiver(handing: Handing, documents: list[str], *, to_body: bool) -> Mapping[str, str]:
    name = sign("recipient", handing.recipient, LONGEST_NAME)
    body = sign("body", handing.body, LONGEST_NAME)
    for part, given in (("recipient", name), ("body", body)):
        if not given and part == "body" and not to_body:
            continue
        if not given:
            raise CopyRefusedError("A copy is handed to a person of a body.", part=part, advice="Enter it.")
        if not is_of_one_script(given):
            raise CopyRefusedError(
                "The name mixes letters of several scripts.", part=part, advice="Type it anew."
            )
    if HandoverDocument.PROTOCOL in documents and not handing.declared:
        raise CopyRefusedError(
            "The protocol has the recipient's declaration of use.", part="declared", advice="Ask for it."
        )
    return {"name": name, "post": sign("post", handing.post, LONGEST_NAME), "body": body}


def renew_copy(number: str, case_number: str, *, person: PersonView, clock: Clock) -> CopyView:
    """Let a copy live longer by a further application, from its old end on (X22).

    Raises NoSuchCopyError, NoSuchCaseError: there is none; AccessRefusedError: it is not this person's to enter; CopyStateError: it is
    destroyed, or a commission is about to destroy it; CopyRefusedError: the regulation renews no copies, or the application is no further
    one, was not consented to, came after the copy's end, is about another time, or changes nothing; LedgerMismatchError: a row is not as it
    was entered.
    """
    clock = FrozenClock(clock)
    permission.demand_duty(person, "renew-copy", clock)
    with transaction.atomic():
        row = locked_copy(number)
        case = cases.case(case_number)
        if row.state not in {State.KEPT, State.HANDED} or row.pk in in_commission():
            raise CopyStateError("Copy {number} is destroyed, or about to be.", number=number)
        stream = catalog.verified_stream_of(row.source_id)
        _demand_further(row, case, stream)
        if row.due_on is None or row.recorded_on is None:
            raise AssertionError(row.pk)
        before, finding = row.due_on, row.finding or rules.is_found_evidence(case)
        copies, ceiling = permission.copies_of(stream, case.version), COPIES.of(stream).ceiling
        end, row.capped = rules.renewed(copies, before, row.recorded_on, ceiling=ceiling, finding=finding)
        if end is None or end <= before:
            raise CopyRefusedError(
                "The copy may not live longer: nothing says that it may be evidence.", part="case"
            )
        row.due_on, row.finding = end, finding
        now, actor = clock.now(), str(person.id)
        row.renewals = [
            *row.renewals,
            [case.number, before.isoformat(), end.isoformat(), now.isoformat(), actor],
        ]
        record = {
            "number": number,
            "case": case.number,
            "due_before": before.isoformat(),
            "due_on": end.isoformat(),
        }
        enter(COPY_RENEWED, actor=actor, subject=f"copy:{row.pk.hex}", record=record, at=now, row=row)
        row.save()
    return copy_view(row)


def _demand_further(row: Copy, case: CaseView, stream: str) -> None:
    if not permission.copies_of(stream, case.version).renewable:
        raise CopyRefusedError("The regulation does not let copies live longer.", part="case")
    used = {row.case_id, *(kept[0] for kept in row.renewals)}
    asked = case.application.interval
    same = (
        case.application.stream == stream
        and asked is not None
        and asked.overlaps(Interval(row.start, row.end))
    )
    if case.number in used or case.state not in rules.GRANTED or not same:
        raise CopyRefusedError(
            "Only a further application about this recording, consented to, lets its copy live longer.",
            part="case",
        )
    if row.due_on is not None and case.filed_on > row.due_on:
        raise CopyRefusedError(
            "Application {case} came after the end of the copy's life.", part="case", case=case.number
        )


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

    Raises NotFoundError: there is no such hand-over; AccessRefusedError: it is not this person's to enter; CopyRefusedError: number or
    times are missing, or the times do not follow one another; LedgerMismatchError: its row is not as it was entered.
    """
    clock = FrozenClock(clock)
    permission.demand_duty(person, "hand-over-copy", clock)
    with transaction.atomic():
        rows = HandOver.objects.select_for_update(of=("self",)).filter(number=delivered.hand_over)
        absent = NotFoundError("There is no hand-over {number}.", number=delivered.hand_over)
        row = first_verified(rows, absent)
        reference = _reference(delivered)
        _demand_times(delivered, row.at, clock.now())
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


def _reference(delivered: Delivered) -> str:
    reference = sign("reference", " ".join(delivered.reference.split()), LONGEST_REFERENCE)
    if delivered.way is not DeliveryWay.IN_PERSON and not reference:
        raise CopyRefusedError(
            "A delivery has a number.",
            part="reference",
            advice="Enter that of the message or of the registered letter.",
        )
    return reference


def _demand_times(delivered: Delivered, handed_at: datetime, now: datetime) -> None:
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
            raise CopyRefusedError("This is before the hand-over was entered.", part=part)
    if (
        delivered.sent_at is not None
        and delivered.received_at is not None
        and delivered.received_at < delivered.sent_at
    ):
        raise CopyRefusedError("It cannot be received before it was sent.", part="received_on")
