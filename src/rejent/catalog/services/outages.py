"""Outages of recording enter themselves in the log of faults: each gap once, and closed when the gap is."""

from datetime import timedelta

from django.db.models import F, Q

from rejent.catalog.coverage import SWITCHED_OFF
from rejent.catalog.models import Gap
from rejent.kernel.clock import Clock
from rejent.office import services as office
from rejent.office.people import maintenance
from rejent.registers.guard.rows import matching

LEAST = timedelta(minutes=5)
"""From which on a gap is an outage that stands in the log."""
LOOK_BACK = timedelta(days=31)
"""Gaps that ended longer ago were entered while the program ran, or are left to the list of gaps."""
NO_FAULT = frozenset({SWITCHED_OFF, "day-change", "clock-set"})
"""Causes of gaps that are no fault."""
_AT_ONCE = 200


def enter_outages(*, clock: Clock) -> int:
    """Open a fault for each gap that is an outage and has none; close those whose gap ended or went; return how many changed.

    A gap keeps its number whatever becomes of it, so that nothing is entered twice, whenever the program starts again.
    """
    entered, now, changed = maintenance.outages_entered(), clock.now(), 0
    lately = Q(end__isnull=True) | Q(end__gte=now - LOOK_BACK)
    rows = Gap.objects.filter(lately, start__lte=now - LEAST).exclude(cause__in=NO_FAULT)
    unknown = [
        number
        for number, start, end in rows.order_by("pk").values_list("pk", "start", "end")
        if number not in entered and (end or now) - start >= LEAST
    ]
    for gap in matching(
        Gap.objects.filter(pk__in=unknown[:_AT_ONCE]).select_related("source").order_by("pk")
    ):
        said = f"{gap.cause}: {gap.start.isoformat(timespec='seconds')}"
        office.open_fault(
            description=said,
            source=gap.source_id,
            stream=gap.source.stream,
            clock=clock,
            actor="",
            outage=gap.pk,
        )
        changed += 1
    return changed + _close_ended(clock)


def _close_ended(clock: Clock) -> int:
    standing = {number: one for number, one in maintenance.outages_entered().items() if one.closed_at is None}
    ends = dict(Gap.objects.filter(pk__in=standing).values_list("pk", F("end")))
    over = [number for number in standing if number not in ends or ends[number] is not None]
    for number in over:
        end = ends.get(number)
        outcome = f"{end.isoformat(timespec='seconds')}" if end else "–"
        office.close_fault(standing[number].number, outcome=outcome, clock=clock, actor="")
    return len(over)
