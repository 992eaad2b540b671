"""Rows that a change holds until it is entered."""

from uuid import UUID

from rejent.office.errors import NoSuchPersonError, NotAsEnteredError
from rejent.office.models import Person
from rejent.office.queries import is_as_entered, person_key
from rejent.registers.guard.rows import matching


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


def demand_as_entered(person_id: UUID) -> None:
    """Refuse what a person does where they, a role, or what signs in as them was put there by hand. Raises NotAsEnteredError."""
    if not is_as_entered(person_id):
        raise _not_as_entered()


def _not_as_entered() -> NotAsEnteredError:
    return NotAsEnteredError(
        "Roles, or what signs in to this account, are not what was entered.",
        advice="Tell the data protection officer: rejent fsck names what differs.",
    )
