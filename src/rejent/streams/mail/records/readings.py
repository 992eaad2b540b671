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
from rejent.streams.mail.messages.workspace import MessageName
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
        one.source_ids.issuperset(viewing.source_ids)
        and whole.start <= viewing.start
        and viewing.end <= whole.end
        and one.agreed_at is not None
        and one.agreed_at <= at
        and (one.ended_at is None or at < one.ended_at)
        and civil_date(at) <= one.expires_on
    )


def leave_message(viewing: ViewingView, name: MessageName, *, clock: Clock, actor: str) -> None:
    """Show a message to nobody any more; entered, so that whoever watches over the viewings sees it."""
    with transaction.atomic():
        at, source_id = name
        if matching(LeftMessage.objects.filter(source=source_id, at=at)):
            return
        row = LeftMessage(source_id=source_id, at=at, left_at=clock.now())
        row.save()
        record = {"viewing": viewing.number, "source": source_id, "at": at.isoformat()}
        subject = f"source:{source_id}"
        enter(MESSAGE_LEFT, actor=actor, subject=subject, record=record, at=row.left_at, row=row)


def left_messages(viewing: ViewingView) -> set[MessageName]:
    """Return the messages of a viewing's journals and time that nobody is shown.

    Raises LedgerMismatchError: a row of one was altered or taken away, so that nobody says which these are.
    """
    return _within(_left.get("", _read_left), viewing)


def release_messages(
    viewing: ViewingView, names: Collection[MessageName], keys: Mapping[str, int], *, clock: Clock, actor: str
) -> None:
    """Let messages that were set aside be read among the others, on the word of the holders of these keys of both roles; entered."""
    with transaction.atomic():
        for at, source_id in sorted(names):
            if matching(ReleasedMessage.objects.filter(source=source_id, at=at)):
                continue
            row = ReleasedMessage(source_id=source_id, at=at, released_at=clock.now())
            row.save()
            record = {"viewing": viewing.number, "source": source_id, "at": at.isoformat(), **keys}
            subject = f"source:{source_id}"
            enter(MESSAGE_RELEASED, actor=actor, subject=subject, record=record, at=row.released_at, row=row)


def released_messages(viewing: ViewingView) -> set[MessageName]:
    """Return the messages of a viewing's journals and time that were set aside and are read among the others.

    One whose row or entry is not as it was entered stays set aside.
    """
    return _within(_released.get("", _read_released), viewing)


_Names = frozenset[MessageName]
_left = VerifiedOnce[_Names](LeftMessage)
_released = VerifiedOnce[_Names](ReleasedMessage)


def _within(names: _Names, viewing: ViewingView) -> set[MessageName]:
    return {
        name
        for name in names
        if name.source_id in viewing.source_ids and viewing.start <= name.at < viewing.end
    }


def _read_released() -> _Names:
    return frozenset(MessageName(row.at, row.source_id) for row in matching(ReleasedMessage.objects.all()))


def _read_left() -> _Names:
    require_complete(LeftMessage)
    rows = list(LeftMessage.objects.all())
    kept = matching_or_erased(rows)
    if altered := {thing_of(row) for row in rows} - {thing_of(row) for row in kept}:
        raise mismatch(min(altered))
    return frozenset(MessageName(row.at, row.source_id) for row in rows)
