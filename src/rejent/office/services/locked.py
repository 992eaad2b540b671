"""Rows that a change holds until it is entered, and those that it must not change any more."""

from uuid import UUID

from rejent.office.account_checks import as_entered
from rejent.office.errors import NoSuchPersonError, SignInRefusedError
from rejent.office.models import Person
from rejent.office.queries import person_key


def locked_person(person_id: UUID | str) -> Person:
    """The row of a person, locked until the transaction ends.

    Raises:
        NoSuchPersonError: there is no such person.
    """
    row = Person.objects.select_for_update(no_key=True).filter(pk=person_key(person_id)).first()
    if row is None:
        raise NoSuchPersonError("There is no such person.")
    return row


def demand_as_entered(person_id: UUID) -> None:
    """Refuse what a person does to their own account, or somebody vouches for, where what signs in was put there by hand.

    The act would state it as entered, and the check would find nothing from then on.

    Raises:
        SignInRefusedError: a password, a passkey, codes, a link, a confirmation or a role is not what the ledger says.
    """
    if not as_entered(person_id):
        raise SignInRefusedError(
            "Roles, or what signs in to this account, are not what was entered.",
            advice="Tell the data protection officer: rejent fsck names what differs.",
        )
