"""Questions about second persons and guests of viewings."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from rejent.access import queries
from rejent.access.errors import NoSuchViewingError
from rejent.access.models import Guest, SecondAsked
from rejent.access.presence.values import Second
from rejent.access.rules.decision import Decision, SeeingAct, second_refused
from rejent.access.views import GuestView, SecondRequestView
from rejent.kernel.clock import Clock
from rejent.kernel.views import view_of
from rejent.ledger.canonical import canonical_json
from rejent.ledger.commitment import commitment_of
from rejent.office import queries as office
from rejent.office.people.duplicate_persons import shared
from rejent.office.views import PersonView
from rejent.registers.guard.rows import matching

AGREED = "agreed"
"""The answer of a second person by which a viewing opens."""


def second_person_state(
    first: PersonView, second: PersonView | None, source_id: str, *, clock: Clock
) -> Second:
    """Return how a person counts as the second one of another, for a source, now. Raises NoSuchSourceError."""
    if second is None:
        return Second.NOBODY
    if shared(first.id, second.id):
        return Second.SAME
    allowed = queries.may(second, SeeingAct.RECORDINGS, source_id, clock=clock).allowed
    return Second.AGREED if allowed else Second.UNFIT


def second_person_request(request_id: UUID | str) -> SecondRequestView:
    """Return a second-person request. Raises `NoSuchViewingError` if there is none."""
    try:
        row = SecondAsked.objects.filter(pk=UUID(str(request_id))).first()
    except ValueError:
        row = None
    if row is None:
        raise _no_request()
    return view_of(SecondRequestView, row)


def own_request(request_id: UUID | str, person: PersonView, session: str) -> SecondRequestView:
    """Return a person's own second-person request of this session. Raises NoSuchViewingError."""
    found = second_person_request(request_id)
    if found.person_id != person.id or found.session != session:
        raise _no_request()
    return found


def _no_request() -> NoSuchViewingError:
    return NoSuchViewingError("Nobody asks for this.", advice="Open the recording from the search page.")


def answer_refused(
    request: SecondRequestView, second: PersonView, session: str, *, clock: Clock
) -> Decision | None:
    """Return why somebody may not answer as the second person; None where they may see one of the sources, which are then opened."""
    first = office.person(request.person_id)
    states = [second_person_state(first, second, source, clock=clock) for source in request.source_ids]
    known = Second.AGREED if Second.AGREED in states else states[0]
    if session and session == request.session:
        known = Second.SAME
    return None if known is Second.AGREED else second_refused(known)


def answer_facts(request: SecondRequestView, second: UUID) -> dict[str, object]:
    """Return the facts of the act of an answer."""
    return {
        "person": str(request.person_id),
        "second": str(second),
        "source": request.source_id,
        **({"sources": list(request.source_ids)} if len(request.source_ids) > 1 else {}),
        "asked": str(request.id),
        "item": request.item or None,
        "start": request.start.isoformat(),
        "end": request.end.isoformat(),
        "purpose": request.purpose,
        "case": request.case,
    }


def is_agreed(request: SecondRequestView, since: datetime) -> bool:
    """Return whether the second person agreed, by the ledger and since an instant, to exactly this request."""
    rows = matching(SecondAsked.objects.filter(pk=request.id, agreed=True, answered_at__gte=since))
    return [view_of(SecondRequestView, row) for row in rows] == [request]


def open_requests_for(person: PersonView, *, clock: Clock) -> list[SecondRequestView]:
    """Return the open second-person requests that a person could agree to, the oldest first."""
    open_ones = SecondAsked.objects.filter(answered_at__isnull=True, expires_at__gt=clock.now())
    rows = list(open_ones.exclude(person_id=person.id).order_by("asked_at"))
    visible = queries.visible_sources(person, SeeingAct.RECORDINGS, clock=clock) if rows else set()
    return [view_of(SecondRequestView, row) for row in rows if visible.intersection(row.source_ids)]


def own_open_requests(person: PersonView, session: str, *, clock: Clock) -> list[SecondRequestView]:
    """Return a person's own second-person requests of a session that wait for an answer or for their use, the oldest first."""
    own = SecondAsked.objects.filter(person_id=person.id, session=session, used_at__isnull=True)
    in_time = own.filter(expires_at__gt=clock.now())
    rows = in_time.filter(Q(answered_at__isnull=True) | Q(agreed=True)).order_by("asked_at")
    return [view_of(SecondRequestView, row) for row in rows]


def guests(viewing_id: UUID) -> list[GuestView]:
    """Return who saw a viewing without an authorisation, in the order they were entered."""
    return list(guests_of([viewing_id]).get(viewing_id, []))


def guests_of(viewing_ids: Iterable[UUID]) -> dict[UUID, list[GuestView]]:
    """Return the same for several viewings; those without guests are missing."""
    found: dict[UUID, list[GuestView]] = {}
    for row in Guest.objects.filter(viewing_id__in=list(viewing_ids)).order_by("viewing_id", "place"):
        found.setdefault(row.viewing_id, []).append(guest_view(row))
    return found


def guest_commitment(salt: bytes, number: str, guest: GuestView) -> str:
    """Return the commitment by which the ledger holds a guest."""
    text = {"number": number, "place": guest.place, "name": guest.name, "function": guest.function}
    text |= {"reason": guest.reason}
    return commitment_of(salt, canonical_json(text)).hex()


def guest_view(row: Guest) -> GuestView:
    """Return the row as it is handed out."""
    return GuestView(row.place, row.name, row.function, row.reason, row.entered_at)
