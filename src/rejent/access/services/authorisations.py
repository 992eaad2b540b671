"""Issuing and revoking authorisations (R-ACC-1)."""

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from django.db import transaction

from rejent.access import queries
from rejent.access.acts import AUTHORISATION_ISSUED, AUTHORISATION_REVOKED
from rejent.access.errors import AccessRefusedError, AuthorisationRefusedError, NoSuchAuthorisationError
from rejent.access.models import Authorisation, AuthorisedSource
from rejent.access.rules import NOT_THEMSELVES, SeeingAct, may_be_authorised
from rejent.access.views import AuthorisationView
from rejent.catalog import queries as catalog
from rejent.kernel.clock import Clock, civil_date
from rejent.office import queries as office
from rejent.office.views import PersonView
from rejent.registers.numbers import written_number
from rejent.registers.services import enter, take_number

SERIES = "authorisations"
_MARK = "U"


def issue_authorisation(
    *,
    person_id: UUID | str,
    acts: Iterable[str],
    stream: str,
    source_ids: Collection[str] | None,
    valid_from: date,
    valid_until: date | None,
    clock: Clock,
    actor: str,
) -> AuthorisationView:
    """Enter the controller's leave for a person to see live pictures, recordings or both.

    Without ``source_ids`` it covers every source of the stream, later ones included; both days are included.

    Raises:
        NoSuchPersonError: there is no such person.
        NoSuchSourceError: one of the sources is unknown.
        AuthorisationRefusedError: it would allow nothing: no act, no source, an empty or past period.
        AccessRefusedError: somebody would authorise themselves, or the regulation lets nobody of these roles see it.
    """
    person = office.person(person_id)
    wanted = _known_acts(acts)
    _demand_period(valid_from, valid_until, civil_date(clock.now()))
    _demand_eligible(person, wanted, stream, valid_from, actor)
    named = _known_sources(source_ids, stream)
    with transaction.atomic():
        year = civil_date(clock.now()).year
        number = written_number(_MARK, year, take_number(SERIES, year))
        row = Authorisation.objects.create(
            number=number,
            person_id=person.id,
            acts=wanted,
            stream=stream,
            every_source=named is None,
            valid_from=valid_from,
            valid_until=valid_until,
            issued_at=clock.now(),
            issued_by=actor,
        )
        AuthorisedSource.objects.bulk_create(
            AuthorisedSource(authorisation=row, source_id=source_id) for source_id in named or ()
        )
        record = {"number": number, "person": str(person.id), "acts": " ".join(wanted), "stream": stream}
        period = {"from": valid_from.isoformat(), "until": valid_until.isoformat() if valid_until else None}
        enter(
            AUTHORISATION_ISSUED,
            actor=actor,
            subject=f"person:{person.id}",
            record={**record, **period, "sources": named},
            at=clock.now(),
        )
    return queries.authorisation(number)


def revoke_authorisation(number: str, *, clock: Clock, actor: str) -> AuthorisationView:
    """End an authorisation at once; one that is revoked already stays as it was.

    Raises:
        NoSuchAuthorisationError: there is none of this number.
    """
    with transaction.atomic():
        row = Authorisation.objects.select_for_update(no_key=True).filter(number=number).first()
        if row is None:
            raise NoSuchAuthorisationError("There is no authorisation {number}.", number=number)
        if row.revoked_at is None:
            Authorisation.objects.filter(pk=row.pk).update(revoked_at=clock.now(), revoked_by=actor)
            record = {"number": number, "person": str(row.person_id)}
            enter(
                AUTHORISATION_REVOKED,
                actor=actor,
                subject=f"person:{row.person_id}",
                record=record,
                at=clock.now(),
            )
    return queries.authorisation(number)


def _known_acts(acts: Iterable[str]) -> list[str]:
    wanted = sorted(set(acts))
    if not wanted or not set(wanted) <= set(SeeingAct):
        raise AuthorisationRefusedError(
            "An authorisation allows the live picture, recordings, or both.",
            advice="Known are: live, recordings. Choose one at least.",
        )
    return wanted


def _known_sources(source_ids: Collection[str] | None, stream: str) -> list[str] | None:
    if source_ids is None:
        return None
    named = sorted(set(source_ids))
    if not named or any(catalog.stream_of(source_id) != stream for source_id in named):
        raise AuthorisationRefusedError("An authorisation names sources of its own stream, one at least.")
    return named


def _demand_period(valid_from: date, valid_until: date | None, today: date) -> None:
    if valid_until is not None and valid_until < max(valid_from, today):
        raise AuthorisationRefusedError(
            "The authorisation would be over before it begins, or today.", advice="Give a later last day."
        )


def _demand_eligible(person: PersonView, acts: list[str], stream: str, day: date, actor: str) -> None:
    if str(person.id) == actor:
        raise AccessRefusedError(NOT_THEMSELVES)
    if not person.active(max(day, person.joined_on)):
        raise AuthorisationRefusedError("Who has left the office is not authorised.")
    provisions = queries.provisions(stream, day)
    for act in acts:
        barred = may_be_authorised(person.roles, SeeingAct(act), stream, provisions)
        if barred is not None:
            raise AccessRefusedError(barred)
