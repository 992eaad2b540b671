"""Who may change a person, the person's row locked for it, and the end of their sessions."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import F

from rejent.kernel.acts import Act
from rejent.kernel.clock import Clock, civil_date
from rejent.office.errors import NoSuchPersonError, NotAsEnteredError, NotEntrustedError
from rejent.office.models import Account, Person, PersonRole
from rejent.office.people import standing
from rejent.office.people.duties import may_change
from rejent.office.queries import is_as_entered, person_key
from rejent.office.regulation.vocabulary import RoleName
from rejent.registers.guard.rows import matching
from rejent.registers.services import enter


def require_may_change(touched: Collection[str], actor: str, clock: Clock) -> None:
    """Entrusted roles are given and taken by who decides, or on the machine itself; so is all that is done to who has them.

    Raises NotEntrustedError.
    """
    try:
        acting = standing.current_roles(actor, clock=clock) or frozenset()
    except NoSuchPersonError:
        return
    by_regulation = standing.entrusted_by_regulation(civil_date(clock.now()))
    if not may_change(acting, touched, by_regulation):
        raise NotEntrustedError(
            "Who decides or supervises is not the IT administrator's to enter, change or close.",
            advice="The head of the office decides about heads, deputies, the secretary and the data protection officer; "
            "the deputy who acts in the head's absence about the latter two.",
        )


def locked_person(person_id: UUID | str) -> Person:
    """Return the row of a person, verified against the ledger and locked until the transaction ends.

    Raises NoSuchPersonError, NotAsEnteredError.
    """
    row = Person.objects.select_for_update(no_key=True).filter(pk=person_key(person_id)).first()
    if row is None:
        raise NoSuchPersonError("There is no such person.")
    for verified in matching([row]):
        return verified
    raise _not_as_entered()


def require_as_entered(person_id: UUID) -> None:
    """Refuse what a person does where they, a role, or what signs in as them was put there by hand. Raises NotAsEnteredError."""
    if not is_as_entered(person_id):
        raise _not_as_entered()


def _not_as_entered() -> NotAsEnteredError:
    return NotAsEnteredError(
        "Roles, or what signs in to this account, are not what was entered.",
        advice="Tell the data protection officer: the check on the page Promises names what differs.",
    )


def enter_about(person: Person, act: Act, *, clock: Clock, actor: str, **facts: object) -> None:
    """Enter an act about a person whose row is locked and saved."""
    record = {"person": str(person.pk), **facts}
    enter(act, actor=actor, subject=f"person:{person.pk}", record=record, at=clock.now(), row=person)


def end_sessions(people: Iterable[UUID]) -> None:
    """Let every session of these people count no more: pages, the player, the live wall.

    It is part of the change that takes something from them, so that both happen or neither.
    """
    Account.objects.filter(person_id__in=list(people)).update(sessions_ended=F("sessions_ended") + 1)


def end_sessions_of_contractors() -> None:
    """The same for everybody who is a maintenance contractor."""
    held = PersonRole.objects.filter(role=RoleName.CONTRACTOR)
    end_sessions(held.values_list("person_id", flat=True))
