"""Rows that a change holds until it is entered."""

from uuid import UUID

from rejent.office.errors import NoSuchPersonError
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
