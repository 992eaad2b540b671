"""Who read under an opening: their viewings, the copies in the clear that came of them, and messages left as private."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from rejent.access import queries as access
from rejent.access.views import ViewingView
from rejent.cases.copies import queries as copies
from rejent.kernel.clock import Clock, civil_date
from rejent.registers import queries as registers
from rejent.registers.guard.memory import VerifiedOnce
from rejent.registers.guard.model import thing_of
from rejent.registers.guard.rows import matching, matching_or_erased, mismatch, require_complete
from rejent.registers.services import enter
from rejent.streams.mail.models import LeftMessage, ReleasedMessage
from rejent.streams.mail.records.acts import MESSAGE_COPIED, MESSAGE_LEFT, MESSAGE_RELEASED
from rejent.streams.mail.records.openings import OpeningView


@dataclass(frozen=True, slots=True)
class CopiedMessages:
    """A copy of messages that a viewing chose."""

    number: str
    at: datetime
    viewing: str
    messages: int


def readings_of(one: OpeningView) -> list[ViewingView]:
    """Return the viewings that were opened while an opening was in force and within what it covers, the newest first."""
    return [viewing for viewing in access.viewings(case=one.case) if _covers(one, viewing)]


def copied_in(case: str) -> list[CopiedMessages]:
    """Return the copies of messages in the clear that were made in a case's viewings, the oldest first."""
    return [
        CopiedMessages(copy.number, copy.made_at, viewing, copy.chosen)
        for copy in copies.of_case(case)
        if copy.chosen and copy.made_at is not None
        for viewing in _viewings_of(copy.id.hex)
    ]


def _viewings_of(copy_id: str) -> list[str]:
    acts = registers.acts(names=(MESSAGE_COPIED.name,), subject=f"copy:{copy_id}", limit=1).acts
    return [str(act.facts["viewing"]) for act in acts if act.facts]


def _covers(one: OpeningView, viewing: ViewingView) -> bool:
    whole, at = one.scope.interval, viewing.opened_at
    return (
        viewing.source_id in one.source_ids
        and whole.start <= viewing.start
        and viewing.end <= whole.end
        and one.agreed_at is not None
        and one.agreed_at <= at
        and (one.ended_at is None or at < one.ended_at)
        and civil_date(at) <= one.expires_on
    )


def leave_message(viewing: ViewingView, at: datetime, *, clock: Clock, actor: str) -> None:
    """Show a message to nobody any more; entered, so that whoever watches over the viewings sees it."""
    with transaction.atomic():
        if matching(LeftMessage.objects.filter(source=viewing.source_id, at=at)):
            return
        row = LeftMessage(source_id=viewing.source_id, at=at, left_at=clock.now())
        row.save()
        record = {"viewing": viewing.number, "source": viewing.source_id, "at": at.isoformat()}
        subject = f"source:{viewing.source_id}"
        enter(MESSAGE_LEFT, actor=actor, subject=subject, record=record, at=row.left_at, row=row)


def left_messages(source_id: str, start: datetime, end: datetime) -> set[datetime]:
    """Return the instants of the messages of a journal that nobody is shown.

    Raises LedgerMismatchError: a row of one was altered or taken away, so that nobody says which these are.
    """
    return _within(_left.get("", _read_left), source_id, start, end)


def release_messages(
    viewing: ViewingView, instants: Collection[datetime], keys: Mapping[str, int], *, clock: Clock, actor: str
) -> None:
    """Let messages that were set aside be read among the others, on the word of the holders of these keys of both roles; entered."""
    with transaction.atomic():
        for at in sorted(instants):
            if matching(ReleasedMessage.objects.filter(source=viewing.source_id, at=at)):
                continue
            row = ReleasedMessage(source_id=viewing.source_id, at=at, released_at=clock.now())
            row.save()
            record = {"viewing": viewing.number, "source": viewing.source_id, "at": at.isoformat(), **keys}
            subject = f"source:{viewing.source_id}"
            enter(MESSAGE_RELEASED, actor=actor, subject=subject, record=record, at=row.released_at, row=row)


def released_messages(source_id: str, start: datetime, end: datetime) -> set[datetime]:
    """Return the instants of the messages of a journal that were set aside and are read among the others.

    One whose row or entry is not as it was entered stays set aside.
    """
    return _within(_released.get("", _read_released), source_id, start, end)


_Places = frozenset[tuple[str, datetime]]
_left = VerifiedOnce[_Places](LeftMessage)
_released = VerifiedOnce[_Places](ReleasedMessage)


def _within(places: _Places, source_id: str, start: datetime, end: datetime) -> set[datetime]:
    return {at for source, at in places if source == source_id and start <= at < end}


def _read_released() -> _Places:
    return frozenset((row.source_id, row.at) for row in matching(ReleasedMessage.objects.all()))


def _read_left() -> _Places:
    require_complete(LeftMessage)
    rows = list(LeftMessage.objects.all())
    kept = matching_or_erased(rows)
    if altered := {thing_of(row) for row in rows} - {thing_of(row) for row in kept}:
        raise mismatch(min(altered))
    return frozenset((row.source_id, row.at) for row in rows)
