"""Appoint the commission that destroys copies, and dissolve it before all its members have confirmed."""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from itertools import combinations
from uuid import UUID

from django.db import transaction

from rejent.cases.copies import permission, rules
from rejent.cases.copies.acts import (
    COMMISSION_APPOINTED,
    COMMISSION_DISSOLVED,
)
from rejent.cases.copies.errors import CopyRefusedError, CopyStateError, NoSuchCommissionError
from rejent.cases.copies.models import Commission, CommissionItem, Copy
from rejent.cases.copies.queries import LIVING, commission_view, in_commission
from rejent.cases.copies.services.handing import lock_copy
from rejent.cases.copies.services.making import sign
from rejent.cases.copies.views import (
    CommissionState,
    CommissionView,
    HandOverState,
)
from rejent.cases.queries import is_namesake
from rejent.catalog import queries as catalog
from rejent.kernel.clock import Clock, FrozenClock, civil_date
from rejent.office import queries as office
from rejent.office.people import standing
from rejent.office.people.duplicate_persons import shared
from rejent.office.sign_in.own_sign_in import SignIn
from rejent.office.views import PersonView
from rejent.registers.books.numbers import written_number
from rejent.registers.guard.rows import first_verified
from rejent.registers.services import enter, take_number

SERIES = "commissions"
_MARK = "B"
AHEAD = timedelta(days=14)
"""Before a copy's last day, from which on a commission may be appointed for it."""
MOST_MEMBERS = 9
LONGEST_NOTE = 500


def appoint_commission(
    numbers: Collection[str], members: Collection[UUID], *, person: PersonView, clock: Clock
) -> CommissionView:
    """Appoint people to destroy copies.

    Raises AccessRefusedError: it is not this person's to appoint; NoSuchCopyError: there is no such copy; CopyStateError: a copy is
    destroyed, another commission's, or being handed over; CopyRefusedError: no copy is chosen, the life of one is not about to end; too few people, two that
    may be one, the maker of a copy, or somebody who does not belong to the office; LedgerMismatchError: a row is not as it was entered.
    """
    clock = FrozenClock(clock)
    now, actor = clock.now(), str(person.id)
    with transaction.atomic():
        rows, people, counts = _lock_appointable(numbers, members, person, clock)
        place = standing.place_taken(actor, clock=clock)
        year = civil_date(now).year
        row = Commission(
            number=written_number(_MARK, year, take_number(SERIES, year)),
            members=[str(each.id) for each in people],
            maker_counts=counts,
            appointed_at=now,
            appointed_by=actor,
            in_place_of=str(place.get("in_place_of", "")),
        )
        row.save(force_insert=True)
        CommissionItem.objects.bulk_create(CommissionItem(commission=row, copy=each) for each in rows)
        row.state_parts(copies=[[each.pk, ""] for each in rows], confirmed=[])
        record = {
            "number": row.number,
            "count": len(rows),
            "copies": [each.number for each in rows],
            "members": row.members,
            **place,
        }
        enter(
            COMMISSION_APPOINTED,
            actor=actor,
            subject=f"commission:{row.number}",
            record=record,
            at=now,
            row=row,
        )
    return commission_view(row)


def require_appointable(
    numbers: Collection[str], members: Collection[UUID], *, person: PersonView, clock: Clock
) -> None:
    """See that a commission can be appointed, before anybody is asked to confirm it. Raises as `appoint_commission` does."""
    with transaction.atomic():
        _lock_appointable(numbers, members, person, FrozenClock(clock))


def _lock_appointable(
    numbers: Collection[str], members: Collection[UUID], person: PersonView, clock: Clock
) -> tuple[list[Copy], list[PersonView], bool]:
    """Return the locked copies and the members of a commission that can be appointed, and whether makers count."""
    permission.require_duty(person, "appoint-commission", clock)
    rows = [lock_copy(number) for number in sorted(set(numbers))]
    if not rows:
        raise CopyRefusedError("No copy is chosen.", part="copies", advice="Choose what is to be destroyed.")
    require_ending(rows, clock, AHEAD)
    people = [verify_member(each, clock) for each in sorted(set(members))]
    return rows, people, require_distinct(people, rows)


def require_ending(rows: Iterable[Copy], clock: Clock, ahead: timedelta) -> None:
    """See that each copy is there, and that its last day has come, or comes so soon."""
    until = civil_date(clock.now()) + ahead
    taken = in_commission() if ahead else set()
    for row in rows:
        if row.state not in LIVING or row.pk in taken:
            raise CopyStateError("Copy {number} is destroyed, or another commission's.", number=row.number)
        if row.due_on is None or row.due_on > until:
            raise CopyRefusedError(
                "Copy {number} is kept until {day}; nothing destroys it before.",
                part="copies",
                number=row.number,
                day=row.due_on.isoformat() if row.due_on else "",
            )
        begun = (HandOverState.PREPARED, HandOverState.SIGNED)
        if ahead and row.hand_overs.filter(state__in=begun).exists():
            raise CopyStateError(
                "A hand-over of copy {number} is under way.",
                number=row.number,
                advice="It is carried out or withdrawn first, on the page of the copy.",
            )


def verify_member(person_id: UUID, clock: Clock) -> PersonView:
    """Return somebody who may sit on a commission. Raises CopyRefusedError: they do not belong to the office, or their sign-in is not confirmed."""
    person = office.verified_person(person_id)
    if person is None or not person.active(civil_date(clock.now())) or person.sign_in is not SignIn.CONFIRMED:
        raise CopyRefusedError(
            "A member of the commission does not belong to the office, or it is not confirmed that only they sign in as themselves.",
            part="members",
        )
    return person


def require_distinct(people: Sequence[PersonView], rows: Iterable[Copy]) -> bool:
    """See that there are enough people, that no two may be one human, and that none made a copy; return whether makers count."""
    provisions = {
        (each.source_id, each.version): permission.copies_of(
            catalog.verified_stream_of(each.source_id), each.version
        )
        for each in rows
    }
    needed = rules.least_members(provisions.values())
    if not needed <= len(people) <= MOST_MEMBERS:
        raise CopyRefusedError(
            "A commission has {least} people at least.", part="members", least=needed, advice="Choose more."
        )
    if any(is_one_human(first, second) for first, second in combinations(people, 2)):
        raise CopyRefusedError(
            "Two members of the commission may be one person: they bear one name, or their accounts share something.",
            part="members",
            advice="Choose somebody else.",
        )
    counts = all(each.maker_counts for each in provisions.values())
    for row in () if counts else rows:
        maker = office.person(row.begun_by)
        if any(is_one_human(each, maker) for each in people):
            raise CopyRefusedError(
                "Whoever made copy {number} does not count towards the commission that destroys it.",
                part="members",
                number=row.number,
                advice="Choose somebody else.",
            )
    return counts


def is_one_human(first: PersonView, second: PersonView) -> bool:
    """Return whether two people of the office may be one human: of one name, or with accounts that share something."""
    return bool(shared(first.id, second.id)) or is_namesake(first.name, second.name)


def dissolve_commission(number: str, reason: str, *, person: PersonView, clock: Clock) -> CommissionView:
    """End a commission before all its members confirmed; its copies can be given to another one.

    Raises NoSuchCommissionError: there is none; AccessRefusedError: it is not this person's to end; CopyStateError: it is not at work;
    CopyRefusedError: no reason is given; LedgerMismatchError: its row is not as it was entered.
    """
    clock = FrozenClock(clock)
    permission.require_duty(person, "appoint-commission", clock)
    reason = sign("reason", " ".join(reason.split()), LONGEST_NOTE)
    if not reason:
        raise CopyRefusedError(
            "A commission is dissolved with a reason.", part="reason", advice="Give the reason."
        )
    with transaction.atomic():
        row = lock_commission(number)
        if row.state != CommissionState.APPOINTED:
            raise CopyStateError("Commission {number} is not at work.", number=number)
        row.state, row.reason = CommissionState.DISSOLVED, reason
        record, subject = {"number": number, "reason": reason}, f"commission:{number}"
        enter(
            COMMISSION_DISSOLVED,
            actor=str(person.id),
            subject=subject,
            record=record,
            at=clock.now(),
            row=row,
        )
        row.save()
    return commission_view(row)


def lock_commission(number: str) -> Commission:
    """Return a commission's locked row. Raises NoSuchCommissionError: there is none; LedgerMismatchError: it is not as it was entered."""
    rows = Commission.objects.select_for_update(of=("self",)).filter(number=number)
    return first_verified(rows, NoSuchCommissionError("There is no commission {number}.", number=number))
