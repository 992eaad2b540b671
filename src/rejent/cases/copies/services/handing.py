"""Hand a copy over, step by step as it happens: its paper is prepared, both sign it, the carrier changes hands.

What is prepared or signed can be withdrawn; what was handed over cannot.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from rejent.access.errors import AccessRefusedError
from rejent.cases import queries as cases
from rejent.cases.copies import permission, rules
from rejent.cases.copies.acts import (
    COPY_HANDED_OVER,
    COPY_LEFT,
    HAND_OVER_PREPARED,
    HAND_OVER_SIGNED,
    HAND_OVER_WITHDRAWN,
)
from rejent.cases.copies.errors import CopyRefusedError, CopyStateError, NoSuchCopyError
from rejent.cases.copies.models import Copy, HandOver, Receiver
from rejent.cases.copies.queries import copy_view, hand_over_view, in_commission
from rejent.cases.copies.services.making import sign
from rejent.cases.copies.views import CopyView, HandOverState, HandOverView, Signing, State
from rejent.cases.views import CaseView, Kind
from rejent.evidence.sealing import find_taken
from rejent.kernel.acts import Act
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
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Handing:
    """What is said of a hand-over that is prepared. ``case`` is the disclosure under which."""

    copy: str
    case: str
    recipient: str = field(repr=False)
    post: str = ""
    body: str = field(default="", repr=False)
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


def prepare_hand_over(handing: Handing, *, person: PersonView, clock: Clock) -> HandOverView:
    """Prepare a hand-over, with its number and a paper to be signed; nothing is handed over yet.

    Raises NoSuchCopyError, NoSuchCaseError: there is none; AccessRefusedError: it is not this person's to hand over, or somebody recorded
    had it restricted and the decision states no ground; CopyStateError: it was handed over or destroyed before, another hand-over of it is
    under way, or a commission is about to destroy it; CopyRefusedError: the case is no disclosure consented to, or is about another
    recording; its life is over; nothing of it was packed or written to a carrier; the recipient is missing; LedgerMismatchError: a row is
    not as it was entered.
    """
    clock = FrozenClock(clock)
    permission.require_duty(person, "hand-over-copy", clock)
    with transaction.atomic():
        row = lock_copy(handing.copy)
        case = cases.case(handing.case)
        _require_handable(row, case, civil_date(clock.now()))
        under_way = (
            row.hand_overs.exclude(state=HandOverState.WITHDRAWN).values_list("number", flat=True).first()
        )
        if under_way is not None:
            raise CopyStateError("Hand-over {number} of this copy is under way.", number=under_way)
        require_written(copy_view(row))
        handed = _make_row(handing, row, case, person, clock)
        _enter_step(
            HAND_OVER_PREPARED, handed, row, {"case": case.number, "documents": handed.documents}, clock
        )
    return hand_over_view(handed)


def require_written(copy: CopyView) -> None:
    """See that a package of a copy was made and written. Raises CopyRefusedError: it was not; the advice says what to do."""
    if not find_taken(copy.number):
        raise CopyRefusedError(
            "No evidence package of copy {number} was made: there is nothing to hand over.",
            number=copy.number,
            advice="Whoever makes copies takes the package on the page of the copy, writes it to the carrier and enters that.",
        )
    if not copy.carriers:
        raise CopyRefusedError(
            "Nobody entered to which carrier the package of copy {number} was written.",
            number=copy.number,
            advice="Whoever wrote it enters it on the page of the copy.",
        )


def _make_row(handing: Handing, row: Copy, case: CaseView, person: PersonView, clock: Clock) -> HandOver:
    """Store a hand-over with a number of its own, and who takes the copy."""
    receiver = _read_receiver(handing, to_body=not rules.is_derived_alone(case))
    year = civil_date(clock.now()).year
    handed = HandOver(
        number=written_number(_MARK, year, take_number(SERIES, year)),
        copy=row,
        case_id=case.number,
        documents=[each.value for each in papers_of(case)],
        at=clock.now(),
        by=str(person.id),
        remarks=sign("remarks", " ".join(handing.remarks.split()), LONGEST_REMARKS),
    )
    handed.save(force_insert=True)
    taken_by = Receiver.objects.create(hand_over=handed, **receiver)
    handed.state_parts(receiver=taken_by.bound(), deliveries=[])
    return handed


def sign_hand_over(
    number: str, signing: Signing, signed_on: date, *, person: PersonView, clock: Clock
) -> HandOverView:
    """Enter that the paper of a hand-over was signed, how and on which day.

    Raises NotFoundError: there is no such hand-over; AccessRefusedError: it is not this person's to enter; CopyStateError: it was signed or
    withdrawn before; CopyRefusedError: the day has not come, or is before the paper; LedgerMismatchError: a row is not as it was entered.
    """
    clock = FrozenClock(clock)
    permission.require_duty(person, "hand-over-copy", clock)
    with transaction.atomic():
        handed, row = _lock_step(number, HandOverState.PREPARED)
        if signed_on > civil_date(clock.now()):
            raise CopyRefusedError("This day has not come yet.", part="signed_on")
        if signed_on < civil_date(handed.at):
            raise CopyRefusedError("This is before the paper was prepared.", part="signed_on")
        handed.state, handed.signing, handed.signed_on = HandOverState.SIGNED, signing.value, signed_on
        handed.signed_at, handed.signed_by = clock.now(), str(person.id)
        facts = {"signing": signing.value, "signed_on": signed_on.isoformat()}
        _enter_step(HAND_OVER_SIGNED, handed, row, facts, clock)
        handed.save()
    return hand_over_view(handed)


def hand_over_copy(
    number: str, handed_at: datetime, *, person: PersonView, clock: Clock, ledger: LedgerLocation | None
) -> HandOverView:
    """Enter that a copy was handed over, once its paper is signed.

    Raises NotFoundError: there is no such hand-over; AccessRefusedError: it is not this person's to enter, or somebody recorded had it
    restricted meanwhile; CopyStateError: its paper is not signed, or it is done; CopyRefusedError: the instant has not come or is before
    the signatures, the disclosure does not stand any more, or nothing counts as written; LedgerMismatchError: a row is not as it was entered.
    """
    clock = FrozenClock(clock)
    permission.require_duty(person, "hand-over-copy", clock)
    with transaction.atomic():
        handed, row = _lock_step(number, HandOverState.SIGNED)
        _require_handable(row, cases.case(handed.case_id), civil_date(handed_at))
        require_written(copy_view(row))
        _require_instant(handed, handed_at, clock.now())
        handed.state, handed.handed_at, handed.handed_by = HandOverState.HANDED, handed_at, str(person.id)
        row.state = State.HANDED
        facts = {"case": handed.case_id, "documents": handed.documents, "handed_at": handed_at.isoformat()}
        _enter_step(COPY_HANDED_OVER, handed, row, facts, clock)
        handed.save()
        left = {"number": handed.number, "copy": row.number}
        subject, actor = f"copy:{row.pk.hex}", handed.handed_by
        enter(COPY_LEFT, actor=actor, subject=subject, record=left, at=clock.now(), row=row)
        row.save()
    sign_at_once(ledger, clock)
    return hand_over_view(handed)


def _require_instant(handed: HandOver, handed_at: datetime, now: datetime) -> None:
    """See that the carrier changed hands after the paper was signed and before now; it is known to the minute."""
    if handed_at > now:
        raise CopyRefusedError("This time has not come yet.", part="handed_on")
    if handed_at < handed.at.replace(second=0, microsecond=0) or (
        handed.signed_on is not None and civil_date(handed_at) < handed.signed_on
    ):
        raise CopyRefusedError("This is before the paper was signed.", part="handed_on")


def withdraw_hand_over(number: str, reason: str, *, person: PersonView, clock: Clock) -> HandOverView:
    """Withdraw a hand-over that is not done; its number stays, and the copy can be handed over by another.

    Raises NotFoundError: there is no such hand-over; AccessRefusedError: it is not this person's to withdraw; CopyStateError: it is done, or
    was withdrawn before; CopyRefusedError: no reason is given; LedgerMismatchError: a row is not as it was entered.
    """
    clock = FrozenClock(clock)
    permission.require_duty(person, "hand-over-copy", clock)
    with transaction.atomic():
        handed, row = _lock_step(number, HandOverState.PREPARED, HandOverState.SIGNED)
        handed.state, handed.reason = HandOverState.WITHDRAWN, require_reason(reason)
        handed.withdrawn_at, handed.withdrawn_by = clock.now(), str(person.id)
        _enter_step(HAND_OVER_WITHDRAWN, handed, row, {}, clock)
        handed.save()
    return hand_over_view(handed)


def require_reason(given: str) -> str:
    """Return a reason as it is kept. Raises CopyRefusedError: there is none, or it cannot be kept."""
    reason = sign("reason", " ".join(given.split()), LONGEST_REASON)
    if not reason:
        raise CopyRefusedError("Say why.", part="reason", advice="Give the reason.")
    return reason


def _enter_step(act: Act, handed: HandOver, row: Copy, facts: Mapping[str, object], clock: Clock) -> None:
    record = {"number": handed.number, "copy": row.number, **facts}
    actor = handed.withdrawn_by or handed.handed_by or handed.signed_by or handed.by
    enter(act, actor=actor, subject=f"copy:{row.pk.hex}", record=record, at=clock.now(), row=handed)


def lock_hand_over(number: str) -> HandOver:
    """Return the verified row of a hand-over, locked until the transaction ends. Raises NotFoundError: there is none."""
    rows = HandOver.objects.select_for_update(of=("self",)).filter(number=number)
    return first_verified(rows, NotFoundError("There is no hand-over {number}.", number=number))


def _lock_step(number: str, *states: HandOverState) -> tuple[HandOver, Copy]:
    """Return the locked rows of a hand-over in one of these states, and of its copy, which is locked first."""
    copy_number = HandOver.objects.filter(number=number).values_list("copy__number", flat=True).first()
    row = lock_copy(copy_number) if copy_number is not None else None
    handed = lock_hand_over(number)
    if row is None or handed.state not in states:
        if handed.state == HandOverState.PREPARED:
            raise CopyStateError(
                "The paper of hand-over {number} is not signed yet.",
                number=number,
                advice="Enter first that it was signed.",
            )
        raise CopyStateError(
            "This step of hand-over {number} was entered before, or it was withdrawn.", number=number
        )
    return handed, row


def lock_copy(number: str) -> Copy:
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


def _require_handable(row: Copy, case: CaseView, today: date) -> None:
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
    restricted = permission.restricting(case, row.source_id, Interval(row.start, row.end), row.item)
    if restricted is not None:
        raise AccessRefusedError(restricted)


def _read_receiver(handing: Handing, *, to_body: bool) -> Mapping[str, str]:
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
    return {"name": name, "post": sign("post", handing.post, LONGEST_NAME), "body": body}
