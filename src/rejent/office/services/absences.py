"""Entering when the head of the office is away, and that they are back (S3 § 5.5)."""

from datetime import date
from uuid import UUID

from django.db import transaction

from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.views import view_of
from rejent.office import queries
from rejent.office.acts import ABSENCE_ENDED, ABSENCE_ENTERED
from rejent.office.errors import AbsenceRefusedError, NoSuchPersonError, NotEntrustedError
from rejent.office.models import Absence
from rejent.office.people import absences
from rejent.office.regulation.vocabulary import RoleName
from rejent.office.views import AbsenceView
from rejent.registers.guard.rows import verified
from rejent.registers.services import enter


def enter_absence(
    person_id: UUID | str, first_day: date, last_day: date | None, *, clock: Clock, actor: str
) -> AbsenceView:
    """Enter that a head of the office is away, both days included; without a last day until it is ended.

    Absences may overlap; whoever is covered by any of them is away. Raises NoSuchPersonError, AbsenceRefusedError,
    NotEntrustedError.
    """
    today = civil_date(clock.now())
    person = queries.person(person_id)
    if RoleName.HEAD not in person.roles or not person.active(today):
        raise AbsenceRefusedError(
            "Only the head's absence is entered.",
            advice="It decides when the deputy acts in the head's place.",
        )
    if first_day < today:
        raise AbsenceRefusedError(
            "An absence begins today at the earliest.",
            advice="Days that have passed are not entered: nothing was decided by it then.",
        )
    if last_day is not None and last_day < first_day:
        raise AbsenceRefusedError(
            "The absence would be over before it begins.", advice="Give a later last day."
        )
    _require_not_deputy(actor, today)
    with transaction.atomic():
        row = Absence.objects.create(
            person_id=person.id,
            first_day=first_day,
            last_day=last_day,
            entered_at=clock.now(),
            entered_by=actor,
        )
        record = {
            "absence": str(row.pk),
            "person": str(person.id),
            "from": first_day.isoformat(),
            "until": last_day.isoformat() if last_day else None,
        }
        subject = f"person:{person.id}"
        enter(ABSENCE_ENTERED, actor=actor, subject=subject, record=record, at=clock.now(), row=row)
    return view_of(AbsenceView, row)


def end_absence(absence_id: int, *, clock: Clock, actor: str) -> AbsenceView:
    """Enter that the head is back, at once; an absence that is over already stays as it was. Raises NoSuchAbsenceError."""
    absences.absence(absence_id)
    with transaction.atomic():
        row = verified(Absence.objects.select_for_update(no_key=True).get(pk=absence_id))
        if not view_of(AbsenceView, row).over(civil_date(clock.now())):
            row.ended_at, row.ended_by = clock.now(), actor
            row.save(update_fields=["ended_at", "ended_by"])
            record = {"absence": str(row.pk), "person": str(row.person_id)}
            subject = f"person:{row.person_id}"
            enter(ABSENCE_ENDED, actor=actor, subject=subject, record=record, at=clock.now(), row=row)
    return view_of(AbsenceView, row)


def _require_not_deputy(actor: str, today: date) -> None:
    try:
        acting = queries.standing(actor, today) or frozenset()
    except NoSuchPersonError:
        return
    if RoleName.DEPUTY in acting and RoleName.HEAD not in acting:
        raise NotEntrustedError(
            "The deputy does not enter the absence by which they would decide.",
            advice="The head, the secretary and the IT administrator enter it.",
        )
