"""Absences of the head of the office."""

from datetime import date
from functools import partial
from uuid import UUID

from django.db.models import Q

from rejent.kernel.views import view_of
from rejent.office.errors import NoSuchAbsenceError
from rejent.office.models import Absence, Person
from rejent.office.regulation.vocabulary import RoleName
from rejent.office.views import AbsenceView
from rejent.registers.guard.memory import VerifiedOnce
from rejent.registers.guard.rows import matching


def absences() -> list[AbsenceView]:
    """Return every absence, the last to begin first."""
    return [view_of(AbsenceView, row) for row in Absence.objects.order_by("-first_day", "-pk")]


def absence(absence_id: int) -> AbsenceView:
    """Return an absence by its identifier; raise `NoSuchAbsenceError`."""
    row = Absence.objects.filter(pk=absence_id).first()
    if row is None:
        raise NoSuchAbsenceError("There is no such absence.", advice="They stand on the page Absences.")
    return view_of(AbsenceView, row)


def heads(day: date) -> list[UUID]:
    """Return the heads of the office on a civil date by the word of the ledger; none while any person's rows differ from it."""
    people = list(Person.objects.order_by("joined_on", "pk"))
    known = matching(people)
    if len(known) < len(people):
        return []
    return [
        row.pk
        for row in known
        if RoleName.HEAD in row.verified_roles
        and row.joined_on <= day
        and not (row.left_on and row.left_on <= day)
    ]


def away(day: date) -> list[UUID]:
    """Return the heads of the office if each of them is away on a civil date, else nobody."""
    return _away.get(day, partial(_heads_away, day))


def _heads_away(day: date) -> list[UUID]:
    known = heads(day)
    running = Absence.objects.filter(person_id__in=known, ended_at__isnull=True, first_day__lte=day)
    running = running.filter(Q(last_day__isnull=True) | Q(last_day__gte=day))
    absent = {row.person_id for row in matching(running)}
    return known if absent.issuperset(known) else []


_away = VerifiedOnce[list[UUID]](Person, Absence)
