"""Entering written statements (R-INF-2, S3 § 5.3)."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db import transaction

from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.views import view_of
from rejent.office import queries
from rejent.office.acts import STATEMENT_ENTERED
from rejent.office.errors import StatementRefusedError
from rejent.office.models import SignedStatement
from rejent.office.sign_in.own_sign_in import SignIn
from rejent.office.views import StatementView
from rejent.registers.services import enter

BROWSER = "browser"
"""The way of a statement that the person gave themself; else it is a paper."""


def enter_statement(
    person_id: UUID | str, signed_on: date, *, clock: Clock, actor: str, version: int | None = None
) -> StatementView:
    """Enter that a person signed that they know a version of the regulation; entered once, it stays.

    Raises NoSuchPersonError, NoRegulationError, StatementRefusedError.
    """
    today = civil_date(clock.now())
    person = queries.person(person_id)
    about = queries.version_in_force(today).version if version is None else version
    if str(person.id) == actor:
        raise StatementRefusedError(
            "Nobody enters their own statement.", advice="Hand the signed paper to somebody who enters it."
        )
    if not person.active(max(today, person.joined_on)):
        raise StatementRefusedError("Who has left the office signs nothing.")
    if all(one.version != about for one in queries.every_version()):
        raise StatementRefusedError("There is no version {version} of the regulation.", version=about)
    if signed_on > today:
        raise StatementRefusedError(
            "{day} has not come yet.",
            day=signed_on.isoformat(),
            advice="Enter what happened on the day it happened.",
        )
    return _entered(person.id, about, {"signed_on": signed_on}, {}, clock=clock, actor=actor)


def give_statement(
    person_id: UUID | str, *, version: int, shown: str, second_factor: bool, clock: Clock
) -> StatementView:
    """Enter the statement that a person gives in the browser about the version in force; given once, it stays.

    ``shown`` is the SHA-256 of what was shown, by `rejent.web.people.statement_text`. Raises NoSuchPersonError,
    NoRegulationError, StatementRefusedError.
    """
    today = civil_date(clock.now())
    person, standing = queries.person(person_id), queries.standing_of(person_id)
    if standing.on(today) is None:
        raise StatementRefusedError("Who has left the office signs nothing.")
    if queries.version_in_force(today).version != version:
        raise StatementRefusedError(
            "Another version of the regulation has come into force.",
            advice="Read it, then give the statement.",
        )
    if standing.sign_in is not SignIn.CONFIRMED:
        raise StatementRefusedError(
            "It is not confirmed yet whose account this is.",
            advice="Have it confirmed in person first, or hand in a signed statement.",
        )
    if standing.second_factor and not second_factor:
        raise StatementRefusedError("A statement is confirmed with the second factor that the account has.")
    given = {"way": BROWSER, "second_factor": second_factor, "text": shown}
    return _entered(
        person.id, version, {"signed_on": today, **given}, given, clock=clock, actor=str(person.id)
    )


def _entered(
    person_id: UUID,
    version: int,
    columns: Mapping[str, object],
    given: Mapping[str, object],
    *,
    clock: Clock,
    actor: str,
) -> StatementView:
    with transaction.atomic():
        row, new = SignedStatement.objects.get_or_create(
            person_id=person_id,
            version=version,
            defaults={"entered_at": clock.now(), "entered_by": actor, **columns},
        )
        if new:
            record = {"person": str(person_id), "version": version, "on": row.signed_on.isoformat(), **given}
            subject = f"person:{person_id}"
            enter(STATEMENT_ENTERED, actor=actor, subject=subject, record=record, at=clock.now(), row=row)
    return view_of(StatementView, row)
