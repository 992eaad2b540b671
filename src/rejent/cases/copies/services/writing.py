"""Enter that a package of a copy was written to a carrier, and that such an entry counts no more."""

from dataclasses import dataclass

from django.db import transaction

from rejent.access.errors import AccessRefusedError
from rejent.cases.copies import permission
from rejent.cases.copies.acts import COPY_UNWRITTEN, COPY_WRITTEN
from rejent.cases.copies.errors import CopyRefusedError, CopyStateError
from rejent.cases.copies.models import Copy, Writing
from rejent.cases.copies.queries import LIVING, copy_view
from rejent.cases.copies.services.handing import lock_copy, require_reason
from rejent.cases.copies.services.making import sign
from rejent.cases.copies.views import CopyView, HandOverState, Medium
from rejent.evidence.sealing import find_taken
from rejent.kernel.acts import Act
from rejent.kernel.clock import Clock, FrozenClock
from rejent.office.views import PersonView
from rejent.registers.services import enter

LONGEST_SIGN = 80
LONGEST_PLACE = 200


@dataclass(frozen=True, slots=True)
class Written:
    """What is said of a carrier. ``package`` is the entry by which the package left; ``place``: where it is, or whom it was given to."""

    copy: str
    package: int
    medium: Medium
    sign: str = ""
    bag: str = ""
    place: str = ""


def enter_writing(written: Written, *, person: PersonView, clock: Clock) -> CopyView:
    """Enter that a person wrote a package of a copy to a carrier.

    Raises NoSuchCopyError: there is no such copy; AccessRefusedError: it is not this person's to make copies; CopyStateError: the copy is
    destroyed, or the paper of its hand-over, which names the carrier, is signed; CopyRefusedError: no such package left, or sign or place of
    the carrier are missing; LedgerMismatchError: the row is not as it was entered.
    """
    clock = FrozenClock(clock)
    with transaction.atomic():
        row = _lock_copy(written.copy, person, clock)
        if written.package not in {each.entry for each in find_taken(row.number)}:
            raise CopyRefusedError(
                "No such package of copy {number} was taken.",
                part="package",
                number=row.number,
                advice="Take the package first, and write it to the carrier.",
            )
        writing = Writing.objects.create(
            copy=row,
            package=written.package,
            medium=written.medium.value,
            at=clock.now(),
            by=str(person.id),
            **_read_carrier(written),
        )
        row.state_parts(writings=[*row.bound_parts["writings"], writing.bound()])
        _enter(COPY_WRITTEN, row, writing, writing.by, clock)
    return copy_view(row)


def _read_carrier(written: Written) -> dict[str, str]:
    """Return sign, bag and place of a carrier as they are kept."""
    said = {
        "sign": sign("sign", written.sign, LONGEST_SIGN),
        "bag": sign("bag", written.bag, LONGEST_SIGN),
        "place": sign("place", written.place, LONGEST_PLACE),
    }
    for part in ("sign", "place"):
        if not said[part] and written.medium is not Medium.MESSAGE:
            raise CopyRefusedError(
                "A carrier is known by its sign, and by where it is.",
                part=part,
                advice="Enter it: a commission compares it.",
            )
    return said


def withdraw_writing(number: str, key: int, reason: str, *, person: PersonView, clock: Clock) -> CopyView:
    """Enter that a writing counts no more, since it was entered wrongly or its carrier is broken or lost.

    Raises: as `enter_writing`; CopyRefusedError: there is no such writing, it was withdrawn before, or no reason is given.
    """
    clock = FrozenClock(clock)
    with transaction.atomic():
        row = _lock_copy(number, person, clock)
        found = next(
            (each for each in row.writings_in_order() if each.pk == key and each.withdrawn_at is None), None
        )
        if found is None:
            raise CopyRefusedError("There is no such entry, or it was withdrawn before.")
        before = found.bound()
        found.withdrawn_at, found.withdrawn_by, found.reason = (
            clock.now(),
            str(person.id),
            require_reason(reason),
        )
        kept = row.bound_parts["writings"]
        row.state_parts(writings=[found.bound() if each == before else each for each in kept])
        found.save()
        _enter(COPY_UNWRITTEN, row, found, found.withdrawn_by, clock)
    return copy_view(row)


def _lock_copy(number: str, person: PersonView, clock: Clock) -> Copy:
    row = lock_copy(number)
    refused = permission.making_refusal(person, row.source_id, clock=clock)
    if refused is not None:
        raise AccessRefusedError(refused)
    if row.state not in LIVING:
        raise CopyStateError("Copy {number} is destroyed, or about to be.", number=number)
    if row.hand_overs.filter(state__in=[HandOverState.SIGNED, HandOverState.HANDED]).exists():
        raise CopyStateError(
            "The paper that names this carrier is signed.", advice="Withdraw the hand-over first."
        )
    return row


def _enter(act: Act, row: Copy, writing: Writing, actor: str, clock: Clock) -> None:
    record = {"number": row.number, "package": writing.package, "medium": writing.medium}
    enter(act, actor=actor, subject=f"copy:{row.pk.hex}", record=record, at=clock.now(), row=row)
