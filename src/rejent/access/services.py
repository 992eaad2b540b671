"""Writing access: authorisations, viewings and what is seen in them, watching live. Each is an act in the ledger."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from rejent.access import queries
from rejent.access.acts import (
    AUTHORISATION_ISSUED,
    AUTHORISATION_REVOKED,
    LIVE_REFUSED,
    LIVE_STARTED,
    LIVE_STOPPED,
    VIEWING_CLOSED,
    VIEWING_OPENED,
    VIEWING_REFUSED,
)
from rejent.access.errors import (
    AccessRefusedError,
    AuthorisationRefusedError,
    NoSuchAuthorisationError,
    NoSuchViewingError,
)
from rejent.access.models import Act, Authorisation, AuthorisedSource, LiveWatch, SeenInterval, Viewing
from rejent.access.rules import decide
from rejent.access.views import AuthorisationView, ViewingView
from rejent.catalog import queries as catalog
from rejent.kernel.acts import Act as LedgerAct
from rejent.kernel.clock import Clock, civil_date
from rejent.office import queries as office
from rejent.office.views import PersonView
from rejent.registers.services import enter, take_number

LONGEST_VIEWING = timedelta(hours=2)


def issue_authorisation(
    *,
    person_id: UUID,
    acts: Iterable[str],
    stream: str,
    source_ids: Collection[str] | None,
    valid_from: date,
    valid_until: date | None,
    clock: Clock,
    actor: str,
) -> AuthorisationView:
    """Enter the controller's leave for a person.

    Raises:
        NoSuchPersonError: there is no such person.
        AuthorisationRefusedError: it names no act, unknown ones, ends before it begins, or is for the issuer.
    """
    wanted = sorted(set(acts))
    person = office.person(person_id)
    _demand_sound(wanted, stream, valid_from, valid_until, clock)
    if actor == str(person.id):
        raise AuthorisationRefusedError("Nobody authorises themselves.", advice="Ask the deputy to issue it.")
    with transaction.atomic():
        year = civil_date(clock.now()).year
        row = Authorisation.objects.create(
            number=f"U/{take_number('authorisation', year)}/{year}",
            person_id=person.id,
            acts=wanted,
            stream=stream,
            every_source=source_ids is None,
            valid_from=valid_from,
            valid_until=valid_until,
            issued_at=clock.now(),
            issued_by=actor,
        )
        AuthorisedSource.objects.bulk_create(
            AuthorisedSource(authorisation=row, source_id=source) for source in sorted(set(source_ids or ()))
        )
        record = {
            "number": row.number,
            "person": str(person.id),
            "acts": wanted,
            "stream": stream,
            "sources": sorted(source_ids) if source_ids is not None else None,
            "valid_from": valid_from.isoformat(),
            "valid_until": valid_until.isoformat() if valid_until else None,
        }
        _enter(AUTHORISATION_ISSUED, actor, f"person:{person.id}", record, clock)
    return queries.authorisation_view(row)


def revoke_authorisation(number: str, *, clock: Clock, actor: str) -> None:
    """Take an authorisation back; what it opened ends with the next request.

    Raises:
        NoSuchAuthorisationError: there is none of that number that still stands.
    """
    with transaction.atomic():
        row = Authorisation.objects.select_for_update().filter(number=number, revoked_at__isnull=True).first()
        if row is None:
            raise NoSuchAuthorisationError(
                "There is no authorisation {number} that still stands.", number=number
            )
        row.revoked_at, row.revoked_by = clock.now(), actor
        row.save(update_fields=["revoked_at", "revoked_by"])
        record = {"number": number, "person": str(row.person_id)}
        _enter(AUTHORISATION_REVOKED, actor, f"person:{row.person_id}", record, clock)


def open_viewing(
    *,
    person: PersonView,
    source_id: str,
    start: datetime,
    end: datetime,
    purpose: str,
    case: str,
    session: str,
    clock: Clock,
) -> ViewingView:
    """Begin a viewing; refused attempts are entered too.

    Raises:
        AccessRefusedError: a rule forbids it.
    """
    source = catalog.source(source_id)
    decision = decide(
        queries.request_for(
            person, Act.RECORDINGS, source, clock=clock, opening=True, purpose=purpose, case=case
        )
    )
    if not decision.allowed:
        _refused(VIEWING_REFUSED, person, source_id, decision.rule, clock)
        raise AccessRefusedError(decision)
    with transaction.atomic():
        year = civil_date(clock.now()).year
        row = Viewing.objects.create(
            number=f"O/{take_number('viewing', year)}/{year}",
            person_id=person.id,
            source_id=source_id,
            start=start,
            end=end,
            purpose=purpose,
            case=case.strip(),
            session=session,
            opened_at=clock.now(),
            expires_at=clock.now() + LONGEST_VIEWING,
        )
        record = {
            "number": row.number,
            "person": str(person.id),
            "source": source_id,
            "start": start.isoformat(),
            "end": end.isoformat(),
            "purpose": purpose,
            "case": row.case,
        }
        _enter(VIEWING_OPENED, str(person.id), f"source:{source_id}", record, clock)
    return queries.viewing(row.pk)


def note_seen(viewing_id: UUID, start: datetime, end: datetime, kind: str, *, clock: Clock) -> None:
    """Book an interval before it is handed out; one that goes on where the last ended extends it."""
    with transaction.atomic():
        last = SeenInterval.objects.filter(viewing_id=viewing_id).order_by("-pk").first()
        if last is not None and last.kind == kind and last.start <= start <= last.end + timedelta(seconds=2):
            if end > last.end:
                SeenInterval.objects.filter(pk=last.pk).update(end=end, at=clock.now())
            return
        SeenInterval.objects.create(viewing_id=viewing_id, start=start, end=end, at=clock.now(), kind=kind)


def close_viewing(viewing_id: UUID, *, clock: Clock, actor: str) -> None:
    """End a viewing and enter which intervals were seen; one that has ended stays so.

    Raises:
        NoSuchViewingError: there is no such viewing.
    """
    with transaction.atomic():
        row = Viewing.objects.select_for_update().filter(pk=viewing_id).first()
        if row is None:
            raise NoSuchViewingError("There is no such viewing.")
        if row.closed_at is not None:
            return
        row.closed_at = clock.now()
        row.save(update_fields=["closed_at"])
        stretches = queries.seen_stretches(row.pk)
        record = {
            "number": row.number,
            "seen": [[part.start.isoformat(), part.end.isoformat()] for part in stretches],
            "seen_s": round(sum(part.length.total_seconds() for part in stretches), 3),
        }
        _enter(VIEWING_CLOSED, actor, f"source:{row.source_id}", record, clock)


def close_ended_viewings(*, clock: Clock) -> int:
    """End the viewings whose time is up; how many there were."""
    ended = Viewing.objects.filter(closed_at__isnull=True, expires_at__lte=clock.now()).values_list(
        "pk", flat=True
    )
    found = list(ended)
    for viewing_id in found:
        close_viewing(viewing_id, clock=clock, actor="")
    return len(found)


def watch_live(person: PersonView, source_ids: Collection[str], session: str, *, clock: Clock) -> UUID:
    """Begin to watch live pictures; refused attempts are entered too.

    Raises:
        AccessRefusedError: a rule forbids one of them.
    """
    for source_id in sorted(source_ids):
        decision = queries.may(person, Act.LIVE, source_id, clock=clock)
        if not decision.allowed:
            _refused(LIVE_REFUSED, person, source_id, decision.rule, clock)
            raise AccessRefusedError(decision)
    with transaction.atomic():
        row = LiveWatch.objects.create(
            person_id=person.id, sources=sorted(source_ids), session=session, started_at=clock.now()
        )
        record = {"person": str(person.id), "sources": sorted(source_ids), "count": len(source_ids)}
        _enter(LIVE_STARTED, str(person.id), f"person:{person.id}", record, clock)
    return row.pk


def stop_live(watch_id: UUID, *, clock: Clock) -> None:
    """Stop watching live pictures; what has stopped stays so."""
    with transaction.atomic():
        row = LiveWatch.objects.select_for_update().filter(pk=watch_id, stopped_at__isnull=True).first()
        if row is None:
            return
        row.stopped_at = clock.now()
        row.save(update_fields=["stopped_at"])
        watched = (row.stopped_at - row.started_at).total_seconds()
        record = {"person": str(row.person_id), "sources": row.sources, "watched_s": round(watched, 1)}
        _enter(LIVE_STOPPED, str(row.person_id), f"person:{row.person_id}", record, clock)


def _demand_sound(wanted: list[str], stream: str, first: date, last: date | None, clock: Clock) -> None:
    if not wanted or not set(wanted) <= set(Act.values):
        raise AuthorisationRefusedError(
            "An authorisation names acts out of: {known}.",
            known=" ".join(Act.values),
            advice="Name at least one.",
        )
    if last is not None and last < first:
        raise AuthorisationRefusedError(
            "The authorisation ends before it begins.", advice="Correct its days."
        )
    rules = office.regulation(civil_date(clock.now())).stream(stream)
    if rules is None:
        raise AuthorisationRefusedError("The regulation has no stream {stream}.", stream=stream)
    if Act.LIVE in wanted and not rules.access.live:
        raise AuthorisationRefusedError(
            "The regulation lets nobody watch live pictures of the stream {stream}.",
            stream=stream,
            advice="Authorise recordings, or change the regulation.",
        )


def _refused(act: LedgerAct, person: PersonView, source_id: str, rule: str, clock: Clock) -> None:
    with transaction.atomic():
        record = {"person": str(person.id), "source": source_id, "rule": rule}
        _enter(act, str(person.id), f"source:{source_id}", record, clock)


def _enter(act: LedgerAct, actor: str, subject: str, record: dict[str, object], clock: Clock) -> None:
    enter(act, actor=actor, subject=subject, record=record, at=clock.now())
