"""Differences between the mail server's log and a day's count: entered on somebody's word, once, as a gap of that day."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.db import transaction

from rejent.catalog import queries as catalog
from rejent.catalog import services as catalog_services
from rejent.kernel.clock import Clock, civil_date, local_midnight
from rejent.registers.guard.rows import verified
from rejent.registers.services import enter
from rejent.streams.mail.models import DayCount
from rejent.streams.mail.receiving.causes import MailCause
from rejent.streams.mail.records.acts import MAIL_LOG_DIFFERS
from rejent.streams.mail.records.counts import SETTLED_AFTER, enter_ended_days

_DAY = timedelta(days=1)


def enter_differences(
    source_id: str,
    delivered: Mapping[date, int],
    unaccounted: Mapping[date, int],
    *,
    clock: Clock,
    actor: str,
) -> list[date]:
    """Enter of each day that is over, and of which nothing was entered yet, how many deliveries are not accounted for.

    A gap covers as much of the day as no other gap does: at which time of it the messages were lost is not known.
    """
    over, added = civil_date(clock.now() - SETTLED_AFTER), civil_date(catalog.source(source_id).added_at)
    days = sorted(day for day, count in unaccounted.items() if count and added <= day < over)
    for day in days:
        DayCount.objects.get_or_create(source_id=source_id, day=day)
    enter_ended_days(clock=clock)
    return [
        day
        for day in days
        if _enter(source_id, day, delivered[day], unaccounted[day], clock=clock, actor=actor)
    ]


def _enter(source_id: str, day: date, delivered: int, unaccounted: int, *, clock: Clock, actor: str) -> bool:
    with transaction.atomic():
        row = verified(DayCount.objects.select_for_update().get(source=source_id, day=day))
        if row.delivered is not None:
            return False
        row.delivered, row.unaccounted = delivered, unaccounted
        row.save()
        record = {
            "source": source_id,
            "day": day.isoformat(),
            "delivered": delivered,
            "unaccounted": unaccounted,
        }
        subject = f"source:{source_id}"
        enter(MAIL_LOG_DIFFERS, actor=actor, subject=subject, record=record, at=clock.now(), row=row)
        start, end = local_midnight(day), local_midnight(day + _DAY)
        catalog_services.book_past_gap(source_id, start, end, MailCause.LOG_DIFFERS.value, clock=clock)
    return True
