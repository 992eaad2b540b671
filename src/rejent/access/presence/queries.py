"""Who is beside the person who sees a recording: second persons who agreed or are asked, and guests."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from rejent.access import queries
from rejent.access.errors import NoSuchViewingError
from rejent.access.models import Guest, SecondAsked
from rejent.access.presence.values import Second
from rejent.access.rules.decision import Decision, SeeingAct, second_refused
from rejent.access.views import AskedView, GuestView
from rejent.kernel.clock import Clock
from rejent.ledger.canonical import canonical_json
from rejent.ledger.commitment import commitment_of
from rejent.office import queries as office
from rejent.office.people.duplicate_persons import shared
from rejent.office.views import PersonView
from rejent.registers.guard.rows import matching

AGREED = "agreed"
"""The answer of a second person by which a viewing opens."""


def second_of(first: PersonView, second: PersonView | None, source_id: str, *, clock: Clock) -> Second:
    """What is known of somebody as the second person beside the first one, for a source, now.

    Raises `NoSuchSourceError` if there is no such source.
    """
    if second is None:
        return Second.NOBODY
    if shared(first.id, second.id):
        return Second.SAME
    allowed = queries.may(second, SeeingAct.RECORDINGS, source_id, clock=clock).allowed
    return Second.AGREED if allowed else Second.UNFIT


def asked(asked_id: UUID | str) -> AskedView:
    """What somebody asked second persons for. Raises `NoSuchViewingError` if nobody asked so."""
    try:
        row = SecondAsked.objects.filter(pk=UUID(str(asked_id))).first()
    except ValueError:
        row = None
    if row is None:
        raise _nobody_asks()
    return asked_view(row)


def asked_by(asked_id: UUID | str, person: PersonView, session: str) -> AskedView:
    """What a person asked second persons for themselves, in this session.

    Raises `NoSuchViewingError` if nobody asked so, or it was somebody else, or in another session.
    """
    found = asked(asked_id)
    if found.person_id != person.id or found.session != session:
        raise _nobody_asks()
    return found


def _nobody_asks() -> NoSuchViewingError:
    return NoSuchViewingError("Nobody asks for this.", advice="Open the recording from the search page.")


def answer_refused(asked: AskedView, second: PersonView, session: str, *, clock: Clock) -> Decision | None:
    """Why somebody may not answer as the second person; nothing where they may."""
    known = second_of(office.person(asked.person_id), second, asked.source_id, clock=clock)
    if session and session == asked.session:
        known = Second.SAME
    return None if known is Second.AGREED else second_refused(known)


def answered(asked: AskedView, second: UUID) -> dict[str, str | None]:
    """What the act of an answer tells of: who answered whom, and what was asked for."""
    return {
        "person": str(asked.person_id),
        "second": str(second),
        "source": asked.source_id,
        "asked": str(asked.id),
        "call": asked.item or None,
        "start": asked.start.isoformat(),
        "end": asked.end.isoformat(),
        "purpose": asked.purpose,
        "case": asked.case,
    }


def is_agreed(asked: AskedView, since: datetime) -> bool:
    """Return whether the ledger tells that the second person of an asking agreed, since an instant, to just what it asks for."""
    rows = matching(SecondAsked.objects.filter(pk=asked.id, agreed=True, answered_at__gte=since))
    return [asked_view(row) for row in rows] == [asked]


def asked_of(person: PersonView, *, clock: Clock) -> list[AskedView]:
    """What others wait for that a person could agree to as the second one, the oldest first."""
    open_ones = SecondAsked.objects.filter(answered_at__isnull=True, expires_at__gt=clock.now())
    rows = list(open_ones.exclude(person_id=person.id).order_by("asked_at"))
    visible = queries.visible_sources(person, SeeingAct.RECORDINGS, clock=clock) if rows else set()
    return [asked_view(row) for row in rows if row.source_id in visible]


def guests(viewing_id: UUID) -> list[GuestView]:
    """Who saw a viewing without an authorisation, in the order they were entered."""
    return list(guests_of([viewing_id]).get(viewing_id, []))


def guests_of(viewing_ids: Iterable[UUID]) -> dict[UUID, list[GuestView]]:
    """The same for several viewings; those without guests are missing."""
    found: dict[UUID, list[GuestView]] = {}
    for row in Guest.objects.filter(viewing_id__in=list(viewing_ids)).order_by("viewing_id", "place"):
        found.setdefault(row.viewing_id, []).append(guest_view(row))
    return found


def guest_commitment(salt: bytes, number: str, guest: GuestView) -> str:
    """What the ledger holds of who a guest of a viewing was: nothing can be learnt from it without salt and text."""
    told = {"number": number, "place": guest.place, "name": guest.name, "function": guest.function}
    told |= {"reason": guest.reason}
    return commitment_of(salt, canonical_json(told)).hex()


def guest_view(row: Guest) -> GuestView:
    """The row as it is handed out."""
    return GuestView(row.place, row.name, row.function, row.reason, row.entered_at)


def asked_view(row: SecondAsked) -> AskedView:
    """The row as it is handed out."""
    return AskedView(
        id=row.pk,
        person_id=row.person_id,
        source_id=row.source_id,
        item=row.item,
        start=row.start,
        end=row.end,
        position=row.position,
        purpose=row.purpose,
        case=row.case,
        session=row.session,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        second_id=row.second_id,
        answered_at=row.answered_at,
        agreed=row.agreed,
        used_at=row.used_at,
    )
