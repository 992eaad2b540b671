"""Looking at live pictures; that it happens is entered too."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from rejent.access import queries
from rejent.access.acts import LIVE_STARTED, LIVE_STOPPED
from rejent.access.errors import NoSuchViewingError
from rejent.access.models import LiveWatch
from rejent.access.rules.decision import SeeingAct
from rejent.access.rules.question import require_regulation_entered
from rejent.access.services.viewings import entered_refusal
from rejent.devices.views import UNLISTED, ClientStation
from rejent.kernel.clock import Clock
from rejent.office.views import PersonView
from rejent.registers.guard.rows import verified
from rejent.registers.services import enter


def watch_live(
    person: PersonView,
    source_ids: Iterable[str],
    session: str,
    *,
    clock: Clock,
    client_station: ClientStation = UNLISTED,
) -> UUID:
    """Enter that a person begins to look at these sources, and where, before the first picture is sent; return what `stop_live` takes.

    Raises NoSuchSourceError, AccessRefusedError, RegulationEditedError.
    """
    require_regulation_entered()
    wanted = sorted(set(source_ids))
    for source_id in wanted:
        decision = queries.may(person, SeeingAct.LIVE, source_id, clock=clock)
        if not decision.allowed:
            raise entered_refusal(person, SeeingAct.LIVE, source_id, decision, clock)
    with transaction.atomic():
        row = LiveWatch.objects.create(
            person_id=person.id, sources=wanted, session=session, started_at=clock.now()
        )
        enter(
            LIVE_STARTED,
            actor=str(person.id),
            subject=f"person:{person.id}",
            record={**_record(row), "station": client_station.station or None},
            at=row.started_at,
            row=row,
        )
    return row.pk


def stop_live(watch_id: UUID | str, *, clock: Clock) -> None:
    """Enter that somebody stopped looking; once stopped it stays so. Raises NoSuchViewingError."""
    with transaction.atomic():
        row = LiveWatch.objects.select_for_update(no_key=True).filter(pk=watch_id).first()
        if row is None:
            raise NoSuchViewingError("There is no such watching.")
        if row.stopped_at is not None:
            return
        row, now = verified(row), clock.now()
        row.stopped_at = now
        row.save(update_fields=["stopped_at"])
        enter(
            LIVE_STOPPED,
            actor=str(row.person_id),
            subject=f"person:{row.person_id}",
            record=_record(row),
            at=now,
            row=row,
        )


def _record(row: LiveWatch) -> dict[str, object]:
    return {
        "watch": str(row.pk),
        "person": str(row.person_id),
        "count": len(row.sources),
        "sources": row.sources,
    }
