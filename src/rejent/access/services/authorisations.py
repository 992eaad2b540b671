"""Issuing, renewing and revoking authorisations (R-ACC-1)."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from rejent.access import authorisation_queries, queries
from rejent.access.acts import AUTHORISATION_ISSUED, AUTHORISATION_REVOKED
from rejent.access.errors import (
    AccessRefusedError,
    AuthorisationRefusedError,
    NoSuchAuthorisationError,
    RenewedError,
)
from rejent.access.models import Authorisation, AuthorisedSource
from rejent.access.rules.decision import NOT_ACTING, SeeingAct, may_be_authorised
from rejent.access.rules.refusals import NOT_ISSUER, NOT_THEMSELVES
from rejent.access.views import AuthorisationView
from rejent.catalog import queries as catalog
from rejent.kernel.clock import Clock, FrozenClock, civil_date
from rejent.office import queries as office
from rejent.office.errors import NoSuchPersonError
from rejent.office.people import standing
from rejent.office.people.duplicate_persons import shared
from rejent.office.people.duties import Duty
from rejent.office.regulation.vocabulary import RoleName
from rejent.office.views import PersonView
from rejent.registers.books.numbers import written_number
from rejent.registers.guard.rows import verified
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
    issuer: str = "",
) -> AuthorisationView:
    """Enter the controller's leave for a person to see live pictures, recordings or both.

    Without ``source_ids`` it covers every source of the stream, later ones included; both days are included. Where the
    actor enters what somebody else decided, ``issuer`` is that person. Raises NoSuchPersonError, NoSuchSourceError,
    AuthorisationRefusedError, AccessRefusedError.
    """
    clock = FrozenClock(clock)
    person = office.person(person_id)
    wanted = _known_acts(acts)
    _require_period(valid_from, valid_until, civil_date(clock.now()))
    _require_eligible(person, wanted, stream, valid_from)
    _require_issuer(person, issuer or actor, stream, clock)
    named = _known_sources(source_ids, stream)
    with transaction.atomic():
        row = Authorisation(
            person_id=person.id, acts=wanted, stream=stream, valid_from=valid_from, valid_until=valid_until
        )
        _enter_issued(row, named, clock, actor, issuer)
    return authorisation_queries.authorisation(row.number)


def renew_authorisation(
    number: str,
    *,
    valid_until: date | None,
    clock: Clock,
    actor: str,
    valid_from: date | None = None,
    issuer: str = "",
) -> AuthorisationView:
    """Enter a new authorisation of the same scope that follows another one, by the same checks anew.

    It begins the day after the other ends, or today where that lies behind; days between the two are stated in its
    record. Raises NoSuchAuthorisationError, AuthorisationRefusedError, RenewedError, AccessRefusedError.
    """
    clock = FrozenClock(clock)
    former = authorisation_queries.authorisation(number)
    next_day = _day_after(former)
    today = civil_date(clock.now())
    first = valid_from or max(next_day, today)
    if first < next_day:
        raise AuthorisationRefusedError(
            "The renewed authorisation would begin before the former ends.", advice="Give a later first day."
        )
    _require_period(first, valid_until, today)
    person = office.person(former.person_id)
    _require_eligible(person, sorted(former.acts), former.stream, first)
    _require_issuer(person, issuer or actor, former.stream, clock)
    named = None if former.source_ids is None else sorted(former.source_ids)
    with transaction.atomic():
        _require_not_renewed(number)
        row = Authorisation(
            person_id=person.id,
            acts=sorted(former.acts),
            stream=former.stream,
            valid_from=first,
            valid_until=valid_until,
            follows=number,
        )
        _enter_issued(row, named, clock, actor, issuer, gap_days=(first - next_day).days)
    return authorisation_queries.authorisation(row.number)


def revoke_authorisation(number: str, *, clock: Clock, actor: str) -> AuthorisationView:
    """End an authorisation at once; one that is revoked already stays as it was. Raises NoSuchAuthorisationError."""
    clock = FrozenClock(clock)
    with transaction.atomic():
        row = Authorisation.objects.select_for_update(no_key=True).filter(number=number).first()
        if row is None:
            raise NoSuchAuthorisationError("There is no authorisation {number}.", number=number)
        if row.revoked_at is None:
            row = verified(row)
            row.revoked_at, row.revoked_by = clock.now(), actor
            row.save(update_fields=["revoked_at", "revoked_by"])
            record = {"number": number, "person": str(row.person_id)}
            enter(
                AUTHORISATION_REVOKED,
                actor=actor,
                subject=f"person:{row.person_id}",
                record={**record, **standing.place_taken(actor, clock=clock)},
                at=clock.now(),
                row=row,
            )
    return authorisation_queries.authorisation(number)


def _enter_issued(
    row: Authorisation,
    named: list[str] | None,
    clock: Clock,
    actor: str,
    issuer: str,
    *,
    gap_days: int | None = None,
) -> None:
    year = civil_date(clock.now()).year
    row.number = written_number(_MARK, year, take_number(SERIES, year))
    row.every_source = named is None
    row.issued_at, row.issued_by = clock.now(), issuer or actor
    row.in_place_of = standing.in_place_of(issuer or actor, clock=clock)
    row.save(force_insert=True)
    AuthorisedSource.objects.bulk_create(
        AuthorisedSource(authorisation=row, source_id=source_id) for source_id in named or ()
    )
    row.state_parts(sources=sorted(named or ()))
    record: dict[str, object] = {
        "number": row.number,
        "person": str(row.person_id),
        "acts": " ".join(row.acts),
        "stream": row.stream,
        "from": row.valid_from.isoformat(),
        "until": row.valid_until.isoformat() if row.valid_until else None,
        "sources": named,
    }
    besides = {"issuer": issuer, "in_place_of": row.in_place_of, "follows": row.follows}
    record |= {name: value for name, value in besides.items() if value}
    if gap_days is not None:
        record["gap_days"] = gap_days
    enter(
        AUTHORISATION_ISSUED,
        actor=actor,
        subject=f"person:{row.person_id}",
        record=record,
        at=clock.now(),
        row=row,
    )


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


def _require_period(valid_from: date, valid_until: date | None, today: date) -> None:
    if valid_until is not None and valid_until < max(valid_from, today):
        raise AuthorisationRefusedError(
            "The authorisation would be over before it begins, or today.", advice="Give a later last day."
        )


def _require_eligible(person: PersonView, acts: list[str], stream: str, day: date) -> None:
    if not person.active(max(day, person.joined_on)):
        raise AuthorisationRefusedError("Who has left the office is not authorised.")
    provisions = queries.provisions(stream, day)
    for act in acts:
        barred = may_be_authorised(person.roles, SeeingAct(act), stream, provisions)
        if barred is not None:
            raise AuthorisationRefusedError(barred.sentence, advice=barred.advice, **barred.facts)


def _require_issuer(person: PersonView, decider: str, stream: str, clock: Clock) -> None:
    """Whoever decides is somebody else, as far as is known, and the one whom the regulation lets decide.

    What is entered at the command line without a person's name is the controller's paper, and who decided is not known.
    """
    try:
        carried = standing.current_roles(decider, clock=clock)
    except NoSuchPersonError:
        return
    if shared(office.person_key(decider), person.id):
        raise AccessRefusedError(NOT_THEMSELVES)
    roles = carried or frozenset()
    issuers = standing.issuers(stream, civil_date(clock.now()))
    if issuers.isdisjoint(roles) and not (RoleName.HEAD in issuers and Duty.ACTING_HEAD in roles):
        raise AccessRefusedError(NOT_ACTING if RoleName.DEPUTY in roles else NOT_ISSUER)


def _day_after(former: AuthorisationView) -> date:
    """Return the first day without it."""
    if former.revoked_at is not None:
        raise AuthorisationRefusedError(
            "Authorisation {number} was revoked and is not renewed.",
            number=former.number,
            advice="Issue a new one.",
        )
    if former.valid_until is None:
        raise AuthorisationRefusedError(
            "Authorisation {number} has no end; there is nothing to renew.", number=former.number
        )
    return former.valid_until + timedelta(days=1)


def _require_not_renewed(number: str) -> None:
    """Lock the former one, so that two people do not renew it at once."""
    Authorisation.objects.select_for_update(no_key=True).get(number=number)
    later = Authorisation.objects.filter(follows=number, revoked_at__isnull=True).first()
    if later is not None:
        raise RenewedError(
            "Authorisation {number} was renewed already, by {later}.", number=number, later=later.number
        )
