"""Destroy copies by an appointed commission: confirmed by each member, carried out by their keys.

The last confirmation is the point of no return; what comes after can be repeated, and a keeper finishes what a killed program left.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from django.db import transaction

from rejent.cases.copies import rules
from rejent.cases.copies.acts import (
    COMMISSION_CONFIRMED,
    COMMISSION_DONE,
    COPY_DESTROYED,
    COPY_DYING,
)
from rejent.cases.copies.errors import CopyRefusedError, CopyStateError, NoSuchCommissionError
from rejent.cases.copies.models import Commission, CommissionItem, Confirmation, Copy, Writing
from rejent.cases.copies.queries import commission_view
from rejent.cases.copies.services.appointing import (
    LONGEST_NOTE,
    lock_commission,
    require_distinct,
    require_ending,
    verify_member,
)
from rejent.cases.copies.services.handing import lock_copy
from rejent.cases.copies.services.making import KEY_KIND, clear_folder, sign
from rejent.cases.copies.views import (
    CommissionState,
    CommissionView,
    Medium,
    State,
)
from rejent.kernel.acts import Act
from rejent.kernel.clock import Clock, FrozenClock
from rejent.ledger.location import LedgerLocation
from rejent.office.views import PersonView
from rejent.registers.guard.model import thing_of
from rejent.registers.guard.rows import first_verified, matching, mismatch, verified
from rejent.registers.queries import entered_on
from rejent.registers.services import PendingEntry, enter, enter_many
from rejent.retention.rounds.round import Keeping
from rejent.retention.services import sign_at_once

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a member saw of a carrier: the sign that they read off it, and how it was destroyed."""

    sign: str
    how: str


def confirm_destruction(
    number: str,
    seen: Mapping[int, Seen],
    *,
    person: PersonView,
    keeping: Keeping,
    ledger: LedgerLocation | None,
) -> CommissionView:
    """Enter a member's word that the copies' carriers were destroyed before their eyes; with the last one, the copies go.

    ``seen`` says of each carrier that the office has what was read off it and how it was destroyed, by the key of its writing; what an
    earlier member noted stands. Raises NoSuchCommissionError: there is none; CopyStateError: the person confirmed before, is no member, or
    the commission is not at work; CopyRefusedError: the last day of a copy has not come, a carrier is not the one that was recorded, how it
    was destroyed is not stated, or the members may be one human; LedgerMismatchError: a row is not as it was entered.
    """
    clock = FrozenClock(keeping.clock)
    with transaction.atomic():
        row = lock_commission(number)
        _require_member(row, person, clock)
        items = list(row.items.select_related("copy").order_by("pk"))
        if [each.bound() for each in items] != row.bound_parts["copies"]:
            raise mismatch(thing_of(row))
        copies = [lock_copy(each.copy.number) for each in items]
        require_ending(copies, clock, timedelta())
        require_distinct([verify_member(UUID(each), clock) for each in row.members], copies)
        _note(items, {each.pk: each for each in copies}, seen)
        word = Confirmation.objects.create(commission=row, person=str(person.id), at=clock.now())
        confirmed = [*row.bound_parts["confirmed"], word.bound()]
        row.state_parts(copies=[each.bound() for each in items], confirmed=confirmed)
        last = _is_last(row, person)
        if last:
            row.state = CommissionState.CONFIRMED
            _doom(row, copies, clock)
        record = {"number": number, "last": last}
        subject, actor = f"commission:{number}", str(person.id)
        enter(COMMISSION_CONFIRMED, actor=actor, subject=subject, record=record, at=clock.now(), row=row)
        row.save()
    sign_at_once(ledger, clock)
    if last:
        _destroy(number, keeping)
        sign_at_once(ledger, clock)
    return commission_view(Commission.objects.get(number=number))


def confirmed_by(number: str) -> set[str]:
    """Return who confirmed, by the acts that the program entered: a row of the database confirms nothing."""
    acts = entered_on(f"commission:{number}", [COMMISSION_CONFIRMED.name], committed_only=True)
    return {act.actor for act in acts if act.facts is not None or act.erased}


def _is_last(row: Commission, person: PersonView) -> bool:
    """Return whether a member's word, kept a moment ago, completes those of all.

    Raises LedgerMismatchError: the rows hold another word than the acts and this one.
    """
    given = confirmed_by(row.number) | {str(person.id)}
    if {name for name, _ in row.bound_parts["confirmed"]} != given:
        raise mismatch(thing_of(row))
    return given >= set(row.members)


def _require_member(row: Commission, person: PersonView, clock: Clock) -> None:
    verify_member(person.id, clock)
    done = any(name == str(person.id) for name, _ in row.bound_parts["confirmed"])
    if row.state != CommissionState.APPOINTED or done or str(person.id) not in row.members:
        raise CopyStateError(
            "Commission {number} waits for no confirmation of this person.", number=row.number
        )


def _note(items: Sequence[CommissionItem], copies: Mapping[UUID, Copy], seen: Mapping[int, Seen]) -> None:
    """Keep what is noted of each carrier, of those that the office has; where somebody noted it before, that stands."""
    for item in items:
        copy = copies[item.copy_id]
        if not item.note:
            item.note = "; ".join(_describe_carriers(copy, seen))
    CommissionItem.objects.bulk_update(items, ["note"])


def _describe_carriers(copy: Copy, seen: Mapping[int, Seen]) -> Iterator[str]:
    for carrier in carriers_at_hand(copy):
        said = seen.get(carrier.pk, Seen("", ""))
        how = sign(f"how-{carrier.pk}", " ".join(said.how.split()), LONGEST_NOTE)
        if not how:
            raise CopyRefusedError(
                "Say how the carrier of copy {number} was destroyed.",
                part=f"how-{carrier.pk}",
                number=copy.number,
            )
        if not rules.is_same_sign(said.sign, carrier.sign):
            raise CopyRefusedError(
                "The carrier of copy {number} that was recorded bears another sign.",
                part=f"sign-{carrier.pk}",
                number=copy.number,
                advice="Look for the right carrier, or let whoever wrote it correct the entry on the page of the copy.",
            )
        yield f"{carrier.sign}: {how}"


def require_carriers(number: str, seen: Mapping[int, Seen]) -> None:
    """See that what was said of a commission's carriers fits what was recorded, before anybody is asked to confirm.

    Raises NoSuchCommissionError: there is none; CopyRefusedError: as `confirm_destruction`; LedgerMismatchError: a row is not as it was entered.
    """
    row = first_verified(
        Commission.objects.filter(number=number),
        NoSuchCommissionError("There is no commission {number}.", number=number),
    )
    for item in row.items.select_related("copy").order_by("pk"):
        if not item.note:
            list(_describe_carriers(verified(item.copy), seen))


def carriers_at_hand(copy: Copy) -> list[Writing]:
    """Return the carriers of a copy that the office has: those that count as written, until it is handed over."""
    if copy.state != State.KEPT:
        return []
    written = copy.writings_in_order()
    return [each for each in written if each.withdrawn_at is None and each.medium != Medium.MESSAGE]


def _doom(row: Commission, copies: Sequence[Copy], clock: Clock) -> None:
    for copy in copies:
        copy.state, copy.commission_id = State.DYING, row.number
    enter_many([_entry(COPY_DYING, copy, row.number, {}, clock) for copy in copies])
    for copy in copies:
        copy.save()


def _entry(act: Act, copy: Copy, commission: str, facts: Mapping[str, object], clock: Clock) -> PendingEntry:
    record = {"number": copy.number, "commission": commission, **facts}
    return PendingEntry(act, "", f"copy:{copy.pk.hex}", record, clock.now(), copy)


def finish_destructions(keeping: Keeping) -> list[str]:
    """Carry out what every member confirmed and a killed program left; return a line for each that failed.

    Keys that are dead by the ledger die again where an older folder of keys was put back.
    """
    failed = list[str]()
    _destroy_again(keeping)
    confirmed = Commission.objects.filter(state=CommissionState.CONFIRMED).order_by("pk")
    for number in list(confirmed.values_list("number", flat=True)):
        try:
            _destroy(number, keeping)
        except Exception as error:
            log.exception("copies.not-destroyed", commission=number)
            failed.append(f"commission {number}: {error}")
    return failed


def _destroy_again(keeping: Keeping) -> None:
    keys = keeping.living_keys(KEY_KIND)
    if not keys:
        return
    gone = Copy.objects.filter(pk__in=list(keys), state=State.DESTROYED).order_by("pk")
    for row in matching(gone):
        keeping.keys.destroy([keys[row.pk.hex]])
        clear_folder(keeping, row.pk)


def _destroy(number: str, keeping: Keeping) -> None:
    """Let the keys of a commission's copies die, remove their objects, and enter that they are gone."""
    row = verified(Commission.objects.get(number=number))
    if row.state != CommissionState.CONFIRMED:
        return
    if not confirmed_by(number) >= set(row.members):
        raise mismatch(thing_of(row))
    dying = [verified(each) for each in Copy.objects.filter(commission=row, state=State.DYING).order_by("pk")]
    keeping.require_store()
    living = keeping.living_keys(KEY_KIND)
    keys = {copy.pk: living.get(copy.pk.hex) for copy in dying}
    keeping.keys.destroy([key for key in keys.values() if key is not None])
    for copy in dying:
        clear_folder(keeping, copy.pk)
    with transaction.atomic():
        row, now = lock_commission(number), keeping.clock.now()
        if row.state != CommissionState.CONFIRMED:
            return
        for copy in dying:
            copy.state, copy.destroyed_at = State.DESTROYED, now
        facts = {
            copy.pk: {"recipient": copy.recipient, "digest": copy.digest, "key": keys[copy.pk] or ""}
            for copy in dying
        }
        enter_many([_entry(COPY_DESTROYED, copy, number, facts[copy.pk], keeping.clock) for copy in dying])
        for copy in dying:
            copy.save()
        row.state, row.done_at = CommissionState.DONE, now
        record = {"number": number, "count": len(dying), "copies": [copy.number for copy in dying]}
        enter(COMMISSION_DONE, actor="", subject=f"commission:{number}", record=record, at=now, row=row)
        row.save()
