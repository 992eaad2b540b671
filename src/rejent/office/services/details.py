"""Details of a person that give no power: name, post, ground of work, e-mail address, own telephone number."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from rejent.kernel.clock import Clock, civil_date
from rejent.office.acts import PERSON_CHANGED
from rejent.office.models import Engagement, Person
from rejent.office.people import standing
from rejent.office.services.changing import demand_may_change
from rejent.office.services.locked import locked_person
from rejent.registers.services import enter


@dataclass(frozen=True, slots=True)
class Details:
    """Details of a new person; ``extension`` is their own telephone number."""

    engagement: str = Engagement.EMPLOYMENT.value
    email: str = ""
    extension: str = ""


NO_DETAILS = Details()


def set_details(person: Person, new: Mapping[str, str], clock: Clock) -> None:
    """Set details on a row that is to be saved; a telephone number is the person's from today on."""
    for name, value in new.items():
        if name == "extension" and value != person.extension:
            person.extension_since = civil_date(clock.now()) if value else None
        setattr(person, name, value)


def change_person(person_id: UUID | str, new: Mapping[str, str], *, clock: Clock, actor: str) -> None:
    """Change details of a person, by their names; the record says which, and never what they are.

    Raises NoSuchPersonError, NotEntrustedError.
    """
    with transaction.atomic():
        person = locked_person(person_id)
        demand_may_change(sorted(person.verified_roles), actor, clock)
        changed = [name for name, value in new.items() if getattr(person, name) != value]
        if not changed:
            return
        set_details(person, new, clock)
        person.save()
        record = {
            "person": str(person.pk),
            "details": sorted(changed),
            **standing.place_taken(actor, clock=clock),
        }
        subject = f"person:{person.pk}"
        enter(PERSON_CHANGED, actor=actor, subject=subject, record=record, at=clock.now(), row=person)
