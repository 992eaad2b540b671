"""Entering written statements (R-INF-2, S3 § 5.3)."""

from datetime import date
from uuid import UUID

from django.db import transaction

from rejent.kernel.clock import Clock, civil_date
from rejent.office import queries
from rejent.office.acts import STATEMENT_ENTERED
from rejent.office.errors import StatementRefusedError
from rejent.office.models import RegulationVersion, SignedStatement
from rejent.office.people.duty_views import StatementView
from rejent.registers.services import enter


def enter_statement(
    person_id: UUID | str, signed_on: date, *, clock: Clock, actor: str, version: int | None = None
) -> StatementView:
    """Enter that a person signed that they know a version of the regulation; entered once, it stays.

    Args:
        person_id: who signed.
        signed_on: the day on the paper.
        clock: tells the instant that is entered.
        actor: who enters it, having the paper before them.
        version: which version; the one in force where it is left out.

    Raises:
        NoSuchPersonError: there is no such person.
        NoRegulationError: no regulation is in force.
        StatementRefusedError: there is no such version, the day has not come, or it is one's own statement.
    """
    today = civil_date(clock.now())
    person = queries.person(person_id)
    about = queries.regulation_version(today).version if version is None else version
    if str(person.id) == actor:
        raise StatementRefusedError(
            "Nobody enters their own statement.", advice="Hand the signed paper to somebody who enters it."
        )
    if not person.active(max(today, person.joined_on)):
        raise StatementRefusedError("Who has left the office signs nothing.")
    if not RegulationVersion.objects.filter(version=about).exists():
        raise StatementRefusedError("There is no version {version} of the regulation.", version=about)
    if signed_on > today:
        raise StatementRefusedError(
            "{day} has not come yet.",
            day=signed_on.isoformat(),
            advice="Enter what happened on the day it happened.",
        )
    with transaction.atomic():
        row, new = SignedStatement.objects.get_or_create(
            person_id=person.id,
            version=about,
            defaults={"signed_on": signed_on, "entered_at": clock.now(), "entered_by": actor},
        )
        if new:
            record = {"person": str(person.id), "version": about, "on": signed_on.isoformat()}
            subject = f"person:{person.id}"
            enter(STATEMENT_ENTERED, actor=actor, subject=subject, record=record, at=clock.now(), row=row)
    return StatementView(row.person_id, row.version, row.signed_on, row.entered_at, row.entered_by)
