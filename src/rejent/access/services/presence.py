"""Asking second persons, answering, and entering guests (R-ACC-5).

Who asks states everything that opening needs; whoever may see the recording answers from their own session; then the
one who asked opens it, while the answer is fresh. One answer opens one viewing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

from django.db import transaction

from rejent.access import queries
from rejent.access.acts import GUEST_ENTERED, SECOND_ANSWERED, SECOND_ASKED, SECOND_USED
from rejent.access.errors import AnswerRefusedError, ViewingRefusedError
from rejent.access.models import Guest, SecondAsked, Viewing
from rejent.access.presence import queries as presence_queries
from rejent.access.presence.queries import AGREED, guest_commitment, guest_view
from rejent.access.rules.decision import SeeingAct, Statement
from rejent.access.services.viewings import entered_refusal, open_viewing, require_openable
from rejent.access.views import GuestView, SecondRequestView, ViewingView
from rejent.devices.views import UNLISTED, ClientStation
from rejent.kernel.clock import Clock
from rejent.kernel.plain_text import is_plain
from rejent.kernel.views import view_of
from rejent.ledger.commitment import new_salts
from rejent.office import queries as office
from rejent.office.views import PersonView
from rejent.registers.guard.rows import matching, verified
from rejent.registers.services import enter

WAITS = timedelta(minutes=10)
"""Time from the request in which a second person may answer and the answer be used."""

_KEPT = timedelta(days=1)
"""Time after which the rows of requests go; the ledger keeps them."""

MOST_GUESTS = 20
"""People without an authorisation at one viewing."""

_LONGEST = {"name": 120, "function": 120, "reason": 300}


def ask_second(
    *,
    person: PersonView,
    source_id: str,
    interval: tuple[datetime, datetime],
    position: datetime,
    statement: Statement,
    session: str,
    clock: Clock,
    client_station: ClientStation = UNLISTED,
    item: str = "",
    further: Sequence[str] = (),
) -> SecondRequestView:
    """Ask for a second person to agree to a viewing, of ``further`` sources too as far as the person may see them; what the person asked before lapses.

    Raises NoSuchSourceError, ViewingRefusedError, AccessRefusedError.
    """
    first, *others = require_openable(
        person, source_id, interval, statement, client_station, clock=clock, item=item, further=further
    )
    now = clock.now()
    row = SecondAsked(
        id=uuid4(),
        person_id=person.id,
        source_id=first,
        further=others,
        item=item,
        start=interval[0],
        end=interval[1],
        position=position,
        purpose=statement.purpose.strip(),
        case=statement.case.strip(),
        session=session,
        asked_at=now,
        expires_at=now + WAITS,
    )
    with transaction.atomic():
        earlier = SecondAsked.objects.filter(person_id=person.id, used_at__isnull=True, expires_at__gt=now)
        earlier.update(expires_at=now)
        SecondAsked.objects.filter(expires_at__lt=now - _KEPT).delete()
        row.save(force_insert=True)
        _enter_asked(row)
    return view_of(SecondRequestView, row)


def _enter_asked(row: SecondAsked) -> None:
    record = {
        "person": str(row.person_id),
        "source": row.source_id,
        **({"sources": list(row.source_ids)} if row.further else {}),
        "item": row.item or None,
        "start": row.start.isoformat(),
        "end": row.end.isoformat(),
        "purpose": row.purpose,
        "case": row.case,
        "until": row.expires_at.isoformat(),
    }
    subject = f"source:{row.source_id}"
    enter(SECOND_ASKED, actor=str(row.person_id), subject=subject, record=record, at=row.asked_at, row=row)


def answer_second(
    request_id: UUID | str, *, second: PersonView, session: str, agrees: bool, clock: Clock
) -> SecondRequestView:
    """Agree to somebody's viewing as the second person, or decline.

    Raises NoSuchViewingError, AccessRefusedError, AnswerRefusedError.
    """
    request = presence_queries.second_person_request(request_id)
    refused = presence_queries.answer_refused(request, second, session, clock=clock)
    if refused is not None:
        raise entered_refusal(second, SeeingAct.RECORDINGS, request.source_id, refused, clock)
    now = clock.now()
    with transaction.atomic():
        waiting = SecondAsked.objects.select_for_update(no_key=True).filter(
            pk=request.id, answered_at__isnull=True, expires_at__gt=now
        )
        row = waiting.first()
        if row is None:
            raise AnswerRefusedError(
                "This was answered before, or its time is over.", advice="Whoever asked can ask anew."
            )
        row = verified(row)
        row.second_id, row.answered_at, row.agreed = second.id, now, agrees
        row.save(update_fields=["second_id", "answered_at", "agreed"])
        record = presence_queries.answer_facts(request, second.id) | {
            "answer": AGREED if agrees else "declined"
        }
        subject = f"source:{request.source_id}"
        enter(SECOND_ANSWERED, actor=str(second.id), subject=subject, record=record, at=now, row=row)
    return presence_queries.second_person_request(request.id)


def open_agreed(
    request_id: UUID | str,
    *,
    person: PersonView,
    session: str,
    clock: Clock,
    client_station: ClientStation = UNLISTED,
) -> ViewingView:
    """Open the viewing that a second person agreed to; everything is asked again, and the answer is used up.

    Raises NoSuchViewingError, AnswerRefusedError, AccessRefusedError.
    """
    request = presence_queries.own_request(request_id, person, session)
    used = request.used_at is not None
    if used or request.second_id is None or not presence_queries.is_agreed(request, clock.now() - WAITS):
        raise _nobody_agreed()
    return open_viewing(
        person=person,
        source_id=request.source_id,
        start=request.start,
        end=request.end,
        purpose=request.purpose,
        case=request.case,
        session=session,
        clock=clock,
        client_station=client_station,
        acknowledged=True,
        second=office.person(request.second_id),
        item=request.item,
        further=request.source_ids[1:],
        entered_with=partial(_use, request.id, clock),
    )


def _use(request_id: UUID, clock: Clock, number: str) -> None:
    """Use up an agreement for the viewing of a number. Raises `AnswerRefusedError` if it was used, or its time is over."""
    now = clock.now()
    unused = SecondAsked.objects.select_for_update(no_key=True).filter(
        pk=request_id, used_at__isnull=True, expires_at__gt=now, asked_at__gt=now - WAITS
    )
    row = next(iter(matching(unused)), None)
    if row is None:
        raise _nobody_agreed()
    row.used_at = now
    row.save(update_fields=["used_at"])
    record = {"number": number, "second": str(row.second_id), "asked": str(row.pk)}
    subject = f"source:{row.source_id}"
    enter(SECOND_USED, actor=str(row.person_id), subject=subject, record=record, at=now, row=row)


def _nobody_agreed() -> AnswerRefusedError:
    return AnswerRefusedError(
        "Nobody has agreed to this viewing, or the time is over.", advice="Ask anew from the search page."
    )


def enter_guest(
    viewing_id: UUID | str,
    *,
    person: PersonView,
    session: str,
    name: str,
    function: str,
    reason: str,
    clock: Clock,
    client_station: ClientStation = UNLISTED,
) -> GuestView:
    """Enter that somebody without an authorisation sees an open viewing beside the person whose it is.

    Who it is stays beside the ledger, which holds a salted commitment to it. Raises NoSuchViewingError,
    ViewingRefusedError, AccessRefusedError.
    """
    opened = queries.open_viewing_for(viewing_id, person, session, clock=clock, client_station=client_station)
    texts = {"name": name, "function": function, "reason": reason}
    kept = {part: _plain(part, text) for part, text in texts.items()}
    with transaction.atomic():
        row = Viewing.objects.select_for_update(no_key=True).get(pk=opened.id)
        if row.guests >= MOST_GUESTS:
            raise ViewingRefusedError("A viewing has at most {most} guests.", most=MOST_GUESTS)
        row.guests += 1
        decision, _ = queries.may_go_on(row, clock, client_station)
        guest = Guest(viewing=row, place=row.guests, salt=new_salts(1)[0], entered_at=clock.now(), **kept)
        if decision.allowed:
            _enter_guest(row, guest)
    if not decision.allowed:
        raise entered_refusal(person, SeeingAct.RECORDINGS, opened.source_id, decision, clock)
    return guest_view(guest)


def _enter_guest(row: Viewing, guest: Guest) -> None:
    guest.save(force_insert=True)
    Viewing.objects.filter(pk=row.pk).update(guests=row.guests)
    person = str(row.person_id)
    digest = guest_commitment(bytes(guest.salt), row.number, guest_view(guest))
    record = {"number": row.number, "person": person, "guest": guest.place, "digest": digest}
    subject = f"source:{row.source_id}"
    enter(GUEST_ENTERED, actor=person, subject=subject, record=record, at=guest.entered_at, row=guest)


def _plain(part: str, text: str) -> str:
    kept = text.strip()
    if not kept:
        raise ViewingRefusedError("A guest is entered with name, function and the reason for being there.")
    if len(kept) > _LONGEST[part] or not is_plain(kept):
        raise ViewingRefusedError(
            "What is entered of a guest has at most {longest} characters, none of them invisible.",
            longest=_LONGEST[part],
            advice="Type it anew.",
        )
    return kept
