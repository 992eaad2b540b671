"""Numbers of evidence that outlast their day."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q

from rejent.kernel.findings import Finding
from rejent.streams.calls.catalog.models import CallNotice

_SUBJECT = "catalog"
FORGOTTEN_AFTER = timedelta(days=1)
"""After so long no call is found any more for what was heard, and its numbers go."""
AHEAD = timedelta(hours=1)
"""So far ahead of ours the clock of an exchange may be; what is said to be heard later than that finds no call."""
_LEEWAY = timedelta(hours=1)
"""The keeper may have been off."""
_KEPT = "The database still holds the numbers of {thing}, which was not heard within the last day."


def numbers_of_notices(now: datetime) -> Iterator[Finding]:
    """Yield evidence that still holds numbers though they should have gone, or will not go for long."""
    overdue = CallNotice.objects.filter(call__isnull=True).exclude(within(now, _LEEWAY))
    for pk in overdue.order_by("pk").values_list("pk", flat=True):
        yield Finding(_SUBJECT, f"{_SUBJECT}.numbers-kept", _KEPT, {"thing": f"callnotice:{pk}"})


def within(now: datetime, leeway: timedelta = timedelta()) -> Q:
    """Return the condition that evidence was heard within the last day, and may still wait."""
    return Q(start__range=(now - FORGOTTEN_AFTER - leeway, now + AHEAD + leeway))
