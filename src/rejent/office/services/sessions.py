"""Ending sessions: whoever is signed in as somebody is so no more with their next step."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import F

from rejent.office.models import Account, PersonRole
from rejent.office.regulation.vocabulary import RoleName


def end_sessions(people: Iterable[UUID]) -> None:
    """Let every session of these people count no more: pages, the player, the live wall.

    It is part of the change that takes something from them, so that both happen or neither.
    """
    Account.objects.filter(person_id__in=list(people)).update(sessions_ended=F("sessions_ended") + 1)


def end_sessions_of_contractors() -> None:
    """The same for everybody who is a maintenance contractor."""
    held = PersonRole.objects.filter(role=RoleName.CONTRACTOR)
    end_sessions(held.values_list("person_id", flat=True))
