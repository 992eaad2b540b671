"""Each day's count of a journal: what was acknowledged against what is kept, and against the mail server's log."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F

from rejent.catalog import queries as catalog
from rejent.catalog import services as catalog_services
from rejent.kernel.clock import Clock, civil_date, local_midnight
from rejent.kernel.findings import Finding
from rejent.kernel.views import view_of
from rejent.registers.guard.checks import guarded_rows
from rejent.registers.guard.rows import verified
from rejent.registers.services import enter
from rejent.retention.stream_parts import Chore, When
from rejent.streams.mail.models import DayCount
from rejent.streams.mail.receiving.causes import MailCause
from rejent.streams.mail.records.acts import MAIL_COUNTED, MAIL_LOG_DIFFERS
from rejent.streams.mail.records.exempt_groups import refresh_groups
from rejent.streams.mail.records.imports import missing_imported

SETTLED_AFTER = timedelta(hours=1)
"""Time after a day's end until it is entered: bookings of its last messages may wait for the database."""


NUMBERS = ("acknowledged", "private", "exempt", "refused", "checked", "unchecked", "failed", "rechecked")
"""What is counted of a day's messages, besides the threats that were found in them."""


def count(source_id: str, day: date, counted: Counter[str]) -> None:
    """Add to a day's count, by `NUMBERS` and names of threats; a day that is entered already takes nothing more."""
    row, _ = DayCount.objects.get_or_create(source_id=source_id, day=day)
    waiting = DayCount.objects.filter(pk=row.pk, kept__isnull=True)
    waiting.update(**{name: F(name) + counted[name] for name in NUMBERS})
    if threats := Counter({name: times for name, times in counted.items() if name not in NUMBERS}):
        with transaction.atomic():
            for found in waiting.select_for_update():
                found.threats = dict(Counter(found.threats) + threats)
                waiting.update(threats=found.threats)


@dataclass(frozen=True, slots=True)
class DayView:
    """A day's count; ``kept`` are the messages in the objects of that day, by the catalogue."""

    source_id: str
    day: date
    acknowledged: int
    private: int
    exempt: int
    refused: int
    kept: int
    checked: int = 0
    unchecked: int = 0
    failed: int = 0
    rechecked: int = 0
    threats: Mapping[str, int] = field(default_factory=dict)
    delivered: int | None = None
    unaccounted: int | None = None

    @property
    def missing(self) -> int:
        """Return how many messages were acknowledged that are neither kept nor private nor exempt."""
        return max(self.acknowledged - self.private - self.exempt - self.kept, 0)

    @property
    def forgotten(self) -> int:
        """Return how many messages are kept and were not counted as acknowledged, as a killed process leaves them."""
        return max(self.kept + self.private + self.exempt - self.acknowledged, 0)


def days(source_id: str, since: date) -> list[DayView]:
    """Return the counts of a journal from a day on, the newest first."""
    return [_view(row) for row in DayCount.objects.filter(source=source_id, day__gte=since).order_by("-day")]


def since(first: date) -> list[DayView]:
    """Return the counts of every journal from a day on; what is kept of a day that goes on is not looked for."""
    return [_view(row, counted=False) for row in DayCount.objects.filter(day__gte=first)]


def enter_ended_days(*, clock: Clock) -> int:
    """Enter the counts of days that are over; return how many."""
    today = civil_date(clock.now() - SETTLED_AFTER)
    waiting = DayCount.objects.filter(kept__isnull=True, day__lt=today).values_list("pk", flat=True)
    for number in list(waiting):
        with transaction.atomic():
            row = verified(DayCount.objects.select_for_update().get(pk=number))
            counted = _view(row)
            row.kept = counted.kept
            row.save()
            record = {
                "source": row.source_id,
                "day": row.day.isoformat(),
                "acknowledged": row.acknowledged,
                "kept": counted.kept,
                "private": row.private,
                "exempt": row.exempt,
                "refused": row.refused,
                "checked": row.checked,
                "unchecked": row.unchecked,
                "failed": row.failed,
                "rechecked": row.rechecked,
                "threats": [f"{name}: {number}" for name, number in sorted(row.threats.items())],
            }
            subject = f"source:{row.source_id}"
            enter(MAIL_COUNTED, actor="", subject=subject, record=record, at=clock.now(), row=row)
    return len(waiting)


def _view(row: DayCount, *, counted: bool = True) -> DayView:
    kept = row.kept if row.kept is not None else kept_of(row.source_id, row.day) if counted else 0
    return view_of(DayView, row, kept=kept)


def received(source_id: str, day: date) -> int:
    """Return how many messages of a day are accounted for: acknowledged, or there with what was left out of it.

    A killed process forgets counts, and never a message; what is booked after the day was entered counts too.
    """
    row = DayCount.objects.filter(source=source_id, day=day).first() or DayCount()
    return max(row.acknowledged, kept_of(source_id, day) + row.private + row.exempt)


def kept_of(source_id: str, day: date) -> int:
    """Count the messages of a day's objects, destroyed ones too."""
    first, end = local_midnight(day), local_midnight(day + timedelta(days=1))
    found = catalog.segments(source_id, first, end, destroyed=True)
    return sum(segment.units for segment in found if segment.day == day)


def _missing(_at: datetime) -> Iterator[Finding]:
    for row in DayCount.objects.filter(kept__isnull=False).order_by("source", "day").iterator():
        if missing := _view(row).missing:
            template = "{count} messages of journal {source} were acknowledged on {day} and are not kept."
            facts = {"count": missing, "source": row.source_id, "day": row.day.isoformat()}
            yield Finding("catalog", "mail.missing", template, facts)


CHECKS = {
    "mail-rows-against-ledger": lambda _: guarded_rows("mail"),
    "mail-missing": _missing,
    "mail-imported": missing_imported,
}


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


CHORES = (
    Chore("mail counts", When.AFTER, lambda keeping, _: enter_ended_days(clock=keeping.clock)),
    Chore("mail groups", When.AFTER, lambda keeping, _: refresh_groups(clock=keeping.clock)),
)
