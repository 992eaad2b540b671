"""Messages that turned out private while they were read."""

from datetime import datetime

from django.db import transaction

from rejent.access.views import ViewingView
from rejent.kernel.clock import Clock
from rejent.registers.guard.rows import matching_or_erased
from rejent.registers.services import enter
from rejent.streams.mail.models import LeftMessage
from rejent.streams.mail.records.acts import MESSAGE_LEFT


def leave_message(viewing: ViewingView, at: datetime, *, clock: Clock, actor: str) -> None:
    """Show a message to nobody any more; entered, so that whoever watches over the viewings sees it."""
    with transaction.atomic():
        if LeftMessage.objects.filter(source=viewing.source_id, at=at).exists():
            return
        row = LeftMessage(source_id=viewing.source_id, at=at, left_at=clock.now())
        row.save()
        record = {"viewing": viewing.number, "source": viewing.source_id, "at": at.isoformat()}
        subject = f"source:{viewing.source_id}"
        enter(MESSAGE_LEFT, actor=actor, subject=subject, record=record, at=row.left_at, row=row)


def left_messages(source_id: str, start: datetime, end: datetime) -> set[datetime]:
    """Return the instants of the messages of a journal that nobody is shown."""
    rows = LeftMessage.objects.filter(source=source_id, at__gte=start, at__lt=end)
    return {row.at for row in matching_or_erased(rows)}
